// Rules Q0-Q8: which of the two neighbours of u is taken, by their distances.
#include "quantizer.hpp"

namespace bittrue::golden {
namespace {

// u lies strictly between `lower` and lower + 1, `to_lower` and `to_upper` away from them in one unit: is the upper
// neighbour taken?
bool takes_upper(const Integer& lower, const Integer& to_lower, const Integer& to_upper, Rounding mode) {
    const bool negative = lower < 0;  // then u < 0, for u is no integer
    const bool upper_is_toward_zero = negative;
    const bool upper_is_even = lower % 2 != 0;
    const bool tie = to_lower == to_upper;
    const bool upper_is_nearest = to_upper < to_lower;  // false at a tie

    switch (mode) {
        case Rounding::Trn: return false;
        case Rounding::TrnZero: return upper_is_toward_zero;
        case Rounding::Rnd: return tie || upper_is_nearest;
        case Rounding::RndZero: return tie ? upper_is_toward_zero : upper_is_nearest;
        case Rounding::RndMinInf: return upper_is_nearest;
        case Rounding::RndInf: return tie ? !upper_is_toward_zero : upper_is_nearest;
        case Rounding::RndConv: return tie ? upper_is_even : upper_is_nearest;
        case Rounding::RndConvOdd: return tie ? !upper_is_even : upper_is_nearest;
    }
    return false;
}

Rounded round_between(const Integer& lower, const Integer& to_lower, const Integer& unit, Rounding mode) {
    if (to_lower == 0) return {.value = lower, .floor = lower, .inexact = false};
    const bool upper = takes_upper(lower, to_lower, unit - to_lower, mode);
    return {.value = lower + (upper ? 1 : 0), .floor = lower, .inexact = true};
}

}  // namespace

Rounded round_quotient(const Integer& numerator, const Integer& denominator, Rounding mode) {
    const Integer lower = floor_divide(numerator, denominator);
    return round_between(lower, numerator - lower * denominator, denominator, mode);
}

Rounded round_dyadic(const Integer& numerator, int exponent, Rounding mode) {
    if (exponent == 0) return {.value = numerator, .floor = numerator, .inexact = false};
    const Integer lower = floor_divide_by_power(numerator, exponent);
    const Integer at_lower = lower << static_cast<unsigned>(exponent);
    return round_between(lower, numerator - at_lower, power_of_two(exponent), mode);
}

Rounded round_at(const Dyadic& value, int frac, Rounding mode) {
    const int shift = value.frac - frac;
    return shift <= 0 ? round_dyadic(raw_at(value, frac), 0, mode) : round_dyadic(value.raw, shift, mode);
}

}  // namespace bittrue::golden
