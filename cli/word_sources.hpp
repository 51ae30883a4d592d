// Which words one word of a layer that moves, selects or converts words is computed from, and the number that its last
// cast takes (numerics.md, chapter L). Dense and conv2d layers have explore::OperandReader.
#pragma once

#include <optional>
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
// What the result cast takes, of layers that only move words, select one, add or multiply; empty: the layer computes
// its word otherwise. `words`: those of `sources`.
[[nodiscard]] std::optional<ExactNumber> exact_result(const Graph& graph, const Node& node,
                                                      const std::vector<WordSource>& sources,
                                                      const std::vector<std::int64_t>& words);

}  // namespace bittrue::cli
