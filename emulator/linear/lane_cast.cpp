#include "lane_cast.hpp"

namespace bittrue::emulator::linear {
namespace {

LaneOverflow overflow_of(const FixedType& to) {
    switch (to.overflow) {
        case Overflow::Sat:
        case Overflow::SatSym: return LaneOverflow::Clamp;
        case Overflow::Wrap:
            if (to.saturated_bits > 0) return LaneOverflow::Scalar;
            return to.format.is_signed ? LaneOverflow::WrapSigned : LaneOverflow::WrapUnsigned;
        case Overflow::SatZero: return LaneOverflow::Zero;
        case Overflow::WrapSm: return LaneOverflow::Scalar;
    }
    return LaneOverflow::Scalar;
}

}  // namespace

LaneCast::LaneCast(int lane_bits, int frac, const FixedType& to)
    : low(static_cast<std::int64_t>(range_min(to))),
      high(static_cast<std::int64_t>(std::min<i128>(range_max(to), std::numeric_limits<std::int64_t>::max()))),
      overflow(overflow_of(to)),
      unused(std::max(0, lane_bits - to.format.width)),
      saturates(to.overflow != Overflow::Wrap && to.overflow != Overflow::WrapSm),
      scalar(frac, to) {
    const int shift = frac - to.format.frac();
    up = std::max(0, -shift);
    down = std::clamp(shift, 0, lane_bits - 1);  // beyond, all bits are dropped and no half can be reached
    if (down == 0) return;
    mask = static_cast<std::int64_t>((std::uint64_t{1} << down) - 1);
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

}  // namespace bittrue::emulator::linear
