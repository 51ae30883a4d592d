// The dot product instructions of AVX-512, which Highway does not have.
#pragma once

#include "bittrue/emulator/isa.hpp"

namespace bittrue::emulator::linear {

// Whether the kernels of *_vnni.cpp may run.
[[nodiscard]] constexpr bool has_vnni(Isa isa) {
    return isa == Isa::Avx512Vnni;
}

}  // namespace bittrue::emulator::linear
