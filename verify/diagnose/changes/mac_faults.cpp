#include "changes/mac_faults.hpp"

#include "changes/type_places.hpp"

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

std::function<bool(Variant&)> with_mac_fault(std::size_t node, const MacFault& fault) {
    return [node, fault](Variant& variant) {
        if (variant.fault_node >= 0 || variant.instead_node == static_cast<int>(node) ||
            weights_of(variant.chain.nodes[node]) == nullptr)
            return false;
        variant.fault_node = static_cast<int>(node);
        variant.fault = fault;
        return true;
    };
}

}  // namespace bittrue::diagnose_detail
