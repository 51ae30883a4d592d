// Which file brings which of the lane kernels.
#pragma once

#include "lane_kernels.hpp"

namespace bittrue::emulator {

void fill_casts(Isa isa, LaneKernels& kernels);       // lane_cast.cpp
void fill_moves(Isa isa, LaneKernels& kernels);       // lane_move.cpp
void fill_reals(Isa isa, LaneKernels& kernels);       // lane_reals.cpp
void fill_transposes(Isa isa, LaneKernels& kernels);  // lane_transpose.cpp

}  // namespace bittrue::emulator
