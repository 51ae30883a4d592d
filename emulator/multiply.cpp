// L18: the exact product of all inputs.
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

class MultiplyLayer : public Layer {
public:
    MultiplyLayer(const LayerSetup& setup, int bits, int frac)
        : cast_(bits, frac, setup.node.result), count_(setup.shape().count()) {
        for (const FixedType& t : setup.input_types) formats_.push_back(t.format);
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            i128 product = raw_from_word(inputs[0][i], formats_[0]);
            for (std::size_t k = 1; k < formats_.size(); ++k) product *= raw_from_word(inputs[k][i], formats_[k]);
            store(out[i], cast_(product), events.result);
        }
    }

private:
    Caster cast_;
    std::int64_t count_;
    std::vector<Format> formats_{};
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Multiply& /*op*/) {
    int bits = 0, frac = 0;
    for (const FixedType& t : setup.input_types) {
        bits += signed_width(t.format);
        frac += t.format.frac();
    }
    setup.require_exact(bits);
    return std::make_unique<MultiplyLayer>(setup, bits, frac);
}

}  // namespace bittrue::emulator
