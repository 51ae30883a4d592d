// What was found, in words.
#pragma once

#include <vector>

#include "align_candidates.hpp"
#include "align_sequence.hpp"
#include "align_words.hpp"

namespace bittrue {

// `from` is -1 in what holds for all words: the caller knows which is the first.
[[nodiscard]] Finding map_finding(const WordMap& map);
// What is said of an order and of a map at once: reversed lanes of reversed bytes are a beat of reversed bytes.
[[nodiscard]] std::vector<Finding> order_and_map(const std::vector<Finding>& order, const WordMap& map);
// One for each place, a few at most, then one for all others.
void append_edits(std::vector<Finding>& findings, const std::vector<Edit>& edits, const LayerShape& shape,
                  const Order& order);

}  // namespace bittrue
