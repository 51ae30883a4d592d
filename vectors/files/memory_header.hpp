// The comments in front of a text file that bittrue writes: format, shape, axes and packing of its words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/tensor.hpp"
#include "bittrue/vectors/word_file.hpp"

namespace bittrue {

// "8 bits, 5 of them fraction, signed (two's complement)"; of a type with its notation in front: "ap_fixed<8,3>: 8
// bits, ...".
[[nodiscard]] std::string format_line(Format format);
[[nodiscard]] std::string format_line(const FixedType& type);
// "shape 2x3x4x2 (image, row, column, channel), one word a line, the last axis fastest"; without axes no brackets.
[[nodiscard]] std::string shape_line(const Dims& dims, const std::string& axes);
// "shape 2x3x4x2 (image, row, column, channel), packed lanes=4: 6 words of 32 bits an image, one a line".
[[nodiscard]] std::string packed_line(const Dims& dims, const std::string& axes, const Packing& packing,
                                      const PackedShape& shape);

// The three comments.
[[nodiscard]] std::vector<std::string> header_lines(const WordFileContext& context);

struct MemoryHeader {
    FixedType type{};  // of a parameter, which has a format alone, with the default modes
    Dims dims{};       // as printed: of a parameter without an image axis
    std::optional<Layout> layout{};
    Packing packing{};
    bool parameter = false;

    [[nodiscard]] PackedShape shape() const;
};

// Of a text whose first three lines are the comments as written, each behind `prefix`; nothing where they differ in any
// character but a CR at the end.
[[nodiscard]] std::optional<MemoryHeader> read_memory_header(std::string_view text, std::string_view prefix = "// ");

// Puts what the comments of `text` say into `words`, if the number of words and their bits are as the comments say;
// otherwise format and type alone.
void apply_header(FileWords& words, std::string_view text, std::string_view prefix = "// ");

}  // namespace bittrue
