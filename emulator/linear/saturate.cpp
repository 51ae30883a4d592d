#include "saturate.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/saturate.cpp"
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

// Raws from 16-bit lanes that hold acc + offset.
template <class D>
HWY_INLINE void store_saturated(D d, hn::Vec<D> acc, std::int32_t offset, std::int32_t* out) {
#if HWY_TARGET == HWY_SCALAR
    *out = hn::GetLane(acc) - offset;
    (void)d;
#else
    const hn::Half<D> half;
    const hn::Repartition<std::int32_t, D> wide;
    const auto away = hn::Set(wide, offset);
    hn::StoreU(hn::Sub(hn::PromoteTo(wide, hn::LowerHalf(half, acc)), away), wide, out);
    hn::StoreU(hn::Sub(hn::PromoteTo(wide, hn::UpperHalf(half, acc)), away), wide, out + hn::MaxLanes(wide));
#endif
}

// Raws from 16-bit lanes of which `width` bits count.
void store_wrapped(const SaturateTile& tile, const std::int16_t* HWY_RESTRICT lanes, std::int32_t* HWY_RESTRICT out) {
    if (tile.is_signed) {
        const int unused = 32 - tile.width;
        for (int i = 0; i < kLanes; ++i) {
            out[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(lanes[i]) << unused) >> unused;
        }
    } else {
        const std::int32_t mask = (1 << tile.width) - 1;
        for (int i = 0; i < kLanes; ++i) out[i] = lanes[i] & mask;
    }
}

template <SaturateKernel kKernel, class D, class V = hn::Vec<D>>
HWY_INLINE V multiply16(D d, V x, V w) {
    if constexpr (kKernel == SaturateKernel::Pairs16) {
        return byte_pair_dot(d, x, w);
    } else if constexpr (kKernel == SaturateKernel::Floor16) {
        return hn::MulHigh(x, w);
    } else if constexpr (kKernel == SaturateKernel::Round16) {
        return hn::MulFixedPoint15(x, w);
    } else {
        return hn::Mul(x, w);
    }
}

// kJobs channels, two vectors each.
template <SaturateKernel kKernel, bool kWraps, bool kLow, std::size_t kJobs>
void run16(const SaturateTile& tile) {
    const hn::CappedTag<std::int16_t, kLanes / 2> d;
    using V = hn::Vec<decltype(d)>;
    constexpr std::size_t n = hn::MaxLanes(d);
    alignas(64) std::int16_t lanes[kWraps ? kJobs : 1][kLanes];
    const V low = hn::Set(d, static_cast<std::int16_t>(tile.jobs[0].low));
    const auto add = [&](V acc, V p) {
        if constexpr (kWraps) return hn::Add(acc, p);
        const V sum = hn::SaturatedAdd(acc, p);
        return kLow ? hn::Max(sum, low) : sum;
    };
    for (std::size_t lane = 0; lane < kLanes; lane += 2 * n) {
        V acc0[kJobs], acc1[kJobs];
        const std::byte* windows[kJobs];
        for (std::size_t j = 0; j < kJobs; ++j) {
            acc0[j] = acc1[j] = hn::Set(d, static_cast<std::int16_t>(tile.jobs[j].start));
            windows[j] = tile.jobs[j].window + lane * sizeof(std::int16_t);
        }
        const SaturateStep* const end = tile.steps + tile.count * kJobs;
        for (const SaturateStep* step = tile.steps; step != end; step += kJobs) {
            for (std::size_t j = 0; j < kJobs; ++j) {
                const auto* const cell = reinterpret_cast<const std::int16_t*>(windows[j] + step[j].offset);
#if HWY_TARGET == HWY_SCALAR
                const V w = hn::Set(d, static_cast<std::int16_t>(step[j].weights));
#else
                const V w = hn::BitCast(d, hn::Set(hn::Repartition<std::int32_t, decltype(d)>(), step[j].weights));
#endif
                acc0[j] = add(acc0[j], multiply16<kKernel>(d, hn::Load(d, cell), w));
                acc1[j] = add(acc1[j], multiply16<kKernel>(d, hn::Load(d, cell + n), w));
            }
        }
        for (std::size_t j = 0; j < kJobs; ++j) {
            const V last = hn::Set(d, static_cast<std::int16_t>(tile.jobs[j].last));
            if constexpr (kWraps) {
                hn::Store(add(acc0[j], last), d, lanes[j] + lane);
                hn::Store(add(acc1[j], last), d, lanes[j] + lane + n);
            } else {
                store_saturated(d, add(acc0[j], last), tile.offset, tile.jobs[j].out + lane);
                store_saturated(d, add(acc1[j], last), tile.offset, tile.jobs[j].out + lane + n);
            }
        }
    }
    for (std::size_t j = 0; kWraps && j < kJobs; ++j) store_wrapped(tile, lanes[j], tile.jobs[j].out);
}

template <SaturateKernel kKernel, bool kWraps, bool kLow>
void run16_of(const SaturateTile& tile) {
    switch (tile.channels) {
        case 1: return run16<kKernel, kWraps, kLow, 1>(tile);
        case 2: return run16<kKernel, kWraps, kLow, 2>(tile);
        case 3: return run16<kKernel, kWraps, kLow, 3>(tile);
        case 4: return run16<kKernel, kWraps, kLow, 4>(tile);
    }
}

template <SaturateKernel kKernel, bool kWraps = false>
void run_all16(const SaturateTile& tile) {
    if constexpr (kWraps) {
        run16_of<kKernel, true, false>(tile);
    } else if (tile.needs_low) {
        run16_of<kKernel, false, true>(tile);
    } else {
        run16_of<kKernel, false, false>(tile);
    }
}

template <std::size_t kJobs>
void clamped(const SaturateTile& tile) {
    const hn::CappedTag<std::int32_t, kLanes / 2> d;
    using V = hn::Vec<decltype(d)>;
    constexpr std::size_t n = hn::MaxLanes(d);
    const V low = hn::Set(d, tile.jobs[0].low), high = hn::Set(d, tile.jobs[0].high);
    const auto add = [&](V acc, V p) { return hn::Min(hn::Max(hn::Add(acc, p), low), high); };
    for (std::size_t lane = 0; lane < kLanes; lane += 2 * n) {
        V acc0[kJobs], acc1[kJobs];
        const std::byte* windows[kJobs];
        for (std::size_t j = 0; j < kJobs; ++j) {
            acc0[j] = acc1[j] = hn::Set(d, tile.jobs[j].start);
            windows[j] = tile.jobs[j].window + lane * sizeof(std::int32_t);
        }
        const SaturateStep* const end = tile.steps + tile.count * kJobs;
        for (const SaturateStep* step = tile.steps; step != end; step += kJobs) {
            for (std::size_t j = 0; j < kJobs; ++j) {
                const auto* const cell = reinterpret_cast<const std::int32_t*>(windows[j] + step[j].offset);
                const V w = hn::Set(d, step[j].weights);
                acc0[j] = add(acc0[j], pair_dot(d, hn::Load(d, cell), w));
                acc1[j] = add(acc1[j], pair_dot(d, hn::Load(d, cell + n), w));
            }
        }
        for (std::size_t j = 0; j < kJobs; ++j) {
            const V last = hn::Set(d, tile.jobs[j].last);
            hn::StoreU(add(acc0[j], last), d, tile.jobs[j].out + lane);
            hn::StoreU(add(acc1[j], last), d, tile.jobs[j].out + lane + n);
        }
    }
}

void clamped32(const SaturateTile& tile) {
    switch (tile.channels) {
        case 1: return clamped<1>(tile);
        case 2: return clamped<2>(tile);
        case 3: return clamped<3>(tile);
        case 4: return clamped<4>(tile);
    }
}

SaturateKernels kernels() {
    return {run_all16<SaturateKernel::Pairs16>,
            run_all16<SaturateKernel::Low16>,
            run_all16<SaturateKernel::Floor16>,
            run_all16<SaturateKernel::Round16>,
            run_all16<SaturateKernel::Floor16, true>,
            run_all16<SaturateKernel::Round16, true>,
            clamped32};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bittrue::emulator::linear {

BITTRUE_PER_ISA(SaturateKernels, saturate_kernels, kernels())

}  // namespace bittrue::emulator::linear
#endif
