// L6, L7: words above zero pass, at most up to a limit.
#include <cmath>
#include <limits>

#include "bittrue/emulator/emulator.hpp"
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

class ReluLayer : public Layer {
public:
    explicit ReluLayer(const LayerSetup& setup)
        : cast_(setup.format(), setup.node.result), count_(setup.shape().count()), format_(setup.format()) {}

    // `limit` is finite and at least 0; x > limit exactly when its raw exceeds floor(limit * 2^frac).
    void clip(double limit, const FixedType& result) {
        at_limit_ = quantize_real(limit, result);
        const double scaled = std::floor(std::ldexp(limit, format_.frac()));
        if (scaled < std::ldexp(1.0, 100)) limit_ = static_cast<i128>(scaled);
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            const i128 raw = raw_from_word(inputs[0][i], format_);
            store(out[i], raw > limit_ ? at_limit_ : cast_(raw > 0 ? raw : i128{0}), events.result);
        }
    }

private:
    Caster cast_;
    std::int64_t count_;
    Format format_;
    i128 limit_ = i128{1} << 100;  // as a raw of the input; beyond every word: no limit
    Converted at_limit_{};
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Relu& /*op*/) {
    return std::make_unique<ReluLayer>(setup);
}

LayerPointer make_layer(const LayerSetup& setup, const ClippedRelu& op) {
    auto layer = std::make_unique<ReluLayer>(setup);
    layer->clip(op.max, setup.node.result);
    return layer;
}

}  // namespace bittrue::emulator
