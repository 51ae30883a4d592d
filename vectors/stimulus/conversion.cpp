#include "conversion.hpp"

#include <algorithm>

namespace bittrue::corner {
namespace {

// Floor of the exact number and what is left above it, as parts of an lsb: remainder / whole in [0, 1).
struct Split {
    i128 floor = 0;
    i128 remainder = 0;
    i128 whole = 1;
};

Split split(i128 raw, const Conversion& c) {
    if (c.divisor > 1) {
        const i128 floor = floor_div(raw, c.divisor);
        return {floor, raw - floor * c.divisor, c.divisor};
    }
    int drop = c.dropped();
    if (drop <= 0) return {shift_up(raw, -drop), 0, 1};
    if (drop > kExactBits + 2) {  // far less than half an lsb: any such number rounds alike
        raw = raw > 0 ? 1 : raw < 0 ? -1 : 0;
        drop = 3;
    }
    const i128 whole = i128{1} << drop;
    return {raw >> drop, raw & (whole - 1), whole};
}

bool is_tie(const Split& s) {
    return s.remainder * 2 == s.whole;
}

bool rounds_up(const Split& s, Rounding rounding) {
    if (s.remainder == 0) return false;
    const bool negative = s.floor < 0;
    const bool odd = (s.floor & 1) != 0;
    const bool more = s.remainder > s.whole - s.remainder;
    const bool tie = is_tie(s);
    switch (rounding) {
        case Rounding::Trn: return false;
        case Rounding::TrnZero: return negative;
        case Rounding::Rnd: return more || tie;
        case Rounding::RndZero: return more || (tie && negative);
        case Rounding::RndMinInf: return more;
        case Rounding::RndInf: return more || (tie && !negative);
        case Rounding::RndConv: return more || (tie && odd);
        case Rounding::RndConvOdd: return more || (tie && !odd);
    }
    return false;
}

u128 low_bits(int n) {
    return (u128{1} << n) - 1;
}

// O2, O4 and O5, O6: the pattern of W bits. `r` and `floored` are infinite two's complement numbers of which the low
// 128 bits are given.
u128 wrap(u128 r, bool above, const FixedType& to) {
    const int width = to.format.width;
    const int n = std::min(to.saturated_bits, width);
    const u128 pattern = r & low_bits(width);
    if (n == 0) return pattern;
    const u128 kept = pattern & low_bits(width - n);
    if (!to.format.is_signed) {
        const bool ones = above || to.dialect == Dialect::Ap;
        return ones ? kept | (low_bits(n) << (width - n)) : kept;
    }
    const u128 top = u128{1} << (width - 1);
    return above ? kept | ((low_bits(n - 1)) << (width - n)) : kept | top;
}

u128 wrap_sign_magnitude(u128 r, u128 floored, bool above, const FixedType& to) {
    const int width = to.format.width;
    const int n = std::min(to.saturated_bits, width);
    const u128 mask = low_bits(width);
    const u128 top = u128{1} << (width - 1);
    const auto bit = [&](u128 value, int k) { return (value >> k & 1U) != 0; };
    u128 pattern = r & mask;
    if (n == 0) {
        const bool deleted = bit(to.dialect == Dialect::Ap ? floored : r, width);
        if (deleted != bit(r, width - 1)) pattern = ~pattern & mask;
        return (pattern & ~top) | (deleted ? top : 0);
    }
    const bool sign = !above;
    if (n == 1) {
        if (bit(r, width - 1) != sign) pattern = ~pattern & mask;
        return (pattern & ~top) | (sign ? top : 0);
    }
    if (bit(r, width - n) == sign) pattern = ~pattern & mask;
    const u128 kept = pattern & low_bits(width - n);
    return kept | (sign ? top : low_bits(n - 1) << (width - n));
}

i128 raw_from_pattern(u128 pattern, Format f) {
    const bool negative = f.is_signed && (pattern >> (f.width - 1) & 1U) != 0;
    return static_cast<i128>(pattern) - (negative ? i128{1} << f.width : 0);
}

i128 overflowed(u128 r, u128 floored, bool above, const FixedType& to) {
    switch (to.overflow) {
        case Overflow::Wrap: return raw_from_pattern(wrap(r, above, to), to.format);
        case Overflow::WrapSm: return raw_from_pattern(wrap_sign_magnitude(r, floored, above, to), to.format);
        case Overflow::Sat:
        case Overflow::SatSym: return above ? range_max(to) : range_min(to);
        case Overflow::SatZero: return 0;
    }
    return 0;
}

bool saturates(Overflow overflow) {
    switch (overflow) {
        case Overflow::Sat:
        case Overflow::SatSym:
        case Overflow::SatZero: return true;
        case Overflow::Wrap:
        case Overflow::WrapSm: return false;
    }
    return false;
}

}  // namespace

i128 round_raw(i128 raw, const Conversion& c) {
    const Split s = split(raw, c);
    return s.floor + (rounds_up(s, c.to.rounding) ? 1 : 0);
}

Outcome convert(i128 raw, const Conversion& c) {
    const Split s = split(raw, c);
    const i128 rounded = s.floor + (rounds_up(s, c.to.rounding) ? 1 : 0);
    Outcome out{.raw = rounded, .rounded = rounded, .events = {.inexact = s.remainder != 0}, .tie = is_tie(s)};
    if (c.divisor > 1) return out;
    const i128 low = range_min(c.to), high = range_max(c.to);
    if (rounded >= low && rounded <= high) return out;
    out.events.above = rounded > high;
    out.events.below = rounded < low;
    out.events.saturated = saturates(c.to.overflow);
    u128 bits = static_cast<u128>(rounded);
    if (c.dropped() < 0) bits = c.dropped() <= -128 ? 0 : static_cast<u128>(raw) << -c.dropped();
    out.raw = overflowed(bits, c.dropped() < 0 ? bits : static_cast<u128>(s.floor), out.events.above, c.to);
    out.rounded = std::clamp(rounded, low - 2, high + 2);
    return out;
}

}  // namespace bittrue::corner
