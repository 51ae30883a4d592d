// A conversion prepared for vectors: raws of one frac into one type, as Quantizer does it, on lanes of 32 or 64 bits.
#pragma once

#include "quantizer.hpp"

namespace bittrue::emulator::linear {

// How a lane beyond the range is brought back.
enum class LaneOverflow : std::uint8_t {
    Clamp,         // SAT, SAT_SYM
    WrapSigned,    // WRAP without saturated bits
    WrapUnsigned,  // the same, unsigned
    Zero,          // SAT_ZERO
    Scalar,        // all others: lane by lane by the Quantizer
};

struct LaneCast {
    // Whether raws of `source_width` bits (two's complement) can be cast on lanes of `lane_bits`: two bits are kept for
    // the rounding, and every result is a lane.
    [[nodiscard]] static bool fits(int lane_bits, int source_width, int frac, const FixedType& to) {
        return source_width + std::max(0, to.format.frac() - frac) <= lane_bits - 2 &&
               signed_width(to.format) <= lane_bits;
    }

    LaneCast() = default;
    LaneCast(int lane_bits, int frac, const FixedType& to);

    // Rounding is floor((v + always + (v < 0 ? if_negative) + (floor odd ? if_odd)) / 2^down), v = raw << up.
    int up = 0, down = 0;
    std::int64_t low = 0, high = 0;
    std::int64_t mask = 0, always = 0, if_negative = 0, if_odd = 0;
    LaneOverflow overflow = LaneOverflow::Clamp;
    int unused = 0;          // bits of a lane above the type's
    bool saturates = false;  // an overflow counts as a saturation
    Quantizer<std::int64_t> scalar{};
};

}  // namespace bittrue::emulator::linear
