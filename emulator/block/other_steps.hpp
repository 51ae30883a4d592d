// The steps that are neither rows nor linear layers.
#pragma once

#include "row_op.hpp"

namespace bittrue::emulator {

// The words stay where they are: `out` is another name for the planes of `in`. `op` is an identity.
[[nodiscard]] BlockStepPointer make_alias_step(RowOpPointer op, std::size_t in, std::int64_t elements);

// What a step reads and writes besides the block.
struct ImageStepSetup {
    std::vector<std::size_t> inputs{};
    std::vector<std::int64_t> input_counts{};
    std::size_t out = 0;
    FixedType type{};
    std::int64_t count = 0;
};
// Runs the layer image by image on 64-bit words: whatever does not fit lanes. `layer` outlives the step.
[[nodiscard]] BlockStepPointer make_image_step(const Layer& layer, ImageStepSetup setup, std::string why);

// L13, L14, L16. Null when a number of it needs more than 64-bit lanes, and for legacy (L15).
struct SoftmaxTables {
    Tensor exp{}, inv{};
};
[[nodiscard]] BlockStepPointer make_softmax_step(const LayerSetup& setup, const Softmax& op,
                                                 const SoftmaxTables& tables, std::size_t in, std::size_t out);

}  // namespace bittrue::emulator
