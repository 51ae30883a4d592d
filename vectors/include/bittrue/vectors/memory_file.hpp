// The text that $readmemh reads: one word per line in hexadecimal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/format.hpp"

namespace bittrue {

// Each word's pattern (rule F4) in ceil(width/4) lower-case digits on a line of its own, the first word first, bit 0
// the rightmost bit; in front the lines of `comments`, each behind "// ". A comment must not contain a line break.
[[nodiscard]] std::string memory_text(std::span<const std::int64_t> words, Format format,
                                      const std::vector<std::string>& comments);

struct MemoryWords {
    std::vector<std::uint64_t> patterns{};  // in address order from address 0
    int digits = 1;  // of the longest word as written, 1..16, leading zeros and '_' not counted beyond 16
};

// Accepts what a simulator accepts: words separated by white space, // and /* */ comments, '_' inside words, upper and
// lower case, CR LF,
// @address in hexadecimal. InputError with the line for: x or z, any other character (0x, commas, signs), a word of
// more than 64 bits, an address given twice, addresses that leave a hole or do not begin at 0, an open comment.
[[nodiscard]] MemoryWords parse_memory(std::string_view text, const std::string& where);

}  // namespace bittrue
