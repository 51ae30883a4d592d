// A format says what a stored word means: raw * 2^-frac. It is data, never a template parameter (numerics.md, F1-F6).
#pragma once

#include <cstdint>

#include "bittrue/model/int128.hpp"

namespace bittrue {

// Words: `raw` is the integer as stored, `value` the real number raw * 2^-frac, `width` all bits including the
// sign bit, `integer` the bits left of the binary point including the sign bit of a signed format, `lsb` = 2^-frac.
// Bit 0 is the least significant bit everywhere in bittrue.
struct Format {
    int width = 16;         // 1..64 for a stored word; exact intermediates are wider
    int integer = 6;        // any sign, may exceed width; -512..512 for a stored word
    bool is_signed = true;  // two's complement when true

    // Fraction bits; negative when the lsb is above one.
    [[nodiscard]] constexpr int frac() const { return width - integer; }

    friend constexpr bool operator==(const Format&, const Format&) = default;
};

inline constexpr int kMaxStoredWidth = 64;
inline constexpr int kMaxInteger = 512;

// True when words of `f` can be stored: width 1..64, integer -512..512.
[[nodiscard]] constexpr bool is_storable(Format f) {
    return f.width >= 1 && f.width <= kMaxStoredWidth && f.integer >= -kMaxInteger && f.integer <= kMaxInteger;
}

// Smallest and largest raw of a format of width 1..126 (rule F3).
[[nodiscard]] constexpr i128 raw_min(Format f) {
    return f.is_signed ? -(i128{1} << (f.width - 1)) : i128{0};
}
[[nodiscard]] constexpr i128 raw_max(Format f) {
    return (i128{1} << (f.is_signed ? f.width - 1 : f.width)) - 1;
}

// Words are kept in int64_t: the two's complement bit pattern, sign- or zero-extended from `width` to 64 bits. Only an
// unsigned format of 64 bits makes a word and its raw differ.
[[nodiscard]] constexpr i128 raw_from_word(std::int64_t word, Format f) {
    return f.is_signed ? i128{word} : i128{static_cast<std::uint64_t>(word)};
}
[[nodiscard]] constexpr std::int64_t word_from_raw(i128 raw) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(static_cast<u128>(raw)));
}

// The low `width` bits of a word: the pattern a memory file holds (rule F4).
[[nodiscard]] constexpr std::uint64_t pattern_from_word(std::int64_t word, Format f) {
    const auto bits = static_cast<std::uint64_t>(word);
    return f.width >= 64 ? bits : bits & ((std::uint64_t{1} << f.width) - 1);
}
// The inverse: reads `width` low bits as two's complement or unsigned; bits above `width` are ignored.
[[nodiscard]] constexpr std::int64_t word_from_pattern(std::uint64_t pattern, Format f) {
    if (f.width >= 64) return static_cast<std::int64_t>(pattern);
    const std::uint64_t mask = (std::uint64_t{1} << f.width) - 1;
    pattern &= mask;
    const bool negative = f.is_signed && ((pattern >> (f.width - 1)) & 1U) != 0;
    return static_cast<std::int64_t>(negative ? pattern | ~mask : pattern);
}

// value = raw * 2^-frac as a double; exact while the raw has at most 53 significant bits.
[[nodiscard]] double value_of(i128 raw, int frac);

// Exact result formats (rule F6): the widths in which no bit of a product or a sum is lost.
[[nodiscard]] constexpr Format product_format(Format a, Format b) {
    return {.width = a.width + b.width, .integer = a.integer + b.integer, .is_signed = a.is_signed || b.is_signed};
}
[[nodiscard]] constexpr Format sum_format(Format a, Format b) {
    const int ia = a.integer + (b.is_signed && !a.is_signed ? 1 : 0);
    const int ib = b.integer + (a.is_signed && !b.is_signed ? 1 : 0);
    const int integer = (ia > ib ? ia : ib) + 1;
    const int frac = a.frac() > b.frac() ? a.frac() : b.frac();
    return {.width = integer + frac, .integer = integer, .is_signed = a.is_signed || b.is_signed};
}

}  // namespace bittrue
