// One function per instruction set out of Highway's per-target namespaces, chosen by an Isa and not by the process.
// Included behind <hwy/highway.h> or <hwy/targets.h> in files that go through <hwy/foreach_target.h>.
#pragma once

#include "bittrue/emulator/isa.hpp"

#if HWY_TARGETS & HWY_SSE4
#define BITTRUE_IF_SSE4(call) N_SSE4::call
#else
#define BITTRUE_IF_SSE4(call) HWY_STATIC_DISPATCH(call)
#endif
#if HWY_TARGETS & HWY_AVX2
#define BITTRUE_IF_AVX2(call) N_AVX2::call
#else
#define BITTRUE_IF_AVX2(call) HWY_STATIC_DISPATCH(call)
#endif
#if HWY_TARGETS & HWY_AVX3
#define BITTRUE_IF_AVX512(call) N_AVX3::call
#else
#define BITTRUE_IF_AVX512(call) HWY_STATIC_DISPATCH(call)
#endif

// `call` is an expression like fill(kernels). A machine without the instruction set never asks for it.
#define BITTRUE_DISPATCH(isa, call)                           \
    switch (isa) {                                            \
        case Isa::Scalar:                                     \
        case Isa::Neon: HWY_STATIC_DISPATCH(call); break;     \
        case Isa::Sse4: BITTRUE_IF_SSE4(call); break;         \
        case Isa::Avx2: BITTRUE_IF_AVX2(call); break;         \
        case Isa::Avx512:                                     \
        case Isa::Avx512Vnni: BITTRUE_IF_AVX512(call); break; \
    }
