// A network without its numbers, cheap to copy.
#pragma once

#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

// Types, shapes and accumulators stay, dense and conv2d lose weights and biases: what layer_areas() looks at. No longer
// valid as a network.
[[nodiscard]] Graph without_numbers(const Graph& graph);

}  // namespace bittrue::explore
