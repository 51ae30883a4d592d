// Cause and consequence: which layers are wrong although everything they read is right.
#pragma once

#include <vector>

#include "compare.hpp"

namespace bittrue {

// Fills inputs_known, origin_images and origin of every layer.
void find_origins(std::vector<Compared>& layers);

}  // namespace bittrue
