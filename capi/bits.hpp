// A word as a simulator prints it, bit by bit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bittrue::capi {

struct Bits {
    std::uint64_t pattern = 0;  // undefined bits are 0
    std::string undefined{};    // the bits again, most significant first, when some are x or z; else empty
};

// Reads the `width` (1..64) last bits of `text`, most significant first, as bittrue_check_bits describes. InputError:
// another character, or fewer bits.
[[nodiscard]] Bits parse_bits(std::string_view text, int width);

}  // namespace bittrue::capi
