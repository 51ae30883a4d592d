// Doubles as exact numbers.
#pragma once

#include <cmath>

#include "conversion.hpp"

namespace bittrue::corner {

// An exact double as raw * 2^-frac.
struct Dyadic {
    i128 raw = 0;
    int frac = 0;
};
[[nodiscard]] inline Dyadic exact_of(double value) {
    if (value == 0) return {};
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);
    auto raw = static_cast<std::int64_t>(std::ldexp(mantissa, 53));
    int frac = 53 - exponent;
    while (raw % 2 == 0) raw /= 2, --frac;
    return {raw, frac};
}

// The smallest raw of `frac` whose value is at least d.
[[nodiscard]] inline i128 raw_at_least(const Dyadic& d, int frac) {
    if (frac >= d.frac) return shift_up(d.raw, frac - d.frac);
    const int down = d.frac - frac;
    return down > kExactBits ? (d.raw > 0 ? 1 : 0) : ceil_div(d.raw, i128{1} << down);
}

}  // namespace bittrue::corner
