// What one core can do at most: u8 x s8 dot products into 32-bit sums, everything in registers.
#pragma once

#include <string>

namespace bench::peers {

// The best way that this machine has: "avx512-vnni", "avx2" (pair sums of 16 bits, which saturate: fast, not exact) or
// "scalar".
[[nodiscard]] std::string peak_kernel();

// Multiply-accumulates per second, the best of some short runs. std::logic_error if the kernel computes wrong sums.
[[nodiscard]] double measure_peak();

// The highest of all measurements of this process. Measures once, if nobody has.
[[nodiscard]] double peak_so_far();

}  // namespace bench::peers
