#include "candidates.hpp"

namespace bittrue::diagnose_detail {

void add_weight_order_changes(const Maker& /*maker*/) {}

}  // namespace bittrue::diagnose_detail
