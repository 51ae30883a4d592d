// The saturating dot product of VNNI: with the accumulator shifted to the top of the lane it saturates where the
// accumulator does.
#include "saturate.hpp"
#include "vnni.hpp"

#if defined(__x86_64__)

#include "vnni-inl.hpp"

namespace bittrue::emulator::linear {
namespace {

template <bool kLow>
BITTRUE_VNNI inline __m512i step(__m512i acc, __m512i x, __m512i w, __m512i low) {
    const __m512i sum = dot_words_saturated(acc, x, w);
    return kLow ? _mm512_max_epi32(sum, low) : sum;
}

template <bool kLow, std::size_t kJobs>
BITTRUE_VNNI void run(const SaturateTile& tile) {
    __m512i acc[kJobs][kVectors];
    const std::byte* windows[kJobs];
    const __m512i low = _mm512_set1_epi32(tile.jobs[0].low), high = _mm512_set1_epi32(tile.jobs[0].high);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kJobs; ++j) {
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) acc[j][v] = _mm512_set1_epi32(tile.jobs[j].start);
        windows[j] = tile.jobs[j].window;
    }
    const SaturateStep* steps = tile.steps;
    for (std::size_t i = 0; i < tile.count; ++i, steps += kJobs) {
#pragma GCC unroll 4
        for (std::size_t j = 0; j < kJobs; ++j) {
            const std::byte* const cell = windows[j] + steps[j].offset;
            const __m512i w = _mm512_set1_epi32(steps[j].weights);
#pragma GCC unroll 4
            for (std::size_t v = 0; v < kVectors; ++v) {
                acc[j][v] = step<kLow>(acc[j][v], _mm512_load_si512(cell + v * 64), w, low);
            }
        }
    }
    const __m128i scale = _mm_cvtsi32_si128(tile.scale);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kJobs; ++j) {
        const __m512i last = _mm512_set1_epi32(tile.jobs[j].last);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) {
            // Without the scale a last bias of 16 bits cannot leave the lane of a narrower accumulator.
            __m512i sum = _mm512_sra_epi32(acc[j][v], scale);
            if (tile.jobs[j].last != 0) {
                sum = _mm512_min_epi32(_mm512_add_epi32(sum, last), high);
                sum = _mm512_max_epi32(sum, _mm512_sra_epi32(low, scale));
            }
            _mm512_storeu_si512(tile.jobs[j].out + v * 16, sum);
        }
    }
}

template <bool kLow>
void run_of(const SaturateTile& tile) {
    switch (tile.channels) {
        case 1: return run<kLow, 1>(tile);
        case 2: return run<kLow, 2>(tile);
        case 3: return run<kLow, 3>(tile);
        case 4: return run<kLow, 4>(tile);
    }
}

void run_all(const SaturateTile& tile) {
    tile.needs_low ? run_of<true>(tile) : run_of<false>(tile);
}

}  // namespace

SaturateRun native32(Isa isa) {
    return has_vnni(isa) ? run_all : nullptr;
}

}  // namespace bittrue::emulator::linear

#else

namespace bittrue::emulator::linear {

SaturateRun native32(Isa /*isa*/) {
    return nullptr;
}

}  // namespace bittrue::emulator::linear

#endif
