#include "terms.hpp"

#include <algorithm>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "ordered.hpp"

namespace bittrue::explore {
namespace {

constexpr i128 kLimit = i128{1} << kMaxBits;

i128 floor_shift(i128 raw, int drop) {
    return raw >> std::min(drop, 127);
}

}  // namespace

i128 round_to_multiple(i128 raw, int drop, Rounding rounding) {
    if (drop <= 0) return raw;
    const i128 floor = raw >> drop;
    const i128 rest = raw - (floor << drop);
    const i128 half = i128{1} << (drop - 1);
    const auto up = [&] {
        switch (rounding) {
            case Rounding::Trn: return false;
            case Rounding::TrnZero: return rest != 0 && raw < 0;
            case Rounding::Rnd: return rest >= half;
            case Rounding::RndZero: return rest > half || (rest == half && raw < 0);
            case Rounding::RndMinInf: return rest > half;
            case Rounding::RndInf: return rest > half || (rest == half && raw > 0);
            case Rounding::RndConv: return rest > half || (rest == half && floor % 2 != 0);
            case Rounding::RndConvOdd: return rest > half || (rest == half && floor % 2 == 0);
        }
        return false;
    };
    return (up() ? floor + 1 : floor) << drop;
}

Scale::Scale(const AccumulatorSpec& spec, Format weight, Format input, std::optional<Format> bias)
    : exact_frac(weight.frac() + input.frac()),
      term_frac(spec.product ? spec.product->format.frac() : exact_frac),
      bias_frac(!bias            ? term_frac
                : spec.bias_cast ? spec.bias_cast->format.frac()
                                 : bias->frac()),
      acc_frac(spec.type.format.frac()),
      frac(std::max({term_frac, bias_frac, acc_frac})) {}

i128 Exact::raise(i128 raw, int up) const {
    if (raw == 0) return 0;
    if (up > kMaxBits || raw > (kLimit >> up) || raw < -(kLimit >> up)) fail();
    return raw * (i128{1} << up);
}

i128 Exact::plus(i128 a, i128 b) const {
    const i128 sum = a + b;  // of two numbers of kMaxBits
    if (sum > kLimit || sum < -kLimit) fail();
    return sum;
}

i128 Exact::times(i128 a, i128 b) const {
    i128 product = 0;
    if (__builtin_mul_overflow(a, b, &product) || product > kLimit || product < -kLimit) fail();
    return product;
}

void Exact::fail() const {
    throw InputError("layer '" + layer_ + "'", "its bounds need more than " + std::to_string(kMaxBits) +
                                                   " bits; narrow its formats or bring their fraction bits closer "
                                                   "together");
}

i128 round_to(const Exact& exact, i128 raw, int frac, const FixedType& type) {
    const int drop = frac - type.format.frac();
    if (drop <= 0) return exact.raise(raw, -drop);
    if (drop > kMaxBits) exact.fail();
    return round_to_multiple(raw, drop, type.rounding) >> drop;
}

i128 cast_product(const Exact& exact, const AccumulatorSpec& spec, const Scale& scale, i128 product) {
    return spec.product ? round_to(exact, product, scale.exact_frac, *spec.product) : product;
}

BiasRaw cast_bias(const Exact& exact, const AccumulatorSpec& spec, Format format, std::int64_t word) {
    const i128 raw = raw_from_word(word, format);
    if (!spec.bias_cast) return {.raw = raw};
    const Converted cast = emulator::quantize(raw, format.frac(), *spec.bias_cast);
    const bool fits = !cast.events.overflow();
    if (fits || !follows(spec.bias_cast, spec))
        return {.raw = raw_from_word(cast.word, spec.bias_cast->format), .fits = fits};
    return {.raw = round_to(exact, raw, format.frac(), *spec.bias_cast), .fits = false};
}

Extent outward(const Scale& scale, const Extent& x) {
    return {floor_shift(x.low, scale.drop()), -floor_shift(-x.high, scale.drop())};
}

}  // namespace bittrue::explore
