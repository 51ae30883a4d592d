// Bytes of images into planes and back: 16 elements of every image at a time, transposed within blocks of 16 bytes.
#include <algorithm>

#include "lane_kernels.hpp"
#include "lane_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "block/lane_transpose.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::CappedTag<std::uint8_t, kLanes>;
using Rows = hn::Vec<Bytes>[16];
constexpr int kBlock = 16;  // bytes, of elements or of images
constexpr int kLine = 64;   // bytes of the cache

// Blocks of 16 bytes from images first, first + 16, ...
template <class D>
HWY_INLINE hn::Vec<D> load_blocks(D d, const std::uint8_t* const* images, std::int64_t at) {
    if constexpr (hn::MaxLanes(d) <= kBlock) {
        return hn::LoadU(d, images[0] + at);
    } else {
        const hn::Half<D> half;
        constexpr std::size_t kUpper = hn::MaxLanes(half);
        return hn::Combine(d, load_blocks(half, images + kUpper, at), load_blocks(half, images, at));
    }
}

template <class D>
HWY_INLINE void store_blocks(D d, hn::Vec<D> v, std::uint8_t* const* images, std::int64_t at) {
    if constexpr (hn::MaxLanes(d) <= kBlock) {
        hn::StoreU(v, d, images[0] + at);
    } else {
        const hn::Half<D> half;
        constexpr std::size_t kUpper = hn::MaxLanes(half);
        store_blocks(half, hn::LowerHalf(half, v), images, at);
        store_blocks(half, hn::UpperHalf(half, v), images + kUpper, at);
    }
}

template <class T>
HWY_INLINE void interleave(const Rows& in, Rows& out) {
    const hn::Repartition<T, Bytes> d;
    const Bytes bytes;
    for (int i = 0; i < kBlock / 2; ++i) {
        const auto a = hn::BitCast(d, in[i]), b = hn::BitCast(d, in[i + kBlock / 2]);
        out[2 * i] = hn::BitCast(bytes, hn::InterleaveLower(d, a, b));
        out[2 * i + 1] = hn::BitCast(bytes, hn::InterleaveUpper(d, a, b));
    }
}

// rows[i] byte j of every block becomes rows[j] byte i: four perfect shuffles of the rows.
HWY_INLINE void transpose(Rows& rows) {
    Rows other;
    interleave<std::uint8_t>(rows, other);
    interleave<std::uint8_t>(other, rows);
    interleave<std::uint8_t>(rows, other);
    interleave<std::uint8_t>(other, rows);
}

void bytes_to_planes(const std::uint8_t* const* images, std::int64_t elements, std::uint8_t* planes) {
    if (elements < kBlock) {
        for (std::int64_t e = 0; e < elements; ++e)
            for (int l = 0; l < kLanes; ++l) planes[e * kLanes + l] = images[l][e];
        return;
    }
    const Bytes d;
    constexpr std::size_t kWidth = hn::MaxLanes(Bytes());
    for (std::int64_t e = 0; e < elements; e += kBlock) {
        // No hardware follows so many images at once.
        if (e % kLine == 0 && e + 2 * kLine <= elements)
            for (int l = 0; l < kLanes; ++l) hwy::Prefetch(images[l] + e + kLine);
        e = std::min(e, elements - kBlock);  // the last tile overlaps the one in front
        for (std::size_t lane = 0; lane < kLanes; lane += kWidth) {
            Rows rows;
            for (std::size_t i = 0; i < kBlock; ++i) rows[i] = load_blocks(d, images + lane + i, e);
            transpose(rows);
            for (std::int64_t i = 0; i < kBlock; ++i) hn::Store(rows[i], d, planes + (e + i) * kLanes + lane);
        }
    }
}

void planes_to_bytes(const std::uint8_t* planes, std::int64_t elements, std::uint8_t* const* images, int count) {
    const Bytes d;
    constexpr std::size_t kWidth = hn::MaxLanes(Bytes());
    std::int64_t done = 0;
    if (count == kLanes) {
        for (; done + kBlock <= elements; done += kBlock) {
            for (std::size_t lane = 0; lane < kLanes; lane += kWidth) {
                Rows rows;
                for (std::int64_t i = 0; i < kBlock; ++i) rows[i] = hn::Load(d, planes + (done + i) * kLanes + lane);
                transpose(rows);
                for (std::size_t i = 0; i < kBlock; ++i) store_blocks(d, rows[i], images + lane + i, done);
            }
        }
    }
    for (int l = 0; l < count; ++l)
        for (std::int64_t e = done; e < elements; ++e) images[l][e] = planes[e * kLanes + l];
}

}  // namespace

void fill_transposes(LaneKernels& k) {
    k.bytes_to_planes = &bytes_to_planes;
    k.planes_to_bytes = &planes_to_bytes;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "lane_dispatch.hpp"
#include "lane_fill.hpp"

namespace bittrue::emulator {

void fill_transposes(Isa isa, LaneKernels& kernels) {
    BITTRUE_DISPATCH(isa, fill_transposes(kernels))
}

}  // namespace bittrue::emulator
#endif
