// The dot product instructions of AVX-512, which Highway does not have.
#pragma once

#include "bittrue/emulator/isa.hpp"

namespace bittrue::emulator::linear {

// Whether the kernels of *_vnni.cpp may run.
[[nodiscard]] bool has_vnni(Isa isa);

}  // namespace bittrue::emulator::linear
