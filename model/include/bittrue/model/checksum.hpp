// SHA-256 of bytes and of tensors, in lower-case hexadecimal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bittrue/model/tensor.hpp"

namespace bittrue {

[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// The same of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();

    void add(std::string_view bytes);
    [[nodiscard]] std::string hex();  // once, as the last call

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Of the canonical bytes: 64-bit little-endian numbers, namely the number of axes, the axes, width, integer bits, 1 if
// signed else 0, then the words in C order. Two tensors have the same checksum exactly when they are equal.
[[nodiscard]] std::string sha256_hex(const Tensor& tensor);

}  // namespace bittrue
