// The layers that do not accumulate, over blocks.
#pragma once

#include <memory>
#include <span>

#include "bittrue/model/graph.hpp"
#include "sweep/block.hpp"

namespace bittrue::explore {

class Stage {
public:
    Stage() = default;
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;
    virtual ~Stage() = default;

    // The inputs have the same lanes; `out` is reset by the stage. Lanes behind `images` may hold anything afterwards.
    // Called from many threads at once.
    virtual void run(std::span<const Block* const> inputs, int images, Block& out) const = 0;
};

// Words of all tensors have at most 31 bits and a sign. Null where sums exceed 62 bits.
[[nodiscard]] std::unique_ptr<Stage> make_stage(const Graph& graph, const Node& node);

// Whether the node's words are its input's, element by element.
[[nodiscard]] bool is_renaming(const Graph& graph, const Node& node);

}  // namespace bittrue::explore
