// Random small networks over every operation and layout, with a batch for them, printable completely.
#pragma once

#include <string>

#include "bittrue/model/engine.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::testing {

// A validated network of 1..max_nodes layers. Widths are at most 10 bits and fracs within -4..9, so that no engine has
// a reason to decline.
// With `coverable` every requantisation is the conversion of an exact number, as coverage needs it.
[[nodiscard]] Graph random_graph(Random& random, int max_nodes, bool coverable = false);

// Values around and beyond the range of the network's input type.
[[nodiscard]] InputBatch random_batch(Random& random, const Graph& graph, std::size_t images);

// Every field of every layer.
[[nodiscard]] std::string describe(const Graph& graph);

}  // namespace bittrue::testing
