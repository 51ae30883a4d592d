// Which words one word of a layer without an accumulator is computed from, and what happens to them up to its last cast
// (numerics.md, chapter L). Dense and conv2d layers have explore::OperandReader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"

namespace bittrue::cli {

// Axes of an element of a map whatever its layout; a vector's elements are channels.
struct Position {
    std::int64_t channel = 0, row = 0, column = 0;
};
[[nodiscard]] Position position_of(const Shape& shape, std::int64_t element);

struct WordSource {
    std::size_t input = 0;     // of node.inputs
    std::int64_t element = 0;  // in storage order
};
// Without padded positions.
[[nodiscard]] std::vector<WordSource> sources_of(const Graph& graph, const Node& node, std::int64_t element);

// An exact number, raw * 2^-frac.
struct ExactNumber {
    i128 raw = 0;
    int frac = 0;
};

// One number between what is read and the result cast: "sum", "table index", "entry 12".
struct Stage {
    std::string what{};
    ExactNumber number{};
    Events events{};  // of the conversion that gave it
};
struct Computed {
    std::vector<Stage> stages{};
    // What the result cast takes; empty where that is no one exact number (a requantizer's rounding comes before its
    // zero point, or is that of single precision).
    std::optional<ExactNumber> exact{};
};
// `words`: those of `sources`. Computed here once more, from the rules: who shows it can compare the layer's word.
[[nodiscard]] Computed compute(const Graph& graph, const Node& node, std::int64_t element,
                               const std::vector<WordSource>& sources, const std::vector<std::int64_t>& words);

}  // namespace bittrue::cli
