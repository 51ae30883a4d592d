// Single wrong words of tables, thresholds and constants, found from the words that they lead to.
#pragma once

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

// An entry of a lookup's table.
void add_entry_changes(const Maker& maker, std::size_t node);
// A bit of an entry of the tables of a softmax.
void add_softmax_entries(const Maker& maker, std::size_t node);
// A threshold of a channel; of all where they share them and `channel` is negative.
void add_threshold_changes(const Maker& maker, std::size_t node, std::int64_t channel);
// One bit of a channel's scale, bias, multiplier.
void add_flipped_constants(const Maker& maker, std::size_t node, std::int64_t channel);

}  // namespace bittrue::diagnose_detail
