#include "bits.hpp"

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::capi {
namespace {

// '0', '1', 'x' or 'z'; 0 for what is no bit.
char bit_of(char c) {
    switch (c) {
        case '0':
        case 'l':
        case 'L': return '0';
        case '1':
        case 'h':
        case 'H': return '1';
        case 'z':
        case 'Z': return 'z';
        case 'x':
        case 'X':
        case 'u':
        case 'U':
        case 'w':
        case 'W':
        case '-': return 'x';
        default: return 0;
    }
}

}  // namespace

Bits parse_bits(std::string_view text, int width) {
    std::string bits;
    for (const char c : text) {
        if (c == '_') continue;
        const char bit = bit_of(c);
        if (bit == 0) {
            throw InputError(
                fmt::format("the bits '{}' have a '{}'; 0, 1, x, z and VHDL's U W L H - are bits", text, c));
        }
        bits += bit;
    }
    const auto wanted = static_cast<std::size_t>(width);
    if (bits.size() < wanted) {
        throw InputError(fmt::format("the bits '{}' are {}; the layer's words have {}", text, bits.size(), width));
    }
    bits.erase(0, bits.size() - wanted);
    Bits read;
    for (const char bit : bits) read.pattern = (read.pattern << 1U) | (bit == '1' ? 1U : 0U);
    if (bits.find_first_not_of("01") != std::string::npos) read.undefined = bits;
    return read;
}

}  // namespace bittrue::capi
