// The sums of products for every instruction set without dot products of bytes.
#include <algorithm>
#include <cstring>

#include "block/lane_targets.hpp"
#include "training/kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/dots.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

// g++ multiplies the index of an array of vectors by an unsigned size and warns of that.
#pragma GCC diagnostic ignored "-Wsign-conversion"

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::training {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::int32_t, 16>;
using Halves = hn::Repartition<std::int16_t, Words>;
using V = hn::Vec<Words>;
using H = hn::Vec<Halves>;

// Both signed halves of each word of products, summed.
HWY_INLINE V pairs(H a, H b) {
#if HWY_TARGET == HWY_AVX3
    return V{_mm512_madd_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
    return V{_mm256_madd_epi16(a.raw, b.raw)};
#else
    const V product = hn::BitCast(Words(), hn::Mul(a, b));  // of bytes, so it fits
    return hn::Add(hn::ShiftRight<16>(hn::ShiftLeft<16>(product)), hn::ShiftRight<16>(product));
#endif
}

// Unsigned bytes, the even and the odd ones of each half.
struct Unsigned {
    explicit HWY_INLINE Unsigned(V bytes)
        : even(hn::And(hn::BitCast(Halves(), bytes), hn::Set(Halves(), 0xFF))),
          odd(hn::BitCast(Halves(), hn::ShiftRight<8>(hn::BitCast(hn::RebindToUnsigned<Halves>(), bytes)))) {}
    H even, odd;
};
struct Signed {
    explicit HWY_INLINE Signed(V bytes)
        : even(hn::ShiftRight<8>(hn::ShiftLeft<8>(hn::BitCast(Halves(), bytes)))),
          odd(hn::ShiftRight<8>(hn::BitCast(Halves(), bytes))) {}
    H even, odd;
};

HWY_INLINE V dot_bytes(V sum, const Unsigned& x, const Signed& w) {
    return hn::Add(sum, hn::Add(pairs(x.even, w.even), pairs(x.odd, w.odd)));
}

HWY_INLINE V load_bytes(const void* at) {
    return hn::BitCast(Words(),
                       hn::LoadU(hn::Repartition<std::uint8_t, Words>(), static_cast<const std::uint8_t*>(at)));
}
HWY_INLINE V spread(const void* four_bytes) {
    std::int32_t bytes = 0;
    std::memcpy(&bytes, four_bytes, sizeof bytes);
    return hn::Set(Words(), bytes);
}

// kChannels channels of one vector.
template <int kChannels>
HWY_INLINE void dot_at(const Dot& t, int first, int lane) {
    V sums[kChannels];
    for (int c = 0; c < kChannels; ++c) sums[c] = hn::Set(Words(), t.starts == nullptr ? 0 : t.starts[first + c]);
    const std::int8_t* const weights = t.weights + first * t.channel_stride;
    for (int i = 0; i < t.quads; ++i) {
        const Unsigned x(load_bytes(t.cells + t.cell_offsets[i] + 4 * lane));
        const std::int8_t* w = weights + t.weight_offsets[i];
        for (int c = 0; c < kChannels; ++c, w += t.channel_stride) sums[c] = dot_bytes(sums[c], x, Signed(spread(w)));
    }
    for (int c = 0; c < kChannels; ++c) hn::StoreU(sums[c], Words(), t.out + kImages * (first + c) + lane);
}

void dot(const Dot& t) {
    for (int lane = 0; lane < 16 * t.vectors; lane += static_cast<int>(hn::Lanes(Words()))) {
        int c = 0;
        for (; c + 4 <= t.channels; c += 4) dot_at<4>(t, c, lane);
        for (; c < t.channels; ++c) dot_at<1>(t, c, lane);
    }
}

void dense_gradient(const DenseGradient& t) {
    const Words d;
    const auto lanes = static_cast<int>(hn::Lanes(d));
    HWY_ALIGN std::int32_t tail[16];
    for (int row = 0; row < t.rows; ++row) {
        const std::uint8_t* const a = t.a + row * kImages;
        for (int o = 0; o < t.outs; o += lanes) {
            V sum = hn::Zero(d);
            for (int q = 0; q < t.quads; ++q)
                sum = dot_bytes(sum, Unsigned(spread(a + t.quad_places[q])),
                                Signed(load_bytes(t.deltas + q * t.delta_stride + o)));
            hn::Store(sum, d, tail);
            std::int32_t* const to = t.g + row * t.outs + o;
            for (int i = 0; i < std::min(lanes, t.outs - o); ++i) to[i] = tail[i] + (t.add ? to[i] : 0);
        }
    }
}

void conv_gradient(const ConvGradient& t) {
    const Words d;
    const auto bytes = static_cast<int>(hn::Lanes(d)) * 4;
    for (int i = 0; i < t.taps; ++i) {
        V sums[ConvGradient::kOuts];
        for (V& sum : sums) sum = hn::Zero(d);
        for (int y = 0; y < t.rows; ++y) {
            const std::uint8_t* const a = t.a + y * t.a_row + i * kImages;
            const std::int8_t* const delta = t.deltas + y * t.delta_row;
            for (int at = 0; at < t.columns * kImages; at += bytes) {
                const Unsigned x(load_bytes(a + at));
                for (int o = 0; o < t.outs; ++o)
                    sums[o] = dot_bytes(sums[o], x, Signed(load_bytes(delta + o * t.out_stride + at)));
            }
        }
        for (int o = 0; o < t.outs; ++o) t.out[ConvGradient::kOuts * i + o] = hn::GetLane(hn::SumOfLanes(d, sums[o]));
    }
}

}  // namespace

void fill_dots(Kernels& k) {
    k.dot = &dot;
    k.dense_gradient = &dense_gradient;
    k.conv_gradient = &conv_gradient;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::training
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "block/lane_dispatch.hpp"

namespace bittrue::emulator::training {

void fill_dots(Isa isa, Kernels& k) {
    BITTRUE_DISPATCH(isa, fill_dots(k))
}

}  // namespace bittrue::emulator::training
#endif
