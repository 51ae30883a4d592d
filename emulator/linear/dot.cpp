#include "dot.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/dot.cpp"
#include "highway_targets.hpp"
// clang-format off: this order is part of the interface
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "pairs-inl.hpp"
#include "vnni.hpp"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kVectors = 2, kChannels = 4;  // fit sixteen registers

template <std::size_t kTile>
void pairs_of(const DotTile& tile, std::size_t first, const std::byte* window, std::int32_t* out) {
    const hn::CappedTag<std::int32_t, kLanes / kVectors> d;
    constexpr std::size_t n = hn::MaxLanes(d);
    for (std::size_t lane = 0; lane < kLanes; lane += kVectors * n) {
        hn::Vec<decltype(d)> sums[kTile][kVectors];
        for (std::size_t c = 0; c < kTile; ++c) {
            for (std::size_t v = 0; v < kVectors; ++v) sums[c][v] = hn::Set(d, tile.starts[first + c]);
        }
        const std::int32_t* weights = tile.weights + first;
        for (std::size_t i = 0; i < tile.cells; ++i, weights += tile.channels) {
            const auto* const cell = reinterpret_cast<const std::int32_t*>(window + tile.offsets[i]) + lane;
            const auto x0 = hn::Load(d, cell), x1 = hn::Load(d, cell + n);
            for (std::size_t c = 0; c < kTile; ++c) {
                const auto w = hn::Set(d, weights[c]);
                sums[c][0] = hn::Add(sums[c][0], pair_dot(d, x0, w));
                sums[c][1] = hn::Add(sums[c][1], pair_dot(d, x1, w));
            }
        }
        for (std::size_t c = 0; c < kTile; ++c) {
            for (std::size_t v = 0; v < kVectors; ++v) {
                hn::StoreU(sums[c][v], d, out + (first + c) * kLanes + lane + v * n);
            }
        }
    }
}

void pairs_at(const DotTile& tile, const std::byte* window, std::int32_t* out) {
    for (std::size_t first = 0; first < tile.channels; first += kChannels) {
        switch (std::min(kChannels, tile.channels - first)) {
            case 1: pairs_of<1>(tile, first, window, out); break;
            case 2: pairs_of<2>(tile, first, window, out); break;
            case 3: pairs_of<3>(tile, first, window, out); break;
            case 4: pairs_of<4>(tile, first, window, out); break;
        }
    }
}

void pairs(const DotTile& tile, const std::byte* window, std::int32_t* out) {
    for (std::size_t p = 0; p < tile.positions; ++p, window += tile.window_step, out += tile.out_step)
        pairs_at(tile, window, out);
}

void finish(const DotFinish& f, std::int32_t* sums, std::size_t channels) {
    const hn::CappedTag<std::int32_t, kLanes> d;
    const int unused = f.width == 0 ? 0 : 32 - f.width;
    const auto mask = hn::Set(d, static_cast<std::int32_t>((std::uint64_t{1} << (32 - unused)) - 1));
    for (std::size_t c = 0; c < channels; ++c) {
        const auto add = hn::Set(d, f.adds[c]);
        for (std::size_t lane = 0; lane < kLanes; lane += hn::MaxLanes(d)) {
            std::int32_t* const at = sums + c * kLanes + lane;
            auto sum = hn::Add(hn::ShiftLeftSame(hn::LoadU(d, at), f.up), add);
            if (unused != 0 && f.is_signed) sum = hn::ShiftRightSame(hn::ShiftLeftSame(sum, unused), unused);
            if (unused != 0 && !f.is_signed) sum = hn::And(sum, mask);
            hn::StoreU(sum, d, at);
        }
    }
}

DotKernels kernels() {
    return {pairs, finish};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bittrue::emulator::linear {

BITTRUE_PER_ISA(DotKernels, dot_kernels, kernels())

DotKernel dot_kernel(CellKind kind, Isa isa) {
    if (kind == CellKind::QuadU8) return vnni_quads(isa);
    return has_vnni(isa) ? vnni_pairs(isa) : dot_kernels(isa).pairs;
}

std::int32_t pack_weights(CellKind kind, const std::int64_t* weights) {
    const std::size_t elements = elements_of(kind);
    const bool bytes = kind == CellKind::QuadU8 || kind == CellKind::PairU8;
    std::uint32_t packed = 0;
    for (std::size_t i = 0; i < elements; ++i) {
        const auto word = static_cast<std::uint32_t>(weights[i]) & (bytes ? 0xffU : 0xffffU);
        packed |= word << (i * (bytes ? 8 : 16));
    }
    return static_cast<std::int32_t>(packed);
}

}  // namespace bittrue::emulator::linear
#endif
