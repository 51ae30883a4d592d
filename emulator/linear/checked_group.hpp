// The channels of a group by exact sums, as long as no partial sum leaves the accumulator's range.
#pragma once

#include "facts.hpp"
#include "group_kernel.hpp"

namespace bittrue::emulator::linear {

// Whether a channel's steps are exact and its sums fit 31 bits.
[[nodiscard]] bool can_check(const LinearTerms& terms, const ChannelFacts& facts);

// Group `index` of its layer; every channel can_check().
[[nodiscard]] std::unique_ptr<GroupKernel> make_checked(const LinearTerms& terms, const std::vector<int>& channels,
                                                        Isa isa, std::size_t index);

}  // namespace bittrue::emulator::linear
