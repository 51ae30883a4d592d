// Which kernel runs which channels of a layer, and why.
#pragma once

#include "group_kernel.hpp"

namespace bittrue::emulator::linear {

struct Selected {
    ChannelGroup group{};
    std::unique_ptr<GroupKernel> kernel{};
    InputRange sums{};  // as Linear::sum_range
};

// The groups of a layer whose ordered kernel can run. The kernels refer to `terms`; kernel i uses cells[i] of a
// workspace.
[[nodiscard]] std::vector<Selected> select_kernels(const LinearTerms& terms, const LinearOptions& options);

}  // namespace bittrue::emulator::linear
