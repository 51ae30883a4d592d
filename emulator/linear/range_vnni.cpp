// Prefix ranges with VNNI: up to four products of one sign per step.
#include "range.hpp"
#include "vnni.hpp"

#if defined(__x86_64__)

#include "vnni-inl.hpp"

namespace bittrue::emulator::linear {
namespace {

// With steps that alternate, a sum has a new smallest value only behind every other step, a new largest one only behind
// those between.
template <bool kQuads, std::size_t kJobs, bool kAlternates>
BITTRUE_VNNI void run(const RangeTile& tile) {
    __m512i sum[kJobs][kVectors], low[kJobs][kVectors], high[kJobs][kVectors];
    const std::byte* windows[kJobs];
#pragma GCC unroll 2
    for (std::size_t j = 0; j < kJobs; ++j) {
        const __m512i start = _mm512_set1_epi32(tile.jobs[j].start);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) sum[j][v] = low[j][v] = high[j][v] = start;
        windows[j] = tile.jobs[j].window;
    }
    const SaturateStep* step = tile.steps;
    for (std::size_t i = 0; i < tile.count; i += kAlternates ? 2 : 1) {
#pragma GCC unroll 2
        for (std::size_t half = 0; half < (kAlternates ? 2 : 1); ++half, step += kJobs) {
#pragma GCC unroll 2
            for (std::size_t j = 0; j < kJobs; ++j) {
                const std::byte* const cell = windows[j] + step[j].offset;
                const __m512i w = _mm512_set1_epi32(step[j].weights);
#pragma GCC unroll 4
                for (std::size_t v = 0; v < kVectors; ++v) {
                    sum[j][v] = dot<kQuads>(sum[j][v], _mm512_load_si512(cell + v * 64), w);
                    if (!kAlternates || half == 0) low[j][v] = _mm512_min_epi32(low[j][v], sum[j][v]);
                    if (!kAlternates || half == 1) high[j][v] = _mm512_max_epi32(high[j][v], sum[j][v]);
                }
            }
        }
    }
#pragma GCC unroll 2
    for (std::size_t j = 0; j < kJobs; ++j) {
        const RangeJob& job = tile.jobs[j];
        const __m512i last = _mm512_set1_epi32(job.last);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kVectors; ++v) {
            const __m512i all = _mm512_add_epi32(sum[j][v], last);
            __m512i least = _mm512_min_epi32(low[j][v], all), most = _mm512_max_epi32(high[j][v], all);
            if (job.sum != nullptr) {
                _mm512_storeu_si512(job.sum + v * 16, all);
            } else {
                least = _mm512_min_epi32(least, _mm512_loadu_si512(job.low + v * 16));
                most = _mm512_max_epi32(most, _mm512_loadu_si512(job.high + v * 16));
            }
            _mm512_storeu_si512(job.low + v * 16, least);
            _mm512_storeu_si512(job.high + v * 16, most);
        }
    }
}

template <bool kQuads>
void run_all(const RangeTile& tile) {
    if (tile.alternates) {
        tile.channels == 1 ? run<kQuads, 1, true>(tile) : run<kQuads, 2, true>(tile);
    } else {
        tile.channels == 1 ? run<kQuads, 1, false>(tile) : run<kQuads, 2, false>(tile);
    }
}

}  // namespace

RangeRun vnni_range_quads(Isa isa) {
    return has_vnni(isa) ? run_all<true> : nullptr;
}
RangeRun vnni_range_pairs(Isa isa) {
    return has_vnni(isa) ? run_all<false> : nullptr;
}

}  // namespace bittrue::emulator::linear

#else

namespace bittrue::emulator::linear {

RangeRun vnni_range_quads(Isa /*isa*/) {
    return nullptr;
}
RangeRun vnni_range_pairs(Isa /*isa*/) {
    return nullptr;
}

}  // namespace bittrue::emulator::linear

#endif
