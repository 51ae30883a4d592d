// Where the words of every tensor lie, whatever the images and the weights are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/emulator/bounds.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::emulator {

// What is known of one tensor from outside: all its raws lie within the range.
struct DeclaredRange {
    std::string tensor{};
    InputRange range{};
};

// Of each tensor (0: the network's input, then graph order) the raws its words can have: of `declared` as declared; of
// the input the range of its type and what the network file declares (rule I3); of relu, clipped relu, max pooling,
// casts, flatten and reshape the range of what they read, through their operation and cast; of all others the range of
// their result type. A graph that is validated.
[[nodiscard]] std::vector<InputRange> tensor_ranges(const Graph& graph,
                                                    const std::optional<DeclaredRange>& declared = std::nullopt);

}  // namespace bittrue::emulator
