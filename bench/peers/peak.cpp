#include "peak.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <stdexcept>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bench::peers {

namespace {

// Every kernel adds kGroups vectors of products of 3 x -2 `rounds` times and returns the sum of all lanes.
constexpr int kGroups = 12;
constexpr int kRounds = 1'400'000;  // about two milliseconds: in a virtual machine, the CPU time of shorter ones is off

#if defined(__x86_64__)
// All in assembly, the loop as well: compilers move the accumulators of the intrinsic to memory, and of an assembly
// statement in a loop, too, and measure that.
#define BENCH_DOT(n) "vpdpbusd %%zmm13, %%zmm12, %%zmm" #n "\n\t"
#define BENCH_ZERO(n) "vpxord %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"
#define BENCH_SUM(n) "vpaddd %%zmm" #n ", %%zmm0, %%zmm0\n\t"
#define BENCH_EACH(what) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) what(11)
__attribute__((target("avx512f,avx512bw,avx512vnni"))) std::int64_t vnni(int rounds) {
    const __m512i x = _mm512_set1_epi8(3), w = _mm512_set1_epi8(-2);
    alignas(64) std::array<std::int32_t, 16> words;
    asm volatile(
        "vmovdqa64 %[x], %%zmm12\n\t"
        "vmovdqa64 %[w], %%zmm13\n\t" BENCH_ZERO(0) BENCH_EACH(BENCH_ZERO)
        ".p2align 6\n"
        "1:\n\t" BENCH_DOT(0) BENCH_EACH(BENCH_DOT)
        "subl $1, %[rounds]\n\t"
        "jnz 1b\n\t" BENCH_EACH(BENCH_SUM)
        "vmovdqa64 %%zmm0, %[words]"
        : [rounds] "+r"(rounds), [words] "=m"(words)
        : [x] "m"(x), [w] "m"(w)
        : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
          "xmm13");
    std::int64_t sum = 0;
    for (const std::int32_t word : words) sum += word;
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

// What this thread has had of a core: other programs make it run later, not slower.
double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

std::string peak_kernel() {
    return kernel().name;
}

double measure_peak() {
    const Kernel k = kernel();
    double best = 0;
    for (int i = 0; i < 20; ++i) {
        const double begin = thread_seconds();
        const std::int64_t sum = k.run(kRounds);
        const double seconds = thread_seconds() - begin;
        if (sum != -6 * k.products * kRounds) throw std::logic_error("the peak kernel computes " + std::to_string(sum));
        best = std::max(best, static_cast<double>(k.products) * kRounds / seconds);
    }
    highest = std::max(highest, best);
    return best;
}

double peak_so_far() {
    return highest > 0 ? highest : measure_peak();
}

}  // namespace bench::peers
