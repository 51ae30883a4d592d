#include "dump/digits.hpp"

namespace bittrue::dump {

std::string binary_of(std::string_view digits) {
    std::string bits;
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    bits.reserve(4 * digits.size());
    for (const char c : digits) {
        int value = -1;
        if (c >= '0' && c <= '9') value = c - '0';
        if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
        if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
        if (value >= 0) {
            for (int bit = 3; bit >= 0; --bit) bits += (value >> bit & 1) != 0 ? '1' : '0';
        } else if (c == 'x' || c == 'X' || c == 'z' || c == 'Z') {
            bits.append(4, c);
        } else if (c != '_') {
            return {};
        }
    }
    return bits;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

}  // namespace bittrue::dump
