// Words as $readmemh and $readmemb read them.
#pragma once

#include <string>
#include <string_view>

#include "word_parts.hpp"

namespace bittrue {

struct MemorySyntax {
    int radix = 16;
    bool unknown = true;            // x and z make a word undefined; false: they are refused
    int max_bits = kMaxPackedBits;  // of a word, without zeros in front
};

// InputError with the line; see parse_memory for what is refused.
[[nodiscard]] FileWords parse_readmem(std::string_view text, const std::string& where, const MemorySyntax& syntax);

}  // namespace bittrue
