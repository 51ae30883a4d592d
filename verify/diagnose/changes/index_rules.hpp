// Tables that are indexed in another way than the network says: a table with an entry for every word of the input says
// any rule.
#pragma once

#include "changes/site.hpp"

namespace bittrue::diagnose_detail {

void add_index_changes(const Site& site);  // of sigmoid, tanh and lookup; nothing for other layers

}  // namespace bittrue::diagnose_detail
