// Dense and convolution layers: sums of a channel group over some positions, then everything that follows on each
// number, then narrow words. Max pooling may come first where that gives the same words.
#pragma once

#include "linear/linear.hpp"
#include "row_op.hpp"
#include "window.hpp"

namespace bittrue::emulator {

struct LinearStepSetup {
    std::size_t in = 0, node = 0, out = 0;  // tensors: read, whose accumulator events count, written
    Shape shape{};                          // of the convolution's result
    std::optional<PoolGeometry> pool{};     // windows that do not overlap and are not padded; the result is its out()
    LaneType type{};                        // of `out`
};

// `ops` begin with the result cast. Null when an operation needs more than 64-bit lanes. `linear` outlives the step.
[[nodiscard]] BlockStepPointer make_linear_step(const Linear& linear, LinearStepSetup setup,
                                                std::vector<RowOpPointer> ops);

}  // namespace bittrue::emulator
