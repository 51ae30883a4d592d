// Doubles as exact numbers.
#pragma once

#include <cmath>
#include <cstdint>

#include "bittrue/model/int128.hpp"

namespace bittrue {

// value = raw * 2^-frac, raw odd or 0.
struct ExactDouble {
    i128 raw = 0;
    int frac = 0;
};

// Of a finite double.
[[nodiscard]] inline ExactDouble exact_double(double value) {
    constexpr int kMantissaBits = 53;
    if (value == 0) return {};
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);
    auto raw = static_cast<std::int64_t>(std::ldexp(mantissa, kMantissaBits));
    int frac = kMantissaBits - exponent;
    while (raw % 2 == 0) raw /= 2, --frac;
    return {raw, frac};
}

}  // namespace bittrue
