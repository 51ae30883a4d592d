// L24: integers to integers by a multiplier and a shift, of all channels or of each.
#include <cmath>

#include "requantizer.hpp"

namespace bittrue::emulator {
namespace {

class RequantizeLayer : public Layer {
public:
    RequantizeLayer(const LayerSetup& setup, const Requantize& op, const Tensor& multiplier, LayerParameters parameters)
        : Layer(std::move(parameters)),
          requantize_(op, setup.node.result),
          shifts_(op.shift),
          shape_(setup.shape()),
          count_(setup.shape().count()),
          format_(setup.format()) {
        for (const std::int64_t word : multiplier.words) multipliers_.push_back(raw_from_word(word, multiplier.format));
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) {
            const std::size_t c = multipliers_.size() == 1 ? 0 : static_cast<std::size_t>(shape_.channel_of(i));
            store(out[i], requantize_(raw_from_word(inputs[0][i], format_), multipliers_[c], shifts_[c]),
                  events.result);
        }
    }

private:
    Requantizer requantize_;
    std::vector<i128> multipliers_{};
    std::vector<int> shifts_;
    Shape shape_;
    std::int64_t count_;
    Format format_;
};

}  // namespace

Requantizer::Requantizer(const Requantize& op, const FixedType& to)
    : rule_(op.rule), to_(to), zero_point_(op.zero_point), first_(op.zero_point_first) {}

int Requantizer::bits(Format in, Format multiplier, int shift) const {
    const int product = signed_width(in) + signed_width(multiplier);
    switch (rule_) {
        case RequantizeRule::Exact: return product + std::max(0, -shift) + 1;
        case RequantizeRule::TfliteDouble: return product + std::max(0, 31 - shift) + 1;
        case RequantizeRule::Float32: return signed_width(in) + 24 + std::max(0, -shift) + 1;
    }
    return 0;
}

Converted Requantizer::operator()(i128 raw, i128 multiplier, int shift) const {
    switch (rule_) {
        case RequantizeRule::Exact: return exact(raw, multiplier, shift);
        case RequantizeRule::TfliteDouble: return doubling(raw, multiplier, shift);
        case RequantizeRule::Float32: return single(raw, multiplier, shift);
    }
    return {};
}

// The overflow rule of the result for a number with its zero point; `floored` is that of the number that was rounded.
Converted Requantizer::finish(const Rounded& rounded) const {
    Quantised<i128> result{rounded.value, {}};
    if (rounded.value > range_max(to_) || rounded.value < range_min(to_))
        result = overflow_exact(rounded.value, rounded.floored, to_);
    result.events.inexact = rounded.inexact;
    return {word_from_raw(result.raw), result.events};
}

Converted Requantizer::exact(i128 raw, i128 multiplier, int shift) const {
    const i128 product = raw * multiplier << std::max(0, -shift);
    if (first_) return finish(round_exact(product, shift, to_.rounding, zero_point_));
    Rounded r = round_exact(product, shift, to_.rounding);
    r.value += zero_point_;
    return finish(r);
}

Converted Requantizer::single(i128 raw, i128 multiplier, int shift) const {
    // Raws are words of at most 64 bits: one conversion, rounded once.
    const float x = raw < 0 ? static_cast<float>(static_cast<std::int64_t>(raw))
                            : static_cast<float>(static_cast<std::uint64_t>(raw));
    const float factor = std::ldexp(static_cast<float>(static_cast<std::int64_t>(multiplier)), -shift);
    const float product = x * factor;
    int exponent = 0;
    const float mantissa = std::frexp(product, &exponent);
    const auto digits = static_cast<std::int64_t>(std::ldexp(mantissa, 24));
    const int down = 24 - exponent;  // product = digits * 2^-down
    const i128 exact = product == 0 ? i128{0} : i128{digits} << std::max(0, -down);
    if (first_) return finish(round_exact(exact, down, to_.rounding, zero_point_));
    Rounded r = round_exact(exact, down, to_.rounding);
    r.value += zero_point_;
    return finish(r);
}

Converted Requantizer::doubling(i128 raw, i128 multiplier, int shift) const {
    const int left = std::max(31 - shift, 0), right = std::max(shift - 31, 0);
    const i128 product = raw * multiplier;
    const i128 half = i128{1} << 30;
    const i128 high = ((product << left) + (product >= 0 ? half : 1 - half)) / (i128{1} << 31);
    const Rounded exact = round_exact(product << std::max(0, -shift), shift, Rounding::Trn);
    return finish({.value = round_exact(high, right, Rounding::RndInf).value + zero_point_,
                   .floored = exact.floored,
                   .inexact = exact.inexact});
}

LayerPointer make_layer(const LayerSetup& setup, const Requantize& op) {
    LayerParameters parameters;
    const Tensor multiplier = parameters.cast(setup, "multiplier", op.multiplier);
    const Requantizer requantize(op, setup.node.result);
    for (const int shift : op.shift) setup.require_exact(requantize.bits(setup.format(), multiplier.format, shift));
    return std::make_unique<RequantizeLayer>(setup, op, multiplier, std::move(parameters));
}

}  // namespace bittrue::emulator
