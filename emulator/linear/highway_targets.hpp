// The targets of Highway that bittrue compiles. A kernel file includes this first, then foreach_target.h (which
// includes the file once per target), then highway.h, and ends with BITTRUE_PER_ISA: one function that chooses among
// the namespaces.
#pragma once

// The targets are chosen in front of Highway.
// clang-format off
#include "block/disabled_targets.hpp"
#include <hwy/targets.h>
// clang-format on

#include "block/lane_dispatch.hpp"
#include "linear.hpp"

// [[nodiscard]] Type function(Isa isa): the kernels `name` of the isa, which must be one of available_isas().
#define BITTRUE_PER_ISA(Type, function, name)                     \
    Type function(Isa isa) {                                      \
        switch (isa) {                                            \
            case Isa::Scalar: return HWY_STATIC_DISPATCH(name);   \
            case Isa::Sse4: return BITTRUE_IF_SSE4(name);         \
            case Isa::Avx2: return BITTRUE_IF_AVX2(name);         \
            case Isa::Avx512:                                     \
            case Isa::Avx512Vnni: return BITTRUE_IF_AVX512(name); \
            case Isa::Neon: return HWY_STATIC_DISPATCH(name);     \
        }                                                         \
        return HWY_STATIC_DISPATCH(name);                         \
    }
