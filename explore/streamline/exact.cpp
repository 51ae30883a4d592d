#include "streamline/exact.hpp"

namespace bittrue::explore::streamline {

namespace {

// floor(x), plus one where the rest is above a half, or is one and `tie_up`.
Integer nearest(const Rational& x, const Integer& whole, bool tie_up) {
    const Rational twice = (x - Rational(whole)) * 2;
    return twice > 1 || (twice == 1 && tie_up) ? Integer(whole + 1) : whole;
}

bool odd(const Integer& x) {
    return x % 2 != 0;
}

}  // namespace

Integer floor_of(const Rational& x) {
    const Integer n = numerator(x);
    const Integer d = denominator(x);
    Integer q = n / d;
    if (n < 0 && q * d != n) q -= 1;
    return q;
}

Rational power_of_two(int exponent) {
    const Integer power = Integer(1) << static_cast<unsigned>(std::abs(exponent));
    return exponent >= 0 ? Rational(power) : Rational(Integer(1), power);
}

std::optional<int> exponent_of(const Rational& x) {
    if (x <= 0) return std::nullopt;
    const Integer n = numerator(x);
    const Integer d = denominator(x);
    if ((n & (n - 1)) != 0 || (d & (d - 1)) != 0) return std::nullopt;
    return static_cast<int>(msb(n)) - static_cast<int>(msb(d));
}

Rational common_step(const Rational& a, const Rational& b) {
    if (a == 0) return abs(b);
    if (b == 0) return abs(a);
    const Integer da = denominator(a);
    const Integer db = denominator(b);
    return Rational(gcd(Integer(numerator(a) * db), Integer(numerator(b) * da)), Integer(da * db));
}

i128 small(const Integer& x) {
    const Integer most = Integer(1) << 62U;
    if (x > most) return i128{1} << 62;
    if (x < -most) return -(i128{1} << 62);
    return static_cast<i128>(static_cast<std::int64_t>(x));
}

bool is_integer(const Rational& x) {
    return denominator(x) == 1;
}

std::optional<int> fraction_bits(const Rational& x) {
    const Integer d = denominator(x);
    if ((d & (d - 1)) != 0) return std::nullopt;
    return static_cast<int>(msb(d));
}

Integer rounded(const Rational& x, QuantizerRounding rounding) {
    const Integer whole = floor_of(x);
    const Integer above = is_integer(x) ? whole : Integer(whole + 1);
    switch (rounding) {
        case QuantizerRounding::HalfEven: return nearest(x, whole, odd(whole));
        case QuantizerRounding::HalfUp: return nearest(x, whole, x > 0);
        case QuantizerRounding::HalfDown: return nearest(x, whole, x < 0);
        case QuantizerRounding::Up: return x < 0 ? whole : above;
        case QuantizerRounding::Down: return x < 0 ? above : whole;
        case QuantizerRounding::Ceil: return above;
        case QuantizerRounding::Floor: return whole;
    }
    return whole;
}

Integer rounded(const Rational& x, Rounding rounding) {
    const Integer whole = floor_of(x);
    switch (rounding) {
        case Rounding::Trn: return whole;
        case Rounding::TrnZero: return x < 0 && !is_integer(x) ? Integer(whole + 1) : whole;
        case Rounding::Rnd: return nearest(x, whole, true);
        case Rounding::RndZero: return nearest(x, whole, x < 0);
        case Rounding::RndMinInf: return nearest(x, whole, false);
        case Rounding::RndInf: return nearest(x, whole, x > 0);
        case Rounding::RndConv: return nearest(x, whole, odd(whole));
        case Rounding::RndConvOdd: return nearest(x, whole, !odd(whole));
    }
    return whole;
}

FixedType exact_type(i128 low, i128 high, int frac) {
    const bool is_signed = low < 0;
    int width = 1;
    while (width < 126 && (high > raw_max({.width = width, .integer = width, .is_signed = is_signed}) ||
                           low < raw_min({.width = width, .integer = width, .is_signed = is_signed})))
        ++width;
    return {.format = {.width = width, .integer = width - frac, .is_signed = is_signed},
            .rounding = Rounding::Trn,
            .overflow = Overflow::Sat};
}

}  // namespace bittrue::explore::streamline
