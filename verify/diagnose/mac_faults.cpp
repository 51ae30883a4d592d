#include "candidates.hpp"

namespace bittrue::diagnose_detail {

void add_mac_faults(const Maker& /*maker*/) {}

}  // namespace bittrue::diagnose_detail
