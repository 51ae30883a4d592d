// Counted steps with VNNI: up to four products of one sign per step, some vectors of images side by side.
#include <array>
#include <bit>

#include "counted.hpp"
#include "vnni.hpp"

#if defined(__x86_64__)

#include "vnni-inl.hpp"

namespace bittrue::emulator::linear {
namespace {

template <CountedOverflow kOverflow>
BITTRUE_VNNI inline __m512i limit(const CountedJob& job, __m512i sum, __mmask16 outside) {
    if constexpr (kOverflow == CountedOverflow::Clamp) {
        return _mm512_min_epi32(_mm512_max_epi32(sum, _mm512_set1_epi32(job.low)), _mm512_set1_epi32(job.high));
    } else if constexpr (kOverflow == CountedOverflow::Zero) {
        return _mm512_maskz_mov_epi32(static_cast<__mmask16>(~outside), sum);
    } else {
        const __m128i unused = _mm_cvtsi32_si128(job.unused);
        const __m512i up = _mm512_sll_epi32(sum, unused);
        return kOverflow == CountedOverflow::WrapSigned ? _mm512_sra_epi32(up, unused) : _mm512_srl_epi32(up, unused);
    }
}

// Counts what is outside of the range and brings it back.
template <CountedOverflow kOverflow>
BITTRUE_VNNI inline __m512i step(const CountedJob& job, __m512i sum, std::uint64_t counted, CountedOverflows& found) {
    const __mmask16 above = _mm512_cmpgt_epi32_mask(sum, _mm512_set1_epi32(job.high));
    const __mmask16 below = _mm512_cmplt_epi32_mask(sum, _mm512_set1_epi32(job.low));
    found.above += static_cast<unsigned>(std::popcount(above & counted));
    found.below += static_cast<unsigned>(std::popcount(below & counted));
    return limit<kOverflow>(job, sum, static_cast<__mmask16>(above | below));
}

template <bool kQuads, CountedOverflow kOverflow>
BITTRUE_VNNI inline __m512i by_element(const CountedJob& job, __m512i sum, __m512i cell, std::int32_t weights,
                                       std::uint64_t counted, CountedOverflows& found) {
    constexpr int kBits = kQuads ? 8 : 16;
    for (int bit = 0; bit < 32; bit += kBits) {
        const std::uint32_t own = static_cast<std::uint32_t>(weights) & (~std::uint32_t{0} >> (32 - kBits)) << bit;
        if (own == 0) continue;
        sum = dot<kQuads>(sum, cell, _mm512_set1_epi32(static_cast<std::int32_t>(own)));
        sum = step<kOverflow>(job, sum, counted, found);
    }
    return sum;
}

template <bool kQuads, CountedOverflow kOverflow, std::size_t kMany>
BITTRUE_VNNI void run(const CountedJob& job, const std::array<std::size_t, kVectors>& which, CountedOverflows& found) {
    const __m512i low = _mm512_set1_epi32(job.low), high = _mm512_set1_epi32(job.high);
    __m512i sum[kMany];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kMany; ++v) sum[v] = _mm512_set1_epi32(job.start);
    const SaturateStep* now = job.steps;
    for (std::size_t i = 0; i < job.count; ++i, now += job.stride) {
        const std::byte* const cells = job.window + now->offset;
        const __m512i w = _mm512_set1_epi32(now->weights);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < kMany; ++v) {
            const __m512i cell = _mm512_load_si512(cells + which[v] * 64);
            const __m512i next = dot<kQuads>(sum[v], cell, w);
            const __mmask16 above = _mm512_cmpgt_epi32_mask(next, high), below = _mm512_cmplt_epi32_mask(next, low);
            if (__builtin_expect(_mm512_kortestz(above, below) != 0, 1)) {
                sum[v] = next;
            } else {
                sum[v] = by_element<kQuads, kOverflow>(job, sum[v], cell, now->weights,
                                                       job.lanes.counted >> (16 * which[v]), found);
            }
        }
    }
    for (std::size_t v = 0; v < kMany; ++v) {
        if (job.last != 0)
            sum[v] = step<kOverflow>(job, _mm512_add_epi32(sum[v], _mm512_set1_epi32(job.last)),
                                     job.lanes.counted >> (16 * which[v]), found);
        _mm512_storeu_si512(job.sums + which[v] * 16, sum[v]);
    }
}

template <bool kQuads, CountedOverflow kOverflow>
CountedOverflows run_as(const CountedJob& job) {
    std::array<std::size_t, kVectors> which{};
    std::size_t many = 0;
    for (std::size_t v = 0; v < kVectors; ++v)
        if ((job.lanes.computed >> (16 * v) & 0xffffU) != 0) which[many++] = v;
    CountedOverflows found;
    switch (many) {
        case 0: break;
        case 1: run<kQuads, kOverflow, 1>(job, which, found); break;
        case 2: run<kQuads, kOverflow, 2>(job, which, found); break;
        case 3: run<kQuads, kOverflow, 3>(job, which, found); break;
        default: run<kQuads, kOverflow, 4>(job, which, found); break;
    }
    return found;
}

template <bool kQuads>
CountedOverflows run_all(const CountedJob& job) {
    switch (job.overflow) {
        case CountedOverflow::Clamp: return run_as<kQuads, CountedOverflow::Clamp>(job);
        case CountedOverflow::Zero: return run_as<kQuads, CountedOverflow::Zero>(job);
        case CountedOverflow::WrapSigned: return run_as<kQuads, CountedOverflow::WrapSigned>(job);
        case CountedOverflow::WrapUnsigned: break;
    }
    return run_as<kQuads, CountedOverflow::WrapUnsigned>(job);
}

}  // namespace

CountedRun vnni_counted_quads(Isa isa) {
    return has_vnni(isa) ? run_all<true> : nullptr;
}
CountedRun vnni_counted_pairs(Isa isa) {
    return has_vnni(isa) ? run_all<false> : nullptr;
}

}  // namespace bittrue::emulator::linear

#else

namespace bittrue::emulator::linear {

CountedRun vnni_counted_quads(Isa /*isa*/) {
    return nullptr;
}
CountedRun vnni_counted_pairs(Isa /*isa*/) {
    return nullptr;
}

}  // namespace bittrue::emulator::linear

#endif
