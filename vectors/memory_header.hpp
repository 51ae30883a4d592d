// The comments in front of a .hex file that bittrue writes: format, shape and axes of its words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/tensor.hpp"

namespace bittrue {

// "8 bits, 5 of them fraction, signed (two's complement)"; of a type with its notation in front: "ap_fixed<8,3>: 8
// bits, ...".
[[nodiscard]] std::string format_line(Format format);
[[nodiscard]] std::string format_line(const FixedType& type);
// "shape 2x3x4x2 (image, row, column, channel), one word a line, the last axis fastest"; without axes no brackets.
[[nodiscard]] std::string shape_line(const Dims& dims, const std::string& axes);

struct MemoryHeader {
    FixedType type{};  // of a parameter, which has a format alone, with the default modes
    Dims dims{};
    std::optional<Layout> layout{};
};

// Of a text whose first three lines are the comments as written; nothing where they differ in any character but a CR at
// the end.
[[nodiscard]] std::optional<MemoryHeader> read_memory_header(std::string_view text);

}  // namespace bittrue
