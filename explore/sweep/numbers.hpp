// Small integer helpers of the sweep.
#pragma once

#include <cstdint>

#include "bittrue/model/format.hpp"

namespace bittrue::explore {

// Bits, and bits left of the point, of a two's complement number that holds every raw of `f`.
[[nodiscard]] constexpr int signed_width(Format f) {
    return f.width + (f.is_signed ? 0 : 1);
}
[[nodiscard]] constexpr int signed_integer(Format f) {
    return f.integer + (f.is_signed ? 0 : 1);
}

// Smallest k with 2^k >= n, n >= 1.
[[nodiscard]] constexpr int ceil_log2(std::int64_t n) {
    int k = 0;
    while ((std::int64_t{1} << k) < n) ++k;
    return k;
}

}  // namespace bittrue::explore
