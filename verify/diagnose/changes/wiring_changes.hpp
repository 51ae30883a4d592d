// A layer that reads another tensor than the network says.
#pragma once

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

void add_wiring_changes(const Maker& maker);

}  // namespace bittrue::diagnose_detail
