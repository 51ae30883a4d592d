// Exact numbers on the grid of a format.
#pragma once

#include "bittrue/model/exact_double.hpp"
#include "conversion.hpp"

namespace bittrue::corner {

// The smallest raw of `frac` whose value is at least d.
[[nodiscard]] inline i128 raw_at_least(const ExactDouble& d, int frac) {
    if (frac >= d.frac) return shift_up(d.raw, frac - d.frac);
    const int down = d.frac - frac;
    return down > kExactBits ? (d.raw > 0 ? 1 : 0) : ceil_div(d.raw, i128{1} << down);
}

}  // namespace bittrue::corner
