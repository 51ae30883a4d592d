// The channels of a group by saturating steps.
#pragma once

#include "group_kernel.hpp"
#include "saturate.hpp"

namespace bittrue::emulator::linear {

// Group `index` of its layer; `steps` becomes the largest number of steps per output.
[[nodiscard]] std::unique_ptr<GroupKernel> make_saturating(const LinearTerms& terms, const std::vector<int>& channels,
                                                           Isa isa, const SaturatePlan& plan, std::size_t index,
                                                           int& steps);

}  // namespace bittrue::emulator::linear
