#include "exact.hpp"

#include <cmath>

namespace bittrue::golden {

Integer power_of_two(int exponent) {
    return Integer(1) << static_cast<unsigned>(exponent);
}

Integer floor_divide(const Integer& a, const Integer& b) {
    Integer quotient;
    Integer remainder;
    boost::multiprecision::divide_qr(a, b, quotient, remainder);  // truncates
    return remainder < 0 ? Integer(quotient - 1) : quotient;
}

Integer modulo(const Integer& a, const Integer& b) {
    return a - b * floor_divide(a, b);
}

Integer floor_divide_by_power(const Integer& a, int exponent) {
    // Only numbers that are not negative are shifted: Boost 1.74 loses the sign of a >> k when a + 1 is a negative
    // multiple of 2^64 (its increment takes a lowest limb of zero for the number zero).
    const auto bits = static_cast<unsigned>(exponent);
    if (a >= 0) return a >> bits;
    const Integer magnitude = -a;
    return -Integer((magnitude + power_of_two(exponent) - 1) >> bits);
}

Integer truncated_divide(const Integer& a, const Integer& b) {
    return a / b;
}

Integer raw_at(const Dyadic& x, int frac) {
    return frac == x.frac ? x.raw : Integer(x.raw << static_cast<unsigned>(frac - x.frac));
}

Dyadic plus(const Dyadic& a, const Dyadic& b) {
    const int frac = a.frac > b.frac ? a.frac : b.frac;
    return {.raw = raw_at(a, frac) + raw_at(b, frac), .frac = frac};
}

Dyadic minus(const Dyadic& a, const Dyadic& b) {
    const int frac = a.frac > b.frac ? a.frac : b.frac;
    return {.raw = raw_at(a, frac) - raw_at(b, frac), .frac = frac};
}

Dyadic times(const Dyadic& a, const Dyadic& b) {
    return {.raw = a.raw * b.raw, .frac = a.frac + b.frac};
}

bool less(const Dyadic& a, const Dyadic& b) {
    return minus(a, b).raw < 0;
}

Dyadic dyadic_from_double(double value) {
    constexpr int kDigits = 53;
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    const auto digits = static_cast<std::int64_t>(std::ldexp(fraction, kDigits));
    return {.raw = Integer(digits), .frac = kDigits - exponent};
}

Integer integer_from_i128(i128 value) {
    const auto low = static_cast<std::uint64_t>(static_cast<u128>(value));
    const auto high = static_cast<std::int64_t>(value >> 64);
    return (Integer(high) * power_of_two(64)) + Integer(low);
}

bool fits_i128(const Integer& value) {
    const Integer end = power_of_two(127);
    return value >= -end && value < end;
}

i128 i128_from_integer(const Integer& value) {
    const Integer base = power_of_two(64);
    const auto low = static_cast<std::uint64_t>(modulo(value, base));
    const auto high = static_cast<std::int64_t>(floor_divide(value, base));
    return (static_cast<i128>(high) * (static_cast<i128>(1) << 64)) + static_cast<i128>(low);
}

Integer raw_of_word(std::int64_t word, const Format& format) {
    if (!format.is_signed && word < 0) return Integer(word) + power_of_two(64);
    return Integer(word);
}

std::int64_t word_of_raw(const Integer& raw) {
    const Integer half = power_of_two(63);
    return static_cast<std::int64_t>(raw >= half ? Integer(raw - power_of_two(64)) : raw);
}

Integer pattern_of_raw(const Integer& raw, const Format& format) {
    return modulo(raw, power_of_two(format.width));
}

Integer raw_of_pattern(const Integer& pattern, const Format& format) {
    const bool negative = format.is_signed && pattern >= power_of_two(format.width - 1);
    return negative ? Integer(pattern - power_of_two(format.width)) : pattern;
}

}  // namespace bittrue::golden
