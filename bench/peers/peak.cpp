#include "peak.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bench::peers {

namespace {

// Every kernel adds kGroups vectors of products of 3 x -2 `rounds` times and returns the sum of all lanes.
constexpr int kGroups = 12;
constexpr int kRounds = 40'000;

#if defined(__x86_64__)
// Written in assembly: compilers move the accumulators of the intrinsic to memory, and measure that.
__attribute__((target("avx512f,avx512vnni"))) std::int64_t vnni(int rounds) {
    const __m512i x = _mm512_set1_epi8(3), w = _mm512_set1_epi8(-2);
    __m512i a[kGroups];
    for (__m512i& lanes : a) lanes = _mm512_setzero_si512();
    for (int i = 0; i < rounds; ++i)
        asm volatile(
            "vpdpbusd %[w], %[x], %[a0]\n\tvpdpbusd %[w], %[x], %[a1]\n\tvpdpbusd %[w], %[x], %[a2]\n\t"
            "vpdpbusd %[w], %[x], %[a3]\n\tvpdpbusd %[w], %[x], %[a4]\n\tvpdpbusd %[w], %[x], %[a5]\n\t"
            "vpdpbusd %[w], %[x], %[a6]\n\tvpdpbusd %[w], %[x], %[a7]\n\tvpdpbusd %[w], %[x], %[a8]\n\t"
            "vpdpbusd %[w], %[x], %[a9]\n\tvpdpbusd %[w], %[x], %[a10]\n\tvpdpbusd %[w], %[x], %[a11]"
            : [a0] "+v"(a[0]), [a1] "+v"(a[1]), [a2] "+v"(a[2]), [a3] "+v"(a[3]), [a4] "+v"(a[4]), [a5] "+v"(a[5]),
              [a6] "+v"(a[6]), [a7] "+v"(a[7]), [a8] "+v"(a[8]), [a9] "+v"(a[9]), [a10] "+v"(a[10]), [a11] "+v"(a[11])
            : [x] "v"(x), [w] "v"(w));
    std::int64_t sum = 0;
    for (const __m512i& lanes : a) {
        alignas(64) std::array<std::int32_t, 16> words;
        _mm512_store_si512(words.data(), lanes);
        for (const std::int32_t word : words) sum += word;
    }
    return sum;
}

__attribute__((target("avx2"))) std::int64_t avx2(int rounds) {
    const __m256i x = _mm256_set1_epi8(3), w = _mm256_set1_epi8(-2), one = _mm256_set1_epi16(1);
    __m256i a[kGroups];
    for (__m256i& lanes : a) lanes = _mm256_setzero_si256();
    for (int i = 0; i < rounds; ++i) {
        for (__m256i& lanes : a) {
            __m256i product = _mm256_maddubs_epi16(x, w);
            asm volatile("" : "+x"(product));  // once for each
            lanes = _mm256_add_epi32(lanes, _mm256_madd_epi16(product, one));
        }
    }
    std::int64_t sum = 0;
    for (const __m256i& lanes : a) {
        alignas(32) std::array<std::int32_t, 8> words;
        _mm256_store_si256(reinterpret_cast<__m256i*>(words.data()), lanes);
        for (const std::int32_t word : words) sum += word;
    }
    return sum;
}
#endif

std::int64_t scalar(int rounds) {
    std::array<std::int32_t, kGroups> a{};
    std::int32_t x = 3, w = -2;
    for (int i = 0; i < rounds; ++i) {
        asm volatile("" : "+r"(x), "+r"(w));
        for (std::int32_t& sum : a) {
            sum += x * w;
            asm volatile("" : "+r"(sum));
        }
    }
    std::int64_t sum = 0;
    for (const std::int32_t word : a) sum += word;
    return sum;
}

struct Kernel {
    const char* name;
    std::int64_t (*run)(int);
    std::int64_t products;  // of one round
};

Kernel kernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vnni")) return {"avx512-vnni", vnni, 64 * kGroups};
    if (__builtin_cpu_supports("avx2")) return {"avx2", avx2, 32 * kGroups};
#endif
    return {"scalar", scalar, kGroups};
}

double highest = 0;

}  // namespace

std::string peak_kernel() {
    return kernel().name;
}

double measure_peak() {
    const Kernel k = kernel();
    double best = 0;
    for (int i = 0; i < 20; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const std::int64_t sum = k.run(kRounds);
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        if (sum != -6 * k.products * kRounds) throw std::logic_error("the peak kernel computes " + std::to_string(sum));
        best = std::max(best, static_cast<double>(k.products) * kRounds / seconds.count());
    }
    highest = std::max(highest, best);
    return best;
}

double peak_so_far() {
    return highest > 0 ? highest : measure_peak();
}

}  // namespace bench::peers
