// L1, L10: every word by itself, in storage order.
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

class CastLayer : public Layer {
public:
    explicit CastLayer(const LayerSetup& setup)
        : cast_(setup.format(), setup.node.result), count_(setup.shape().count()) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) store(out[i], cast_.word(inputs[0][i]), events.result);
    }

private:
    Caster cast_;
    std::int64_t count_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Quantize& /*op*/) {
    return std::make_unique<CastLayer>(setup);
}
LayerPointer make_layer(const LayerSetup& setup, const Reshape& /*op*/) {
    return std::make_unique<CastLayer>(setup);
}

}  // namespace bittrue::emulator
