#include "range.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/range.cpp"
#include "highway_targets.hpp"
// clang-format off: this order is part of the interface
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "pairs-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <std::size_t kJobs, bool kAlternates>
void run(const RangeTile& tile) {
    const hn::CappedTag<std::int32_t, kLanes / 2> d;
    using V = hn::Vec<decltype(d)>;
    constexpr std::size_t n = hn::MaxLanes(d);
    struct Sums {
        HWY_INLINE Sums() {}
        V sum[2], low[2], high[2];
    };
    for (std::size_t lane = 0; lane < kLanes; lane += 2 * n) {
        Sums all[kJobs];
        const std::byte* windows[kJobs];
        for (std::size_t j = 0; j < kJobs; ++j) {
            const V start = hn::Set(d, tile.jobs[j].start);
            for (std::size_t v = 0; v < 2; ++v) all[j].sum[v] = all[j].low[v] = all[j].high[v] = start;
            windows[j] = tile.jobs[j].window + lane * sizeof(std::int32_t);
        }
        const SaturateStep* step = tile.steps;
        for (std::size_t i = 0; i < tile.count; i += kAlternates ? 2 : 1) {
            for (std::size_t half = 0; half < (kAlternates ? 2 : 1); ++half, step += kJobs) {
                for (std::size_t j = 0; j < kJobs; ++j) {
                    const auto* const cell = reinterpret_cast<const std::int32_t*>(windows[j] + step[j].offset);
                    const V w = hn::Set(d, step[j].weights);
                    for (std::size_t v = 0; v < 2; ++v) {
                        Sums& s = all[j];
                        s.sum[v] = hn::Add(s.sum[v], pair_dot(d, hn::Load(d, cell + v * n), w));
                        if (!kAlternates || half == 0) s.low[v] = hn::Min(s.low[v], s.sum[v]);
                        if (!kAlternates || half == 1) s.high[v] = hn::Max(s.high[v], s.sum[v]);
                    }
                }
            }
        }
        for (std::size_t j = 0; j < kJobs; ++j) {
            const RangeJob& job = tile.jobs[j];
            for (std::size_t v = 0; v < 2; ++v) {
                all[j].sum[v] = hn::Add(all[j].sum[v], hn::Set(d, job.last));
                all[j].low[v] = hn::Min(all[j].low[v], all[j].sum[v]);
                all[j].high[v] = hn::Max(all[j].high[v], all[j].sum[v]);
                std::int32_t* const low = job.low + lane + v * n;
                std::int32_t* const high = job.high + lane + v * n;
                if (job.sum != nullptr) {
                    hn::StoreU(all[j].sum[v], d, job.sum + lane + v * n);
                } else {
                    all[j].low[v] = hn::Min(all[j].low[v], hn::LoadU(d, low));
                    all[j].high[v] = hn::Max(all[j].high[v], hn::LoadU(d, high));
                }
                hn::StoreU(all[j].low[v], d, low);
                hn::StoreU(all[j].high[v], d, high);
            }
        }
    }
}

void run_all(const RangeTile& tile) {
    if (tile.alternates) {
        tile.channels == 1 ? run<1, true>(tile) : run<2, true>(tile);
    } else {
        tile.channels == 1 ? run<1, false>(tile) : run<2, false>(tile);
    }
}

RangeRun kernels() {
    return run_all;
}

std::uint64_t look(const std::int32_t* lows, const std::int32_t* highs, std::int32_t low, std::int32_t high) {
    const hn::CappedTag<std::int32_t, kLanes> d;
    constexpr std::size_t n = hn::MaxLanes(d);
    const auto least = hn::Set(d, low), most = hn::Set(d, high);
    std::uint64_t outside = 0;
    for (std::size_t lane = 0; lane < kLanes; lane += n) {
        const auto bad = hn::Or(hn::Lt(hn::LoadU(d, lows + lane), least), hn::Gt(hn::LoadU(d, highs + lane), most));
        if (hn::AllFalse(d, bad)) continue;
        std::uint8_t bits[8] = {};
        hn::StoreMaskBits(d, bad, bits);
        std::uint64_t found = 0;
        for (std::size_t i = 0; i < 8; ++i) found |= std::uint64_t{bits[i]} << (8 * i);
        outside |= (found & (~std::uint64_t{0} >> (64 - n))) << lane;
    }
    return outside;
}
RangeLook look_kernel() {
    return look;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bittrue::emulator::linear {

BITTRUE_PER_ISA(RangeRun, range_pairs, kernels())
BITTRUE_PER_ISA(RangeLook, range_look, look_kernel())

}  // namespace bittrue::emulator::linear
#endif
