// The targets of Highway that bittrue compiles. A kernel file includes this first, then foreach_target.h (which
// includes the file once per target), then highway.h, and ends with BITTRUE_PER_ISA: one function that chooses among
// the namespaces.
#pragma once

// Vectors without a size at compile time cannot be members; SSSE3 and AVX3_DL would add nothing.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_RVV | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)

#include <hwy/targets.h>

#include "linear.hpp"

#if HWY_TARGETS & HWY_AVX3
#define BITTRUE_AVX512(name) N_AVX3::name
#else
#define BITTRUE_AVX512(name) HWY_STATIC_DISPATCH(name)
#endif
#if HWY_TARGETS & HWY_AVX2
#define BITTRUE_AVX2(name) N_AVX2::name
#else
#define BITTRUE_AVX2(name) HWY_STATIC_DISPATCH(name)
#endif
#if HWY_TARGETS & HWY_SSE4
#define BITTRUE_SSE4(name) N_SSE4::name
#else
#define BITTRUE_SSE4(name) HWY_STATIC_DISPATCH(name)
#endif

// [[nodiscard]] Type function(Isa isa): the kernels `name` of the isa, which must be usable_isa().
#define BITTRUE_PER_ISA(Type, function, name)                   \
    Type function(Isa isa) {                                    \
        switch (isa) {                                          \
            case Isa::Scalar: return HWY_STATIC_DISPATCH(name); \
            case Isa::Sse4: return BITTRUE_SSE4(name);          \
            case Isa::Avx2: return BITTRUE_AVX2(name);          \
            case Isa::Avx512: return BITTRUE_AVX512(name);      \
            case Isa::Neon: return HWY_STATIC_DISPATCH(name);   \
        }                                                       \
        return HWY_STATIC_DISPATCH(name);                       \
    }
