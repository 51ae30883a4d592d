// Tensors of one block: kLanes images side by side, so that every lane of a vector is an image and nothing is
// horizontal.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bittrue/model/format.hpp"

namespace bittrue::emulator {

inline constexpr int kLanes = 64;  // images of a block; the lanes behind the last image hold any words of the format

// How wide one word stands in a plane: the narrowest that holds every word of the format.
enum class LaneType : std::uint8_t { U8, S8, S16, S32, S64 };

[[nodiscard]] constexpr int bytes_of(LaneType type) {
    switch (type) {
        case LaneType::U8:
        case LaneType::S8: return 1;
        case LaneType::S16: return 2;
        case LaneType::S32: return 4;
        case LaneType::S64: return 8;
    }
    return 8;
}

// Unsigned words of 64 bits stand in S64 as their pattern, as everywhere.
[[nodiscard]] constexpr LaneType lane_type(Format f) {
    if (!f.is_signed && f.width <= 8) return LaneType::U8;
    const int bits = f.width + (f.is_signed ? 0 : 1);
    if (bits <= 8) return LaneType::S8;
    if (bits <= 16) return LaneType::S16;
    return bits <= 32 ? LaneType::S32 : LaneType::S64;
}

// Element e (storage order of the shape) of image l stands at data[(e * kLanes + l) * bytes_of(type)]; data is aligned
// to 64 bytes.
struct Planes {
    std::byte* data = nullptr;
    LaneType type = LaneType::S64;
    std::int64_t elements = 0;

    template <class T>
    [[nodiscard]] T* plane(std::int64_t element) const {
        return reinterpret_cast<T*>(data) + element * kLanes;
    }
};

}  // namespace bittrue::emulator
