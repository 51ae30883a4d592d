// Rows between planes and tiles, largest words and ranges: plain loops over the lanes, which the compiler vectorises
// for each instruction set.
#include <algorithm>

#include "lane_kernels.hpp"
#include "lane_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "block/lane_move.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class From, class To>
void copy_rows(const From* HWY_RESTRICT from, To* HWY_RESTRICT to, std::int64_t rows) {
    for (std::int64_t i = 0; i < rows * kLanes; ++i) to[i] = static_cast<To>(from[i]);
}

template <class To>
void widen(LaneType type, const void* from, To* to, std::int64_t rows) {
    switch (type) {
        case LaneType::U8: return copy_rows(static_cast<const std::uint8_t*>(from), to, rows);
        case LaneType::S8: return copy_rows(static_cast<const std::int8_t*>(from), to, rows);
        case LaneType::S16: return copy_rows(static_cast<const std::int16_t*>(from), to, rows);
        case LaneType::S32: return copy_rows(static_cast<const std::int32_t*>(from), to, rows);
        case LaneType::S64: return copy_rows(static_cast<const std::int64_t*>(from), to, rows);
    }
}

template <class To>
void place_rows(const std::int64_t* HWY_RESTRICT from, void* planes, const std::int64_t* places, std::int64_t rows) {
    To* const to = static_cast<To*>(planes);
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t* const in = from + r * kLanes;
        To* HWY_RESTRICT const out = to + (places != nullptr ? places[r] : r) * kLanes;
        for (int l = 0; l < kLanes; ++l) out[l] = static_cast<To>(in[l]);
    }
}

void narrow64(const std::int64_t* from, LaneType type, void* to, const std::int64_t* places, std::int64_t rows) {
    switch (type) {
        case LaneType::U8: return place_rows<std::uint8_t>(from, to, places, rows);
        case LaneType::S8: return place_rows<std::int8_t>(from, to, places, rows);
        case LaneType::S16: return place_rows<std::int16_t>(from, to, places, rows);
        case LaneType::S32: return place_rows<std::int32_t>(from, to, places, rows);
        case LaneType::S64: return place_rows<std::int64_t>(from, to, places, rows);
    }
}

template <class T>
void largest_as(const void* const* rows, std::int64_t count, void* to) {
    const hn::CappedTag<T, kLanes> d;
    T* const out = static_cast<T*>(to);
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        auto largest = hn::Load(d, static_cast<const T*>(rows[0]) + lane);
        for (std::int64_t i = 1; i < count; ++i)
            largest = hn::Max(largest, hn::Load(d, static_cast<const T*>(rows[i]) + lane));
        hn::Store(largest, d, out + lane);
    }
}

void largest(LaneType type, const void* const* rows, std::int64_t count, void* to) {
    switch (type) {
        case LaneType::U8: return largest_as<std::uint8_t>(rows, count, to);
        case LaneType::S8: return largest_as<std::int8_t>(rows, count, to);
        case LaneType::S16: return largest_as<std::int16_t>(rows, count, to);
        case LaneType::S32: return largest_as<std::int32_t>(rows, count, to);
        case LaneType::S64: return largest_as<std::int64_t>(rows, count, to);
    }
}

template <class T>
void range_as(const void* planes, std::int64_t rows, LaneRange& range) {
    if (rows == 0) return;
    const hn::CappedTag<T, kLanes> d;
    alignas(64) T lows[kLanes];
    alignas(64) T highs[kLanes];
    for (std::size_t lane = 0; lane < kLanes; lane += hn::Lanes(d)) {
        const T* const at = static_cast<const T*>(planes) + lane;
        auto low = hn::Load(d, at), high = low;
        for (std::int64_t r = 1; r < rows; ++r) {
            const auto v = hn::Load(d, at + r * kLanes);
            low = hn::Min(low, v);
            high = hn::Max(high, v);
        }
        hn::Store(low, d, lows + lane);
        hn::Store(high, d, highs + lane);
    }
    for (int l = 0; l < kLanes; ++l) {
        range.low[l] = std::min(range.low[l], static_cast<std::int64_t>(lows[l]));
        range.high[l] = std::max(range.high[l], static_cast<std::int64_t>(highs[l]));
    }
}

void range(LaneType type, const void* planes, std::int64_t rows, LaneRange& range) {
    switch (type) {
        case LaneType::U8: return range_as<std::uint8_t>(planes, rows, range);
        case LaneType::S8: return range_as<std::int8_t>(planes, rows, range);
        case LaneType::S16: return range_as<std::int16_t>(planes, rows, range);
        case LaneType::S32: return range_as<std::int32_t>(planes, rows, range);
        case LaneType::S64: return range_as<std::int64_t>(planes, rows, range);
    }
}

}  // namespace

void fill_moves(LaneKernels& k) {
    k.widen32 = &widen<std::int32_t>;
    k.widen64 = &widen<std::int64_t>;
    k.widen_tile = &copy_rows<std::int32_t, std::int64_t>;
    k.narrow64 = &narrow64;
    k.largest = &largest;
    k.range = &range;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "lane_dispatch.hpp"
#include "lane_fill.hpp"

namespace bittrue::emulator {

void fill_moves(Isa isa, LaneKernels& kernels) {
    BITTRUE_DISPATCH(isa, fill_moves(kernels))
}

}  // namespace bittrue::emulator
#endif
