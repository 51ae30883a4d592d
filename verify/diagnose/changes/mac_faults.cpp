#include "changes/mac_faults.hpp"

namespace bittrue::diagnose_detail {

void add_mac_faults(const Maker& maker) {
    if (maker.evidence.different == 0) return;
    for (std::size_t node = 0; node < maker.subject.chain.nodes.size(); ++node) {
        add_stuck_bits(maker, node);
        add_left_out_terms(maker, node);
        add_uncleared_sums(maker, node);
        add_line_buffer_faults(maker, node);
        add_pool_faults(maker, node);
        add_softmax_faults(maker, node);
    }
}

}  // namespace bittrue::diagnose_detail
