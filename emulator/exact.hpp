// Conversions of exact integers in 128 bits: the reference inside the emulator, for values and widths of every size.
#pragma once

#include "bittrue/model/events.hpp"
#include "bittrue/model/fixed_type.hpp"

namespace bittrue::emulator {

// A converted number as a raw (not yet a word) and what happened on the way.
template <class Int>
struct Quantised {
    Int raw = 0;
    Events events{};
};

// The largest width that exact intermediates may have: |raw| <= 2^126.
inline constexpr int kExactBits = 127;

// Bits of a two's complement number that holds every raw of `f`.
[[nodiscard]] constexpr int signed_width(Format f) {
    return f.width + (f.is_signed ? 0 : 1);
}

// Smallest k with 2^k >= n, n >= 1.
[[nodiscard]] constexpr int ceil_log2(std::int64_t n) {
    int k = 0;
    while ((std::int64_t{1} << k) < n) ++k;
    return k;
}

// Quantises raw * 2^-frac into `to` (rules Q1-Q8, O1-O6, D1-D2, E1-E3): any raw, any frac.
[[nodiscard]] Quantised<i128> quantize_exact(i128 raw, int frac, const FixedType& to);

// raw * 2^-shift + offset, shift >= 0, rounded to an integer (rules Q0-Q8), and its floor.
struct Rounded {
    i128 value = 0;
    i128 floored = 0;
    bool inexact = false;
};
[[nodiscard]] Rounded round_exact(i128 raw, int shift, Rounding rounding, i128 offset = 0);

// Rules O2-O6 and E2, E3 for a rounded integer outside the range of `to`. `floored` is floor(u), read by D2; of both
// numbers only the sign and the low 66 bits matter, besides `rounded` being out of range.
[[nodiscard]] Quantised<i128> overflow_exact(i128 rounded, i128 floored, const FixedType& to);

// numerator / denominator rounded to an integer (rule L5); denominator 1..2^62, |numerator| <= 2^64. The only event is
// inexact.
[[nodiscard]] Quantised<i128> divide_exact(i128 numerator, i128 denominator, Rounding rounding);

}  // namespace bittrue::emulator
