#include <cmath>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "quantizer.hpp"

namespace bittrue::golden {
namespace {

bool saturates(Overflow overflow) {
    switch (overflow) {
        case Overflow::Wrap:
        case Overflow::WrapSm: return false;
        case Overflow::Sat:
        case Overflow::SatZero:
        case Overflow::SatSym: return true;
    }
    return false;
}

// Rule F3, and the lower end of SAT_SYM (O, D4).
Integer lowest(const FixedType& type) {
    if (!type.format.is_signed) return 0;
    const Integer half = power_of_two(type.format.width - 1);
    const bool keeps_lowest = type.format.width == 1 && type.dialect != Dialect::Sc;
    return type.overflow == Overflow::SatSym && !keeps_lowest ? Integer(1 - half) : Integer(-half);
}

Integer highest(const FixedType& type) {
    return power_of_two(type.format.is_signed ? type.format.width - 1 : type.format.width) - 1;
}

}  // namespace

Quantizer::Quantizer(const FixedType& type) : type_(type), low_(lowest(type)), high_(highest(type)) {}

Quantized Quantizer::operator()(const Dyadic& value) const {
    return ranged(round_at(value, frac(), type_.rounding));
}

Quantized Quantizer::ranged(const Rounded& rounded) const {
    Quantized result;
    result.events.inexact = rounded.inexact;
    result.events.above = rounded.value > high_;
    result.events.below = rounded.value < low_;
    result.events.saturated = result.events.overflow() && saturates(type_.overflow);
    result.raw = result.events.overflow() ? overflowed(rounded, type_, low_, high_) : rounded.value;
    return result;
}

// Rule Q9: a number beyond every range, with nothing but zeros in the bits that a word could keep.
Quantized Quantizer::infinity(bool negative) const {
    constexpr int kBeyondEveryFormat = 2048;
    return (*this)(Dyadic{.raw = negative ? -1 : 1, .frac = -kBeyondEveryFormat});
}

Quantized Quantizer::real(double value) const {
    return std::isinf(value) ? infinity(value < 0) : (*this)(dyadic_from_double(value));
}

Converted quantize(i128 raw, int frac, const FixedType& to) {
    const Quantized q = Quantizer(to)(Dyadic{.raw = integer_from_i128(raw), .frac = frac});
    return {.word = word_of_raw(q.raw), .events = q.events};
}

Converted quantize_real(double value, const FixedType& to) {
    if (std::isnan(value)) throw InputError("NaN has no fixed-point value; give a number or an infinity");
    const Quantized q = Quantizer(to).real(value);
    return {.word = word_of_raw(q.raw), .events = q.events};
}

}  // namespace bittrue::golden
