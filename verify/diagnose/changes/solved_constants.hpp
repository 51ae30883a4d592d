// Constants of a layer that works word by word, solved from the dump: slopes, scales, biases, multipliers, shifts,
// bounds.
#pragma once

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

// Of the last node of the chain; nothing for other layers.
void add_solved_constants(const Maker& maker, std::size_t node);

}  // namespace bittrue::diagnose_detail
