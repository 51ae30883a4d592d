// L17: a factor and an offset, of all channels or of each.
#include "affine.hpp"

namespace bittrue::emulator {
namespace {

class AffineLayer : public Layer {
public:
    AffineLayer(const LayerSetup& setup, AffineNumbers numbers, LayerParameters parameters)
        : Layer(std::move(parameters)),
          numbers_(std::move(numbers)),
          cast_(numbers_.bits, numbers_.frac, setup.node.result),
          shape_(setup.shape()),
          count_(setup.shape().count()),
          format_(setup.format()) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            const auto c = static_cast<std::size_t>(shape_.channel_of(i));
            const i128 factor = numbers_.factors[numbers_.factors.size() == 1 ? 0 : c];
            const i128 offset = numbers_.offsets[numbers_.offsets.size() == 1 ? 0 : c];
            store(out[i], cast_(factor * raw_from_word(inputs[0][i], format_) + offset), events.result);
        }
    }

private:
    AffineNumbers numbers_;
    Caster cast_;
    Shape shape_;
    std::int64_t count_;
    Format format_;
};

}  // namespace

AffineNumbers affine_numbers(Format in, const Tensor& scale, const Tensor* bias) {
    const Format product = product_format(in, scale.format);
    AffineNumbers numbers{.frac = bias == nullptr ? product.frac() : std::max(product.frac(), bias->format.frac())};
    numbers.bits = signed_width(product) + numbers.frac - product.frac();
    if (bias != nullptr) {
        numbers.bits = std::max(numbers.bits, signed_width(bias->format) + numbers.frac - bias->format.frac()) + 1;
    }
    if (numbers.bits > kExactBits) return numbers;
    for (const std::int64_t word : scale.words)
        numbers.factors.push_back(raw_from_word(word, scale.format) << (numbers.frac - product.frac()));
    if (bias == nullptr) numbers.offsets = {0};
    for (std::size_t i = 0; bias != nullptr && i < bias->words.size(); ++i) {
        numbers.offsets.push_back(raw_from_word(bias->words[i], bias->format) << (numbers.frac - bias->format.frac()));
    }
    return numbers;
}

LayerPointer make_layer(const LayerSetup& setup, const Affine& op) {
    LayerParameters parameters;
    const Tensor scale = parameters.cast(setup, "scale", op.scale);
    std::optional<Tensor> bias;
    if (op.bias) bias = parameters.cast(setup, "bias", *op.bias);
    AffineNumbers numbers = affine_numbers(setup.format(), scale, bias ? &*bias : nullptr);
    setup.require_exact(numbers.bits);
    return std::make_unique<AffineLayer>(setup, std::move(numbers), std::move(parameters));
}

}  // namespace bittrue::emulator
