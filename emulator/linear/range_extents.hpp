// The smallest and the largest partial sum of every image of a block.
#pragma once

#include <limits>

#include "linear.hpp"

namespace bittrue::emulator {

// Lanes of one block, kLanes each.
struct LaneExtents {
    std::int32_t* low = nullptr;  // widened
    std::int32_t* high = nullptr;
    int images = kLanes;
    // When every image has left these ends, the rest does not matter any more and is left out.
    std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
    std::int32_t highest = std::numeric_limits<std::int32_t>::max();
};

}  // namespace bittrue::emulator
