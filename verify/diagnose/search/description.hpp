// How long it takes to say a dump: the measure by which explanations compete with each other and with none.
#pragma once

#include <cstdint>

namespace bittrue::diagnose_detail {

// What every change costs beyond its own bits: which layer, which cause.
inline constexpr double kChangeBits = 6;

// Bits to name `wrong` of `words` words.
[[nodiscard]] double place_bits(std::int64_t words, std::int64_t wrong);

// Bits to list words that are given wrongly: their places and their `width` bits.
[[nodiscard]] double list_bits(std::int64_t words, std::int64_t wrong, int width);

// Bits of a wrong word's distance: less for a small one, `width` at most.
[[nodiscard]] double distance_bits(std::uint64_t distance, int width);

}  // namespace bittrue::diagnose_detail
