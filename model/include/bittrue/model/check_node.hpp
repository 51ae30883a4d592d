// One node by itself: what validate() checks of it, for those who edit a node of a valid network.
#pragma once

#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue {

// A tensor that a node reads, as far as validate() looks at it.
struct NodeInput {
    Shape shape{};
    FixedType type{};
};

// The shape of the node's result. Throws what validate() throws for its fields; names are not looked at.
[[nodiscard]] Shape check_node(const Node& node, const std::vector<NodeInput>& inputs);

}  // namespace bittrue
