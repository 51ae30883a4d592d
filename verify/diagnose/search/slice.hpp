// Some output channels of a chain: a large layer is tried on those first.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bittrue/verify/datapath.hpp"

namespace bittrue::diagnose_detail {

// Leaves these channels (ascending) of the last dense or ungrouped conv2d layer, and of what stands behind it, where
// that works channel by channel. Gives, for every word that is left of the last node, its place in the whole
// result. Nothing, and the chain as it was, where channels cannot be left out.
[[nodiscard]] std::optional<std::vector<std::int64_t>> slice_channels(Chain& chain,
                                                                      const std::vector<std::int64_t>& channels);

// Whether slice_channels gives something for channels of the last node.
[[nodiscard]] bool can_slice(const Chain& chain);

}  // namespace bittrue::diagnose_detail
