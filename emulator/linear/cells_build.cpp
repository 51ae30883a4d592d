// Plain loops over the lanes, which the compiler vectorises for each target; with AVX-512 shuffles where those are
// faster.
#include "cells.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "linear/cells_build.cpp"
#include "highway_targets.hpp"
// clang-format off: this order is part of the interface
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::linear {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

alignas(64) constexpr std::byte kZero[kLanes * sizeof(std::int16_t)] = {};

template <class T>
const T* plane_of(const Planes& in, std::int64_t plane) {
    return plane < 0 ? reinterpret_cast<const T*>(kZero) : in.plane<T>(plane);
}

#if HWY_TARGET == HWY_AVX3

HWY_INLINE __m512i bytes_of_plane(const Planes& in, std::int64_t plane) {
    return _mm512_load_si512(plane_of<std::uint8_t>(in, plane));
}

// Unpacking works within blocks of 128 bits: first every fourth dword is brought into one block, so that the lanes
// leave in their order.
void quad_bytes(const CellBuild& b, const Planes& in, std::uint32_t flip, std::uint32_t* out) {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i flips = _mm512_set1_epi32(static_cast<int>(flip));
    __m512i x[4];
    for (std::size_t i = 0; i < 4; ++i) {
        x[i] = _mm512_xor_si512(_mm512_permutexvar_epi32(order, bytes_of_plane(in, b.planes[i])), flips);
    }
    const __m512i low01 = _mm512_unpacklo_epi8(x[0], x[1]), high01 = _mm512_unpackhi_epi8(x[0], x[1]);
    const __m512i low23 = _mm512_unpacklo_epi8(x[2], x[3]), high23 = _mm512_unpackhi_epi8(x[2], x[3]);
    _mm512_store_si512(out, _mm512_unpacklo_epi16(low01, low23));
    _mm512_store_si512(out + 16, _mm512_unpackhi_epi16(low01, low23));
    _mm512_store_si512(out + 32, _mm512_unpacklo_epi16(high01, high23));
    _mm512_store_si512(out + 48, _mm512_unpackhi_epi16(high01, high23));
}

void pair_bytes(const CellBuild& b, const Planes& in, std::uint16_t* out) {
    const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
    const __m512i x = _mm512_permutexvar_epi64(order, bytes_of_plane(in, b.planes[0]));
    const __m512i y = _mm512_permutexvar_epi64(order, bytes_of_plane(in, b.planes[1]));
    _mm512_store_si512(out, _mm512_unpacklo_epi8(x, y));
    _mm512_store_si512(out + 32, _mm512_unpackhi_epi8(x, y));
}

#else

void quad_bytes(const CellBuild& b, const Planes& in, std::uint32_t flip, std::uint32_t* HWY_RESTRICT out) {
    const auto* const p0 = plane_of<std::uint8_t>(in, b.planes[0]);
    const auto* const p1 = plane_of<std::uint8_t>(in, b.planes[1]);
    const auto* const p2 = plane_of<std::uint8_t>(in, b.planes[2]);
    const auto* const p3 = plane_of<std::uint8_t>(in, b.planes[3]);
    for (int i = 0; i < kLanes; ++i) {
        const std::uint32_t low = p0[i] | std::uint32_t{p1[i]} << 8;
        const std::uint32_t high = p2[i] | std::uint32_t{p3[i]} << 8;
        out[i] = (low | high << 16) ^ flip;
    }
}

void pair_bytes(const CellBuild& b, const Planes& in, std::uint16_t* HWY_RESTRICT out) {
    const auto* const p0 = plane_of<std::uint8_t>(in, b.planes[0]);
    const auto* const p1 = plane_of<std::uint8_t>(in, b.planes[1]);
    for (int i = 0; i < kLanes; ++i) out[i] = static_cast<std::uint16_t>(p0[i] | p1[i] << 8);
}

#endif

template <class T>
void pair_words(const CellBuild& b, const Planes& in, int shift, std::uint32_t* HWY_RESTRICT out) {
    const T* const p0 = plane_of<T>(in, b.planes[0]);
    const T* const p1 = plane_of<T>(in, b.planes[1]);
    for (int i = 0; i < kLanes; ++i) {
        const std::uint32_t low = static_cast<std::uint32_t>(std::int32_t{p0[i]} << shift) & 0xffffU;
        out[i] = low | static_cast<std::uint32_t>(std::int32_t{p1[i]} << shift) << 16;
    }
}

template <class T>
void single_words(const CellBuild& b, const Planes& in, int shift, std::int16_t* HWY_RESTRICT out) {
    const hn::CappedTag<std::int16_t, kLanes> d;
    const T* const p = plane_of<T>(in, b.planes[0]);
    for (std::size_t i = 0; i < kLanes; i += hn::MaxLanes(d)) {
        const auto x = hn::Load(hn::Rebind<T, decltype(d)>(), p + i);
        auto wide = hn::Zero(d);
        if constexpr (sizeof(T) == sizeof(std::int16_t)) {
            wide = x;
        } else {
            wide = hn::PromoteTo(d, x);
        }
        hn::Store(hn::ShiftLeftSame(wide, shift), d, out + i);
    }
}

template <class T>
void words(CellFormat format, const CellBuild& b, const Planes& in, std::byte* out) {
    if (format.kind == CellKind::PairS16) {
        pair_words<T>(b, in, format.shift, reinterpret_cast<std::uint32_t*>(out));
    } else {
        single_words<T>(b, in, format.shift, reinterpret_cast<std::int16_t*>(out));
    }
}

void build_one(CellFormat format, const CellBuild& b, const Planes& in, std::byte* out) {
    if (format.kind == CellKind::QuadU8) {
        const std::uint32_t flip = in.type == LaneType::S8 ? 0x80808080U : 0U;
        quad_bytes(b, in, flip, reinterpret_cast<std::uint32_t*>(out));
    } else if (format.kind == CellKind::PairU8) {
        pair_bytes(b, in, reinterpret_cast<std::uint16_t*>(out));
    } else if (in.type == LaneType::U8) {
        words<std::uint8_t>(format, b, in, out);
    } else if (in.type == LaneType::S8) {
        words<std::int8_t>(format, b, in, out);
    } else {
        words<std::int16_t>(format, b, in, out);
    }
}

void build(CellFormat format, const CellBuild* list, std::size_t count, const Planes& in, std::byte* cells) {
    const std::size_t bytes = bytes_of(format.kind);
    for (std::size_t i = 0; i < count; ++i) {
        build_one(format, list[i], in, cells + static_cast<std::size_t>(list[i].cell) * bytes);
    }
}

CellKernels kernels() {
    return {build};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::linear
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bittrue::emulator::linear {

BITTRUE_PER_ISA(CellKernels, cell_kernels, kernels())

}  // namespace bittrue::emulator::linear
#endif
