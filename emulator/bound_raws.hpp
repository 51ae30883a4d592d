// Real bounds as raws: which words of a format lie on which side.
#pragma once

#include <cmath>

#include "bittrue/model/int128.hpp"

namespace bittrue::emulator {

// Beyond every raw of a stored word.
inline constexpr i128 kBeyondWords = i128{1} << 100;

// The smallest raw with raw * 2^-frac >= value, at most kBeyondWords away from zero. `value` is finite.
[[nodiscard]] inline i128 first_raw_from(double value, int frac) {
    const double scaled = std::ceil(std::ldexp(value, frac));
    if (scaled == 0) return value > 0 ? 1 : 0;  // ldexp may round a tiny number to zero
    if (std::abs(scaled) < 0x1p100) return static_cast<i128>(scaled);
    return scaled < 0 ? -kBeyondWords : kBeyondWords;
}

// The largest raw with raw * 2^-frac <= value.
[[nodiscard]] inline i128 last_raw_to(double value, int frac) {
    return -first_raw_from(-value, frac);
}

}  // namespace bittrue::emulator
