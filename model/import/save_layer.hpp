// One layer as lines of a network file; its numbers as arrays.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"
#include "bittrue/model/network_save.hpp"
#include "bittrue/model/npz.hpp"

namespace bittrue::detail {

// The lines of [[layer]], every choice spelled out; `input` is the type of the (first) input. Appends the numbers of
// the layer's parameters to `arrays`, as "<layer>/<role>" or, weights, as `names` says.
[[nodiscard]] std::string layer_text(const Node& node, const FixedType& input, ArrayNames names,
                                     std::vector<NamedArray>& arrays);

}  // namespace bittrue::detail
