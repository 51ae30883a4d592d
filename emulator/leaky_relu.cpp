// L8: negative words are multiplied by alpha.
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

class LeakyReluLayer : public Layer {
public:
    LeakyReluLayer(const LayerSetup& setup, const Tensor& alpha, LayerParameters parameters)
        : Layer(std::move(parameters)),
          cast_(setup.format(), setup.node.result),
          cast_product_(product_format(setup.format(), alpha.format), setup.node.result),
          alpha_(raw_from_word(alpha.words[0], alpha.format)),
          count_(setup.shape().count()),
          format_(setup.format()) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            const i128 raw = raw_from_word(inputs[0][i], format_);
            store(out[i], raw < 0 ? cast_product_(alpha_ * raw) : cast_(raw), events.result);
        }
    }

private:
    Caster cast_;
    Caster cast_product_;
    i128 alpha_;
    std::int64_t count_;
    Format format_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const LeakyRelu& op) {
    LayerParameters parameters;
    const Tensor alpha = parameters.cast(setup, "alpha", op.alpha);
    setup.require_exact(signed_width(product_format(setup.format(), alpha.format)));
    return std::make_unique<LeakyReluLayer>(setup, alpha, std::move(parameters));
}

}  // namespace bittrue::emulator
