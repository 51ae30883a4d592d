// A fixed-point type: a format plus what a conversion into it does with bits that do not fit (numerics.md, Q and O
// rules).
#pragma once

#include <cstdint>
#include <string_view>

#include "bittrue/model/format.hpp"

namespace bittrue {

// How bits below the lsb are dropped (rules Q1-Q8). The names are those of ap_fixed, ac_fixed and SystemC.
enum class Rounding : std::uint8_t {
    Trn,         // toward minus infinity (floor)
    TrnZero,     // toward zero
    Rnd,         // nearest, tie toward plus infinity
    RndZero,     // nearest, tie toward zero
    RndMinInf,   // nearest, tie toward minus infinity
    RndInf,      // nearest, tie away from zero
    RndConv,     // nearest, tie to even
    RndConvOdd,  // nearest, tie to odd (ac only)
};

// What happens to a rounded value outside the range (rules O1-O6).
enum class Overflow : std::uint8_t {
    Wrap,     // keep the low bits; with N saturated bits see O4
    Sat,      // clamp to the nearest end
    SatZero,  // zero
    SatSym,   // clamp to +-max; the most negative word does not occur
    WrapSm,   // sign-magnitude wrap (ap and sc, signed only)
};

// Whose corner cases apply (rules D1-D3): AMD ap_fixed, Siemens ac_fixed, SystemC sc_fixed.
enum class Dialect : std::uint8_t { Ap, Ac, Sc };

struct FixedType {
    Format format{};
    Rounding rounding = Rounding::Trn;
    Overflow overflow = Overflow::Wrap;
    int saturated_bits = 0;  // the N of ap_fixed and sc_fixed: with Wrap and WrapSm only, 0..64
    Dialect dialect = Dialect::Ap;

    friend constexpr bool operator==(const FixedType&, const FixedType&) = default;
};

inline constexpr Rounding kAllRoundings[] = {Rounding::Trn,     Rounding::TrnZero,   Rounding::Rnd,
                                             Rounding::RndZero, Rounding::RndMinInf, Rounding::RndInf,
                                             Rounding::RndConv, Rounding::RndConvOdd};
inline constexpr Overflow kAllOverflows[] = {Overflow::Wrap, Overflow::Sat, Overflow::SatZero, Overflow::SatSym,
                                             Overflow::WrapSm};
inline constexpr Dialect kAllDialects[] = {Dialect::Ap, Dialect::Ac, Dialect::Sc};

// Largest and smallest raw that is not an overflow (rule O1): the format's range, and with SatSym without its most
// negative word.
[[nodiscard]] constexpr i128 range_min(const FixedType& t) {
    const bool keeps_lowest = t.format.width == 1 && t.dialect != Dialect::Sc;
    const bool symmetric = t.overflow == Overflow::SatSym && t.format.is_signed && !keeps_lowest;
    return symmetric ? -raw_max(t.format) : raw_min(t.format);
}
[[nodiscard]] constexpr i128 range_max(const FixedType& t) {
    return raw_max(t.format);
}

// Empty when the dialect has this combination, otherwise the reason in words ("WRAP_SM needs a signed type").
[[nodiscard]] std::string_view reason_invalid(const FixedType& t);

}  // namespace bittrue
