#include "sweep/lane_cast.hpp"

#include <algorithm>
#include <limits>

#include "bittrue/emulator/emulator.hpp"

namespace bittrue::explore {

namespace {

LaneCast::Beyond beyond_of(const FixedType& to) {
    switch (to.overflow) {
        case Overflow::Wrap: return to.saturated_bits == 0 ? LaneCast::Beyond::Wrap : LaneCast::Beyond::Other;
        case Overflow::Sat:
        case Overflow::SatSym: return LaneCast::Beyond::Clamp;
        case Overflow::SatZero: return LaneCast::Beyond::Zero;
        case Overflow::WrapSm: return LaneCast::Beyond::Other;
    }
    return LaneCast::Beyond::Other;
}

}  // namespace

LaneCast::LaneCast(int from_frac, const FixedType& to, bool limited)
    : lo(static_cast<std::int64_t>(range_min(to))),
      hi(static_cast<std::int64_t>(std::min<i128>(range_max(to), std::numeric_limits<std::int64_t>::max()))),
      unused(64 - to.format.width),
      is_signed(to.format.is_signed),
      beyond(limited ? beyond_of(to) : Beyond::None),
      frac(from_frac),
      type(to) {
    const int shift = from_frac - to.format.frac();
    up = std::max(0, -shift);
    down = std::clamp(shift, 0, 63);
    if (down == 0) return;
    const auto mask = static_cast<std::int64_t>((std::uint64_t{1} << down) - 1);
    const std::int64_t half = std::int64_t{1} << (down - 1);
    switch (to.rounding) {
        case Rounding::Trn: break;
        case Rounding::TrnZero: if_negative = mask; break;
        case Rounding::Rnd: always = half; break;
        case Rounding::RndZero: always = half - 1, if_negative = 1; break;
        case Rounding::RndMinInf: always = half - 1; break;
        case Rounding::RndInf: always = half, if_negative = -1; break;
        case Rounding::RndConv: always = half - 1, if_odd = 1; break;
        case Rounding::RndConvOdd: always = half, if_odd = -1; break;
    }
}

bool LaneCast::fits(int bits, int lane_bits) const {
    // The value itself, and a rounding constant below 2^down.
    return bits + up <= lane_bits - 1 && down <= lane_bits - 2;
}

std::int64_t convert(const LaneCast& c, std::int64_t raw) {
    const std::int64_t v = raw << c.up;
    const std::int64_t odd = (v >> c.down) & 1;
    const std::int64_t rounded = (v + c.always + (v < 0 ? c.if_negative : 0) + (odd != 0 ? c.if_odd : 0)) >> c.down;
    if (c.beyond == LaneCast::Beyond::None || (rounded >= c.lo && rounded <= c.hi)) return rounded;
    return overflowed(c, raw);
}

std::int64_t overflowed(const LaneCast& c, std::int64_t raw) {
    return emulator::quantize(raw, c.frac, c.type).word;
}

}  // namespace bittrue::explore
