// Which of Highway's targets are built: included in front of <hwy/foreach_target.h>.
#pragma once

// Vectors without a size at compile time cannot be members; SSSE3 and AVX3_DL would add nothing.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_RVV | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif

// Highway avoids its portable vectors with g++ before 12.3 for a bug in the multiplication of 16-bit lanes, which no
// lane kernel uses; its replacement has no blocks of lanes.
#ifndef HWY_BROKEN_EMU128
#define HWY_BROKEN_EMU128 0
#endif
