// What a network computes, as one check sum.
#pragma once

#include <string>

#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

// Of all that decides the words of a run: tensors, types, operations, accumulators, parameters. Not of the network's
// name, and not of where its parameters came from.
[[nodiscard]] std::string fingerprint(const Graph& graph);

}  // namespace bittrue::explore
