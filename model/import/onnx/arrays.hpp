// The constants of an ONNX file as named arrays.
#pragma once

#include "bittrue/model/float_model.hpp"
#include "import/onnx/onnx_file.hpp"

namespace bittrue::onnx_import {

// Initializers and values of Constant nodes by name. Integers beyond 2^53 and single numbers that are not finite (open
// bounds) are left out; InputError for a NaN or an infinity among others.
[[nodiscard]] std::vector<NamedReals> arrays_of(const OnnxFile& file);

}  // namespace bittrue::onnx_import
