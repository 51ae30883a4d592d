// Which of Highway's targets are not built: included in front of every header of Highway.
#pragma once

// Vectors without a size at compile time cannot be members; SSSE3 and AVX3_DL would add nothing.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_RVV | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif
