// A layer for which the network has no bias, but whose words look as if one were added: it is fitted to the dump.
#pragma once

#include "changes/type_places.hpp"

namespace bittrue::diagnose_detail {

void add_unknown_bias(const Site& site);  // of a dense or conv2d layer that is the last one of its chain

}  // namespace bittrue::diagnose_detail
