// What is done to rows of lanes, once per instruction set. A row is kLanes numbers of one element, aligned to 64 bytes.
// In a tile the rows stand one behind the other as int32 or int64; in planes as the lane type of their format.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/events.hpp"
#include "bittrue/model/fixed_type.hpp"
#include "planes.hpp"

namespace bittrue::emulator {

// What happens to a rounded number outside low..high.
enum class LaneOverflow : std::uint8_t { None, Clamp, Zero, WrapSigned, WrapUnsigned };

// A conversion of raws (rules Q, O) in lanes of Int: x := max(x, floor_at), v = x << up, rounded = (v + c) >> down with
// c = always + (v < 0 ? if_negative : 0) + ((v >> down) odd ? if_odd : 0), as in Quantizer.
template <class Int>
struct LaneCast {
    Int floor_at = 0;  // the smallest Int, or 0 for a relu in front of the cast
    int up = 0, down = 0;
    Int always = 0, if_negative = 0, if_odd = 0, mask = 0;
    Int low = 0, high = 0;
    int unused = 0;  // bits above the format's width, for the two wraps
    LaneOverflow overflow = LaneOverflow::Clamp;

    [[nodiscard]] bool is_plain() const { return if_negative == 0 && if_odd == 0; }
};

// What happened in each lane (image).
template <class Int>
struct LaneCounts {
    alignas(64) Int inexact[kLanes] = {};
    alignas(64) Int above[kLanes] = {};
    alignas(64) Int below[kLanes] = {};
};

// Smallest and largest word of each lane.
struct LaneRange {
    std::int64_t low[kLanes];
    std::int64_t high[kLanes];
};

// Two conversions of int32 lanes behind each other, the clamps of both being all that can happen.
struct FusedCasts {
    LaneCast<std::int32_t> first{}, second{};
    bool has_second = false;
};

// A conversion of reals whose words fit 31 bits: u = value * scale is rounded to an integer and clamped to low..high.
struct RealCast {
    double scale = 1;
    double low = 0, high = 0;
    Rounding rounding = Rounding::Trn;
    bool clamps = false;  // false: a number outside low..high is not for this function
};

// The functions of one instruction set. `rows` is always a number of rows.
struct LaneKernels {
    // Planes of `type` to a tile and back, rows contiguous in both.
    void (*widen32)(LaneType type, const void* from, std::int32_t* to, std::int64_t rows);
    void (*widen64)(LaneType type, const void* from, std::int64_t* to, std::int64_t rows);
    void (*widen_tile)(const std::int32_t* from, std::int64_t* to, std::int64_t rows);
    // Row i of the tile goes to row places[i] of the planes; places null: contiguous.
    void (*narrow32)(const std::int32_t* from, LaneType type, void* to, const std::int64_t* places, std::int64_t rows);
    void (*narrow64)(const std::int64_t* from, LaneType type, void* to, const std::int64_t* places, std::int64_t rows);

    // In place; counts are added to, null: not counted.
    void (*cast32)(std::int32_t* tile, std::int64_t rows, const LaneCast<std::int32_t>& cast,
                   LaneCounts<std::int32_t>* counts);
    void (*cast64)(std::int64_t* tile, std::int64_t rows, const LaneCast<std::int64_t>& cast,
                   LaneCounts<std::int64_t>* counts);

    // The largest of `count` tiles, the two conversions, and narrow(): what stands behind a dot product.
    void (*fused)(const std::int32_t* const* tiles, int count, std::int64_t rows, const FusedCasts& casts,
                  LaneType type, void* to, const std::int64_t* places);

    // The largest of `count` rows of planes, lane by lane.
    void (*largest)(LaneType type, const void* const* rows, std::int64_t count, void* to);
    // Updates `range` with rows of planes or of a tile.
    void (*range)(LaneType type, const void* planes, std::int64_t rows, LaneRange& range);

    // Images to planes: row e of the planes gets byte e of images[0..kLanes).
    void (*bytes_to_planes)(const std::uint8_t* const* images, std::int64_t elements, std::uint8_t* planes);
    // And back, `count` images.
    void (*planes_to_bytes)(const std::uint8_t* planes, std::int64_t elements, std::uint8_t* const* images, int count);

    // Converts values from the first on, counts inexact, above and below, and returns how many it did: it stops in
    // front of a vector that holds a number which is not for it (NaN, beyond 2^51, outside the range without clamps),
    // or that is not whole.
    std::size_t (*reals)(const double* values, std::size_t count, const RealCast& cast, std::int32_t* words,
                         EventCounts& counts);
};

[[nodiscard]] const LaneKernels& lane_kernels(Isa isa);

}  // namespace bittrue::emulator
