// A conversion prepared for loops over lanes: raws of one frac into one type (rules Q1-Q8, O1-O3).
#pragma once

#include <cstdint>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue::explore {

struct LaneCast {
    // What happens outside of lo..hi. None: nothing is outside (an accumulator without limits).
    enum class Beyond : std::uint8_t { None, Clamp, Wrap, Zero, Other };

    LaneCast() = default;
    LaneCast(int from_frac, const FixedType& to, bool limited = true);

    // Whether raws within +-2^(bits-1) stay within +-2^(lane_bits-2) on the way.
    [[nodiscard]] bool fits(int bits, int lane_bits) const;
    // rounding needs neither sign nor parity: floor((v << up) + always) >> down).
    [[nodiscard]] bool is_plain() const { return if_negative == 0 && if_odd == 0; }
    [[nodiscard]] bool is_identity() const { return up == 0 && down == 0 && beyond == Beyond::None; }

    // floor((v + always + (v < 0 ? if_negative) + (floor(v / 2^down) odd ? if_odd)) / 2^down), v = raw << up
    int up = 0, down = 0;
    std::int64_t always = 0, if_negative = 0, if_odd = 0;
    std::int64_t lo = 0, hi = 0;
    int unused = 0;  // 64 - width, for Wrap
    bool is_signed = true;
    Beyond beyond = Beyond::None;
    int frac = 0;
    FixedType type{};
};

// One number; Other goes through the emulator's conversion.
[[nodiscard]] std::int64_t convert(const LaneCast& cast, std::int64_t raw);
// A rounded number outside of lo..hi, from the raw it was rounded from.
[[nodiscard]] std::int64_t overflowed(const LaneCast& cast, std::int64_t raw);

}  // namespace bittrue::explore
