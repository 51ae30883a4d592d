// Types as people write them: ap_fixed<16,6,AP_RND,AP_SAT>, ac_fixed<16,6,true>, sfix16_En10, s16.10, Q5.10.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue {

// Accepts, case-insensitively and with spaces anywhere between tokens:
//   ap_fixed<W,I[,Q[,O[,N]]]>  ap_ufixed<...>  ap_int<W>  ap_uint<W>        dialect ap
//   ac_fixed<W,I,S[,Q[,O]]>    ac_int<W,S>     (S: true/false/1/0)           dialect ac
//   sc_fixed<W,I[,Q[,O[,N]]]>  sc_ufixed<...>  sc_int<W>  sc_uint<W>         dialect sc
//   fixed<W,I,...> ufixed<W,I,...> int<W> uint<W> (hls4ml's short forms)     dialect `neutral`
//   sfixW_EnF ufixW_EnF sfixW_EF sfixW   (MATLAB: lsb 2^-F, 2^F, 1)          dialect `neutral`
//   sW.F uW.F   (width W in all, F fraction bits, F may be negative)         dialect `neutral`
//   Qm.n UQm.n  (TI convention: the sign bit is not counted, W = 1+m+n; UQ: W = m+n)  dialect `neutral`
// The neutral notations take modes behind a comma: "s16.10,RND,SAT". Modes may carry the prefix AP_, AC_ or SC_ that
// fits. Throws InputError that says what is wrong and shows a right example.
[[nodiscard]] FixedType parse_type(const std::string& text, Dialect neutral = Dialect::Ap);

// In the type's own dialect, modes only as far as they differ from the defaults: "ap_fixed<8,3,AP_RND,AP_SAT>".
[[nodiscard]] std::string print_type(const FixedType& type);

[[nodiscard]] std::string print_rounding(Rounding r);            // "RND_CONV"
[[nodiscard]] std::string print_overflow(Overflow o);            // "SAT_SYM"
[[nodiscard]] std::string print_dialect(Dialect d);              // "ap"
[[nodiscard]] Rounding parse_rounding(const std::string& text);  // with or without prefix; InputError
[[nodiscard]] Overflow parse_overflow(const std::string& text);
[[nodiscard]] Dialect parse_dialect(const std::string& text);

// Every notation that can express the format: {"ap_fixed", "ap_fixed<16,6>"}, {"MATLAB", "sfix16_En10"}, ...
struct Spelling {
    std::string notation{};
    std::string text{};
};
[[nodiscard]] std::vector<Spelling> spellings(const FixedType& type);

// Decimal digits of an i128; "0x1f" with ceil(width/4) digits of the pattern (rule F4).
[[nodiscard]] std::string print_raw(i128 raw);
[[nodiscard]] std::string print_hex(std::int64_t word, Format format);
// Shortest exact decimal of raw * 2^-frac ("-0.625"); exact for every raw.
[[nodiscard]] std::string print_value(i128 raw, int frac);
// Decimal or 0x-hex (a pattern of the format) to a word in range of the format; InputError.
[[nodiscard]] std::int64_t parse_raw(const std::string& text, Format format);

}  // namespace bittrue
