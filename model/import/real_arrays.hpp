// Small services around arrays of numbers, for the readers of this folder.
#pragma once

#include <string>

#include "bittrue/model/npy.hpp"

namespace bittrue::detail {

// Every element as a double; an integer that is not exact in double is an InputError.
[[nodiscard]] RealTensor to_reals(const std::string& where, const NpyArray& array);

// "[3,0,12]" for a flat index in C order; "[]" for a single number.
[[nodiscard]] std::string print_index(const Dims& dims, std::size_t flat);

// InputError with the index of the first NaN or infinity; `where` names file and array.
void check_finite(const std::string& where, const RealTensor& tensor);

// An array's name without ":0" at the end and without repeated groups: "a/a/kernel:0" becomes "a/kernel".
[[nodiscard]] std::string plain_array_name(std::string name);

}  // namespace bittrue::detail
