// The order in which a flatten reads its input (L9).
#pragma once

#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue::corner {

// Per element of the result the element of the input; one after the other for every other operation.
[[nodiscard]] std::vector<std::size_t> flatten_sources(const Node& node, const Shape& in);

}  // namespace bittrue::corner
