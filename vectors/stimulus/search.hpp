// Goals of layers whose input cannot be chosen: seeded search, led by gradients and by the distance to the goal.
#pragma once

#include "maker.hpp"

namespace bittrue::corner {

// Tries at most `images` images.
void search(Maker& maker, std::size_t images);

}  // namespace bittrue::corner
