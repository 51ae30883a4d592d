#include "candidates.hpp"

namespace bittrue::diagnose_detail {

void add_window_changes(const Maker& /*maker*/) {}

}  // namespace bittrue::diagnose_detail
