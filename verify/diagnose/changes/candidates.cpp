#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

void add_quick_changes(const Maker& maker) {
    add_cast_changes(maker);
    add_accumulator_changes(maker);
    add_bias_changes(maker);
    add_window_changes(maker);
    add_activation_changes(maker);
    add_requantize_changes(maker);
    add_table_changes(maker);
    add_weight_order_changes(maker);
    add_input_changes(maker);
    add_output_changes(maker);
    add_channel_changes(maker);
}

}  // namespace bittrue::diagnose_detail
