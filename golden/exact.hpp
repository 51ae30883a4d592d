// Exact numbers of the oracle: unbounded integers and dyadic rationals (rules F2, F5).
#pragma once

#include <cstdint>

#include <boost/multiprecision/cpp_int.hpp>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue::golden {

// Unbounded, two machine words without allocation; expression templates are off so that `auto` means a value.
using Integer = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>, boost::multiprecision::et_off>;

// value = raw * 2^-frac, any raw, frac of any sign.
struct Dyadic {
    Integer raw{};
    int frac = 0;
};

[[nodiscard]] Integer power_of_two(int exponent);  // exponent >= 0

// floor(a / b) and a - b * floor(a / b), b > 0.
[[nodiscard]] Integer floor_divide(const Integer& a, const Integer& b);
[[nodiscard]] Integer modulo(const Integer& a, const Integer& b);
// The same for b = 2^exponent.
[[nodiscard]] Integer floor_divide_by_power(const Integer& a, int exponent);
// The quotient rounded toward zero, b > 0.
[[nodiscard]] Integer truncated_divide(const Integer& a, const Integer& b);

// raw of the same value at a frac that is not smaller than x.frac.
[[nodiscard]] Integer raw_at(const Dyadic& x, int frac);

// Exact; the sum has the larger frac, the product the sum of both.
[[nodiscard]] Dyadic plus(const Dyadic& a, const Dyadic& b);
[[nodiscard]] Dyadic minus(const Dyadic& a, const Dyadic& b);
[[nodiscard]] Dyadic times(const Dyadic& a, const Dyadic& b);
[[nodiscard]] bool less(const Dyadic& a, const Dyadic& b);

// A finite double is a dyadic rational.
[[nodiscard]] Dyadic dyadic_from_double(double value);

[[nodiscard]] Integer integer_from_i128(i128 value);
[[nodiscard]] bool fits_i128(const Integer& value);
[[nodiscard]] i128 i128_from_integer(const Integer& value);  // value must fit

// Words are raws mod 2^64 (format.hpp): the two differ for an unsigned format of 64 bits.
[[nodiscard]] Integer raw_of_word(std::int64_t word, const Format& format);
[[nodiscard]] std::int64_t word_of_raw(const Integer& raw);

// The bit pattern raw mod 2^W (rule F4), a number of 0 .. 2^W-1, and the raw of a pattern (rule F3).
[[nodiscard]] Integer pattern_of_raw(const Integer& raw, const Format& format);
[[nodiscard]] Integer raw_of_pattern(const Integer& pattern, const Format& format);

}  // namespace bittrue::golden
