// What the rule of a layer's operation names, as constants.
#pragma once

#include <vector>

#include "bittrue/model/graph.hpp"
#include "constants.hpp"

namespace bittrue::sv_package {

// `in`: the type of the layer's first input. Without the layer's shapes and its result.
[[nodiscard]] std::vector<Constant> layer_constants(const Node& node, const FixedType& in);

}  // namespace bittrue::sv_package
