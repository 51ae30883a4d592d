// The parts of add_mac_faults(), each for node `node` of the chain.
#pragma once

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

void add_stuck_bits(const Maker& maker, std::size_t node);      // of products and operands
void add_left_out_terms(const Maker& maker, std::size_t node);  // at either end of every sum
void add_uncleared_sums(const Maker& maker, std::size_t node);  // accumulators that go on from the sum before
void add_line_buffer_faults(const Maker& maker,
                            std::size_t node);                  // older rows of a convolution's window off by pixels
void add_pool_faults(const Maker& maker, std::size_t node);     // smallest, a column left out, another window's row
void add_softmax_faults(const Maker& maker, std::size_t node);  // a kept maximum, a sum without its last element

// Puts the fault into the sums of the node; false: another change has put one there, or it has no sums any more.
[[nodiscard]] std::function<bool(Variant&)> with_mac_fault(std::size_t node, const MacFault& fault);

}  // namespace bittrue::diagnose_detail
