// Thresholds compared, counted or scaled in another way.
#pragma once

#include "changes/site.hpp"

namespace bittrue::diagnose_detail {

void add_threshold_changes(const Site& site);  // nothing for other layers

}  // namespace bittrue::diagnose_detail
