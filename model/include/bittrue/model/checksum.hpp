// SHA-256 of bytes and of tensors, in lower-case hexadecimal.
#pragma once

#include <string>
#include <string_view>

#include "bittrue/model/tensor.hpp"

namespace bittrue {

[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// Of the canonical bytes: 64-bit little-endian numbers, namely the number of axes, the axes, width, integer bits, 1 if
// signed else 0, then the words in C order. Two tensors have the same checksum exactly when they are equal.
[[nodiscard]] std::string sha256_hex(const Tensor& tensor);

}  // namespace bittrue
