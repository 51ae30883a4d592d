// What a pool makes of its window: the smallest for the largest, another divisor.
#pragma once

#include "changes/site.hpp"

namespace bittrue::diagnose_detail {

void add_pool_rules(const Site& site);  // nothing for layers that are no pools

}  // namespace bittrue::diagnose_detail
