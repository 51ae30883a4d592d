// Between arrays of numpy and words.
#pragma once

#include <string>

#include "bittrue/model/npy.hpp"
#include "word_parts.hpp"

namespace bittrue {

[[nodiscard]] Format npy_container(NpyType type);
[[nodiscard]] NpyArray npy_array(const WordSource& source);
// Integers as they are; floating-point integers with a note; InputError with the index for anything else.
[[nodiscard]] FileWords words_of_array(NpyArray array, const std::string& where);

}  // namespace bittrue
