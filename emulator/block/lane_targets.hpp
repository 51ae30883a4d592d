// Which of Highway's targets are built for the lane kernels: included in front of <hwy/foreach_target.h>.
#pragma once

#include "disabled_targets.hpp"

// Highway avoids its portable vectors with g++ before 12.3 for a bug in the multiplication of 16-bit lanes, which no
// lane kernel uses; its replacement has no blocks of lanes.
#ifndef HWY_BROKEN_EMU128
#define HWY_BROKEN_EMU128 0
#endif
