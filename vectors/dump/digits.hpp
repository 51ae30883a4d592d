// Digits of words as texts print them.
#pragma once

#include <string>
#include <string_view>

namespace bittrue::dump {

// Hexadecimal digits (0x in front or not, '_' between) as binary ones; x and z stand for four such bits. Empty when
// there is another character.
[[nodiscard]] std::string binary_of(std::string_view digits);

// Without blanks at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace bittrue::dump
