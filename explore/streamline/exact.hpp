// Exact rational numbers of the scales and offsets that move through a network.
#pragma once

#include <optional>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/float_model.hpp"

namespace bittrue::explore::streamline {

// Expression templates are off so that `auto` means a value.
using Integer = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>, boost::multiprecision::et_off>;
using Rational =
    boost::multiprecision::number<boost::multiprecision::rational_adaptor<boost::multiprecision::cpp_int_backend<>>,
                                  boost::multiprecision::et_off>;

[[nodiscard]] Integer floor_of(const Rational& x);
[[nodiscard]] Rational power_of_two(int exponent);
// The exponent, where x is a power of two.
[[nodiscard]] std::optional<int> exponent_of(const Rational& x);
// The largest number of which both are multiples; not negative, 0 only of two zeros.
[[nodiscard]] Rational common_step(const Rational& a, const Rational& b);
[[nodiscard]] i128 small(const Integer& x);  // beyond 62 bits: the end of them
[[nodiscard]] bool is_integer(const Rational& x);
// How many bits behind the point a number needs; nothing when no number of them is enough.
[[nodiscard]] std::optional<int> fraction_bits(const Rational& x);

[[nodiscard]] Integer rounded(const Rational& x, QuantizerRounding rounding);
[[nodiscard]] Integer rounded(const Rational& x, Rounding rounding);

// The narrowest format of all raws from low to high.
[[nodiscard]] FixedType exact_type(i128 low, i128 high, int frac);

}  // namespace bittrue::explore::streamline
