// Quantisers that the model was trained with, and requantize (L24): rounding that belongs to the model.
#include <algorithm>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "reference/kernel.hpp"

namespace bittrue::explore::reference {

namespace {

// floor(u) and the rest in 0..1; both are exact.
struct Split {
    explicit Split(double u) : whole(std::floor(u)), rest(u - whole) {}
    [[nodiscard]] bool odd() const { return std::fmod(whole, 2) != 0; }
    [[nodiscard]] double nearest(bool tie_up) const {
        return rest > 0.5 || (rest == 0.5 && tie_up) ? whole + 1 : whole;
    }
    double whole, rest;
};

double rounded(double u, QuantizerRounding rounding) {
    const Split s(u);
    switch (rounding) {
        case QuantizerRounding::HalfEven: return s.nearest(s.odd());
        case QuantizerRounding::HalfUp: return s.nearest(u > 0);
        case QuantizerRounding::HalfDown: return s.nearest(u < 0);
        case QuantizerRounding::Up: return u < 0 ? s.whole : std::ceil(u);
        case QuantizerRounding::Down: return std::trunc(u);
        case QuantizerRounding::Ceil: return std::ceil(u);
        case QuantizerRounding::Floor: return s.whole;
    }
    return u;
}

double rounded(double u, Rounding rounding) {
    const Split s(u);
    switch (rounding) {
        case Rounding::Trn: return s.whole;
        case Rounding::TrnZero: return std::trunc(u);
        case Rounding::Rnd: return s.nearest(true);
        case Rounding::RndZero: return s.nearest(u < 0);
        case Rounding::RndMinInf: return s.nearest(false);
        case Rounding::RndInf: return s.nearest(u > 0);
        case Rounding::RndConv: return s.nearest(s.odd());
        case Rounding::RndConvOdd: return s.nearest(!s.odd());
    }
    return u;
}

constexpr double kFar = 0x1p62;  // beyond the ends of every integer that a result holds in practice

// L24 for one channel; `a` is the raw of the input.
class Requantizer {
public:
    Requantizer(const Requantize& op, const FixedType* result, int in_frac)
        : rule_(op.rule), zero_(op.zero_point), zero_first_(op.zero_point_first), in_frac_(in_frac) {
        if (result == nullptr) return;
        rounding_ = result->rounding;
        out_frac_ = result->format.frac();
        integers_ = *result;
        integers_->format.integer = result->format.width;
    }

    [[nodiscard]] double operator()(double x, std::int64_t multiplier, int shift) const {
        const double a = std::ldexp(x, in_frac_);
        const bool whole = std::fabs(a) < kFar && a == std::trunc(a);
        const i128 raw = overflowed(whole ? of_integer(static_cast<std::int64_t>(a), multiplier, shift)
                                          : of_real(a, multiplier, shift));
        return value_of(raw, out_frac_);
    }

private:
    [[nodiscard]] i128 of_integer(std::int64_t a, std::int64_t multiplier, int shift) const {
        const i128 product = i128{a} * multiplier;
        switch (rule_) {
            case RequantizeRule::Exact: {
                const bool inside = zero_first_ && shift > 0;
                return nearest(inside ? product + (i128{zero_} << shift) : product, shift) + (inside ? 0 : zero_);
            }
            case RequantizeRule::Float32: {
                const double factor = std::ldexp(static_cast<double>(multiplier), -shift);
                const double single = static_cast<double>(static_cast<float>(a));
                return placed(static_cast<double>(static_cast<float>(single * factor)));
            }
            case RequantizeRule::TfliteDouble: return tflite(a, product, multiplier, shift) + zero_;
        }
        return 0;
    }
    // A sum with weights that were not cast is no integer: the same in double.
    [[nodiscard]] i128 of_real(double a, std::int64_t multiplier, int shift) const {
        double u = std::ldexp(a * static_cast<double>(multiplier), -shift);
        if (rule_ == RequantizeRule::Float32) u = static_cast<double>(static_cast<float>(u));
        if (rule_ != RequantizeRule::TfliteDouble) return placed(u);
        return integer(rounded(u, Rounding::RndInf)) + zero_;
    }
    [[nodiscard]] i128 placed(double u) const {
        const auto zero = static_cast<double>(zero_);
        return zero_first_ ? integer(rounded(u + zero, rounding_)) : integer(rounded(u, rounding_)) + zero_;
    }
    [[nodiscard]] i128 nearest(i128 product, int shift) const {
        const FixedType wide{.format = {.width = 64, .integer = 64, .is_signed = true},
                             .rounding = rounding_,
                             .overflow = Overflow::Sat,
                             .dialect = rounding_ == Rounding::RndConvOdd ? Dialect::Ac : Dialect::Ap};
        return emulator::quantize(product, shift, wide).word;
    }
    [[nodiscard]] i128 tflite(std::int64_t a, i128 product, std::int64_t multiplier, int shift) const {
        const int left = std::max(31 - shift, 0), right = std::max(shift - 31, 0);
        const double size = std::ldexp(static_cast<double>(a) * static_cast<double>(multiplier), left - 31);
        if (std::fabs(size) >= kFar) return integer(size);
        const i128 scaled = product * (i128{1} << left);
        const i128 high = (scaled + (scaled >= 0 ? i128{1} << 30 : 1 - (i128{1} << 30))) / (i128{1} << 31);
        if (right == 0) return high;
        const i128 half = i128{1} << (right - 1);
        return high >= 0 ? (high + half) >> right : -((-high + half) >> right);
    }
    [[nodiscard]] static i128 integer(double whole) { return static_cast<i128>(std::clamp(whole, -kFar, kFar)); }
    [[nodiscard]] i128 overflowed(i128 raw) const {
        if (!integers_ || (raw >= range_min(*integers_) && raw <= range_max(*integers_))) return raw;
        return raw_from_word(emulator::quantize(raw, 0, *integers_).word, integers_->format);
    }

    RequantizeRule rule_;
    std::int64_t zero_;
    bool zero_first_;
    int in_frac_, out_frac_ = 0;
    Rounding rounding_ = Rounding::RndConv;
    std::optional<FixedType> integers_{};  // empty: the result has no ends
};

}  // namespace

// A cast is left out; a quantiser that the model was trained with is not.
KernelPtr make(const Quantize&, const LayerView& layer) {
    if (layer.quantizer == nullptr) return elementwise(layer, [](double x, std::size_t) { return x; });
    const FloatQuantizer& q = *layer.quantizer;
    return elementwise(layer, [q, scale = per_channel(q.scale, layer), zero = per_channel(q.zero_point, layer)](
                                  double x, std::size_t c) {
        if (q.bipolar) return ((x >= 0 ? 1.0 : -1.0) - zero[c]) * scale[c];
        double u = x / scale[c] + zero[c];
        if (q.truncate != 1) u = rounded(u, QuantizerRounding::HalfEven) / q.truncate;
        const double level = std::clamp(rounded(u, q.rounding), q.low, q.high);
        return (level - zero[c] / q.truncate) * (scale[c] * q.truncate);
    });
}

KernelPtr make(const Requantize& op, const LayerView& layer) {
    if (op.multiplier.raw.size() != op.shift.size())
        throw layer.error("it needs as many shifts as multipliers, and multipliers that are raw integers");
    const auto channels = static_cast<std::size_t>(layer.in().channels());
    const bool one = op.shift.size() == 1;
    if (!one && op.shift.size() != channels)
        throw layer.error("it needs one multiplier, or one for each channel of its input");
    std::vector<int> shifts(channels);
    std::vector<std::int64_t> multipliers(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        shifts[c] = op.shift[one ? 0 : c];
        multipliers[c] = op.multiplier.raw[one ? 0 : c];
    }
    const FixedType* in = layer.inputs.front().type;
    const Requantizer requantizer(op, layer.result, in != nullptr ? in->format.frac() : 0);
    return elementwise(layer, [requantizer, shifts = std::move(shifts), multipliers = std::move(multipliers)](
                                  double x, std::size_t c) { return requantizer(x, multipliers[c], shifts[c]); });
}

}  // namespace bittrue::explore::reference
