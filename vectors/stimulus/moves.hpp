// Where the elements of a concatenation, a transposition or a padded map come from (L19 to L21).
#pragma once

#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue::corner {

struct Moved {
    std::size_t input = 0;
    std::int64_t element = 0;  // in storage order; -1: zero
};

// In the storage order of the result; nothing for every other operation. `in` are the shapes of the inputs.
[[nodiscard]] std::vector<Moved> moves_of(const Node& node, const std::vector<Shape>& in);

}  // namespace bittrue::corner
