// Changes of more than one cast at once: modes that a whole layer has alike, the dialect, the binary point of what it
// reads.
#pragma once

#include <vector>

#include "changes/type_places.hpp"

namespace bittrue::diagnose_detail {

void add_layer_casts(const Site& site, const std::vector<TypePlace>& places);
void add_given_points(const Maker& maker);

}  // namespace bittrue::diagnose_detail
