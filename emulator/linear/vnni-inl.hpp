// The VNNI instructions themselves. As intrinsics, g++ 12 copies and spills their sums; as assembly it keeps them in
// registers. Included by *_vnni.cpp only.
#pragma once

#include <immintrin.h>

// GCC 12 finds the deliberately undefined operands inside its own header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define BITTRUE_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

namespace bittrue::emulator::linear {
namespace {

inline constexpr std::size_t kVectors = 4;  // of sixteen images

// sum + the four products of the unsigned bytes of x and the signed bytes of w.
BITTRUE_VNNI inline __m512i dot_bytes(__m512i sum, __m512i x, __m512i w) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
}
// sum + the two products of signed 16-bit halves.
BITTRUE_VNNI inline __m512i dot_words(__m512i sum, __m512i x, __m512i w) {
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
}
// The same, saturated once.
BITTRUE_VNNI inline __m512i dot_words_saturated(__m512i sum, __m512i x, __m512i w) {
    __asm__("vpdpwssds %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
}

template <bool kQuads>
BITTRUE_VNNI inline __m512i dot(__m512i sum, __m512i x, __m512i w) {
    if constexpr (kQuads) {
        return dot_bytes(sum, x, w);
    } else {
        return dot_words(sum, x, w);
    }
}

}  // namespace
}  // namespace bittrue::emulator::linear
