#include <algorithm>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/exact_double.hpp"
#include "exact.hpp"

namespace bittrue::emulator {
namespace {

// Whether the integer below an inexact number is rounded up. The dropped part is a half or more (`half`), and is
// neither zero nor exactly a half (`rest`).
bool rounds_up(Rounding rounding, bool negative, bool odd, bool half, bool rest) {
    switch (rounding) {
        case Rounding::Trn: return false;
        case Rounding::TrnZero: return negative && (half || rest);
        case Rounding::Rnd: return half;
        case Rounding::RndZero: return half && (negative || rest);
        case Rounding::RndMinInf: return half && rest;
        case Rounding::RndInf: return half && (!negative || rest);
        case Rounding::RndConv: return half && (odd || rest);
        case Rounding::RndConvOdd: return half && (!odd || rest);
    }
    return false;
}

// raw * 2^shift where that fits, otherwise a number far outside every range with the same sign and low 66 bits.
i128 shift_left(i128 raw, int shift) {
    if (raw == 0 || shift == 0) return raw;
    if (shift < 126) {
        const i128 limit = i128{1} << (126 - shift);
        if (raw >= -limit && raw <= limit) return raw * (i128{1} << shift);
    }
    const u128 low = shift < 128 ? (static_cast<u128>(raw) << shift) & ((u128{1} << 66) - 1) : 0;
    const i128 far = i128{1} << 100;
    return static_cast<i128>(low) + (raw < 0 ? -far : far);
}

i128 raw_of_pattern(u128 pattern, Format f) {
    const bool negative = f.is_signed && ((pattern >> (f.width - 1)) & 1U) != 0;
    return static_cast<i128>(pattern) - (negative ? i128{1} << f.width : i128{0});
}

u128 mask_of(int bits) {
    return (u128{1} << bits) - 1;
}

u128 wrap(u128 pattern, bool below, const FixedType& to) {
    const int n = std::min(to.saturated_bits, to.format.width);
    if (n == 0) return pattern;
    const int kept = to.format.width - n;
    u128 top = below ? u128{1} << (n - 1) : mask_of(n - 1);
    if (!to.format.is_signed) top = below && to.dialect != Dialect::Ap ? u128{0} : mask_of(n);
    return (top << kept) | (pattern & mask_of(kept));
}

u128 wrap_sign_magnitude(u128 rounded, u128 floored, bool below, const FixedType& to) {
    const int width = to.format.width;
    const int n = std::min(to.saturated_bits, width);
    const u128 mask = mask_of(width);
    u128 pattern = rounded & mask;
    const auto bit = [](u128 of, int at) { return ((of >> at) & 1U) != 0; };
    if (n <= 1) {
        const bool top = n == 1 ? below : bit(to.dialect == Dialect::Ap ? floored : rounded, width);
        if (bit(pattern, width - 1) != top) pattern = ~pattern & mask;
        return (pattern & mask_of(width - 1)) | (static_cast<u128>(top) << (width - 1));
    }
    if (bit(pattern, width - n) == below) pattern = ~pattern & mask;
    const u128 top = below ? u128{1} << (n - 1) : mask_of(n - 1);
    return (top << (width - n)) | (pattern & mask_of(width - n));
}

}  // namespace

Rounded round_exact(i128 raw, int shift, Rounding rounding, i128 offset) {
    if (shift <= 0) return {raw + offset, raw + offset, false};
    i128 floored = raw < 0 ? -1 : 0;
    bool half = raw < 0;
    bool rest = raw != 0;
    if (shift <= 128) {
        const auto bits = static_cast<u128>(raw);
        if (shift < 128) floored = raw >> shift;
        half = ((bits >> (shift - 1)) & 1U) != 0;
        rest = (bits & ((u128{1} << (shift - 1)) - 1)) != 0;
    }
    floored += offset;
    return {floored + (rounds_up(rounding, floored < 0, (floored & 1) != 0, half, rest) ? 1 : 0), floored,
            half || rest};
}

Quantised<i128> overflow_exact(i128 rounded, i128 floored, const FixedType& to) {
    const bool below = rounded < 0;
    const auto bits = static_cast<u128>(rounded);
    Quantised<i128> result{0, {.inexact = false, .above = !below, .below = below, .saturated = false}};
    switch (to.overflow) {
        case Overflow::Wrap:
            result.raw = raw_of_pattern(wrap(bits & mask_of(to.format.width), below, to), to.format);
            break;
        case Overflow::WrapSm:
            result.raw = raw_of_pattern(wrap_sign_magnitude(bits, static_cast<u128>(floored), below, to), to.format);
            break;
        case Overflow::Sat:
        case Overflow::SatSym:
            result.raw = below ? range_min(to) : range_max(to);
            result.events.saturated = true;
            break;
        case Overflow::SatZero: result.events.saturated = true; break;
    }
    return result;
}

Quantised<i128> quantize_exact(i128 raw, int frac, const FixedType& to) {
    const int shift = frac - to.format.frac();
    Rounded rounded;
    if (shift > 0) {
        rounded = round_exact(raw, shift, to.rounding);
    } else {
        rounded.value = rounded.floored = shift_left(raw, -shift);
    }
    Quantised<i128> result{rounded.value, {}};
    if (rounded.value > range_max(to) || rounded.value < range_min(to)) {
        result = overflow_exact(rounded.value, rounded.floored, to);
    }
    result.events.inexact = rounded.inexact;
    return result;
}

Quantised<i128> divide_exact(i128 numerator, i128 denominator, Rounding rounding) {
    const i128 quotient = numerator / denominator;
    const i128 floored = quotient - (numerator % denominator < 0 ? 1 : 0);
    const i128 twice = 2 * (numerator - floored * denominator);
    const bool half = twice >= denominator;
    const bool rest = twice != 0 && twice != denominator;
    const bool up = rounds_up(rounding, numerator < 0, (floored & 1) != 0, half, rest);
    return {floored + (up ? 1 : 0), {.inexact = twice != 0}};
}

Converted quantize(i128 raw, int frac, const FixedType& to) {
    const Quantised<i128> q = quantize_exact(raw, frac, to);
    return {word_from_raw(q.raw), q.events};
}

Converted quantize_real(double value, const FixedType& to) {
    if (std::isnan(value))
        throw InputError("a NaN cannot become a fixed-point number; only numbers and infinities can");
    constexpr int kBeyondEveryFormat = 2048;
    if (std::isinf(value)) return quantize(value < 0 ? -1 : 1, -kBeyondEveryFormat, to);  // Q9
    const ExactDouble exact = exact_double(value);
    return quantize(exact.raw, exact.frac, to);
}

}  // namespace bittrue::emulator
