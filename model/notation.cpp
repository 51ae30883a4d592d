// Prints types and numbers; reading types is type_parser.cpp.
#include "bittrue/model/notation.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue {

std::string print_rounding(Rounding r) {
    switch (r) {
        case Rounding::Trn: return "TRN";
        case Rounding::TrnZero: return "TRN_ZERO";
        case Rounding::Rnd: return "RND";
        case Rounding::RndZero: return "RND_ZERO";
        case Rounding::RndMinInf: return "RND_MIN_INF";
        case Rounding::RndInf: return "RND_INF";
        case Rounding::RndConv: return "RND_CONV";
        case Rounding::RndConvOdd: return "RND_CONV_ODD";
    }
    return {};
}

std::string print_overflow(Overflow o) {
    switch (o) {
        case Overflow::Wrap: return "WRAP";
        case Overflow::Sat: return "SAT";
        case Overflow::SatZero: return "SAT_ZERO";
        case Overflow::SatSym: return "SAT_SYM";
        case Overflow::WrapSm: return "WRAP_SM";
    }
    return {};
}

std::string print_dialect(Dialect d) {
    switch (d) {
        case Dialect::Ap: return "ap";
        case Dialect::Ac: return "ac";
        case Dialect::Sc: return "sc";
    }
    return {};
}

namespace {

// ",AP_RND,AP_SAT": the modes as far as they are not TRN, WRAP, 0.
std::string mode_suffix(const FixedType& t, const std::string& prefix) {
    const bool overflow = t.overflow != Overflow::Wrap || t.saturated_bits != 0;
    std::string out;
    if (overflow || t.rounding != Rounding::Trn) out += "," + prefix + print_rounding(t.rounding);
    if (overflow) out += "," + prefix + print_overflow(t.overflow);
    if (t.saturated_bits != 0) out += fmt::format(",{}", t.saturated_bits);
    return out;
}

std::string print_in(const FixedType& t, Dialect dialect) {
    const Format f = t.format;
    const std::string name = print_dialect(dialect);
    std::string prefix = name + "_";
    std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const std::string modes = mode_suffix(t, prefix);
    if (dialect == Dialect::Ac) {
        return fmt::format("ac_fixed<{},{},{}{}>", f.width, f.integer, f.is_signed, modes);
    }
    return fmt::format("{}_{}fixed<{},{}{}>", name, f.is_signed ? "" : "u", f.width, f.integer, modes);
}

}  // namespace

std::string print_type(const FixedType& type) {
    return print_in(type, type.dialect);
}

std::vector<Spelling> spellings(const FixedType& type) {
    const Format f = type.format;
    std::vector<Spelling> out;
    for (const Dialect d : kAllDialects) {
        FixedType t = type;
        t.dialect = d;
        if (reason_invalid(t).empty()) out.push_back({print_dialect(d) + "_fixed", print_in(t, d)});
    }
    const std::string modes = mode_suffix(type, "");
    const std::string scale = f.frac() == 0  ? std::string{}
                              : f.frac() > 0 ? fmt::format("_En{}", f.frac())
                                             : fmt::format("_E{}", -f.frac());
    out.push_back({"MATLAB", fmt::format("{}fix{}{}{}", f.is_signed ? 's' : 'u', f.width, scale, modes)});
    out.push_back({"width.frac", fmt::format("{}{}.{}{}", f.is_signed ? 's' : 'u', f.width, f.frac(), modes)});
    out.push_back({"Qm.n (TI: sign bit not counted)", fmt::format("{}Q{}.{}{}", f.is_signed ? "" : "U",
                                                                  f.integer - (f.is_signed ? 1 : 0), f.frac(), modes)});
    return out;
}

std::string print_raw(i128 raw) {
    return fmt::format("{}", raw);
}

std::string print_hex(std::int64_t word, Format format) {
    return fmt::format("0x{:0{}x}", pattern_from_word(word, format), (format.width + 3) / 4);
}

namespace {

// Decimal digits, most significant first, kept as 0..9; enough for any raw and frac (at most some hundred digits).
void multiply(std::vector<int>& digits, int factor) {
    int carry = 0;
    for (auto d = digits.rbegin(); d != digits.rend(); ++d) {
        const int x = *d * factor + carry;
        *d = x % 10;
        carry = x / 10;
    }
    for (; carry > 0; carry /= 10) digits.insert(digits.begin(), carry % 10);
}

}  // namespace

std::string print_value(i128 raw, int frac) {
    const bool negative = raw < 0;
    const u128 magnitude = negative ? u128{0} - static_cast<u128>(raw) : static_cast<u128>(raw);
    if (magnitude == 0) return "0";
    std::vector<int> digits;
    for (const char c : fmt::format("{}", magnitude)) digits.push_back(c - '0');
    for (int i = frac; i < 0; ++i) multiply(digits, 2);
    // raw / 2^frac = raw * 5^frac / 10^frac.
    const std::size_t places = frac > 0 ? static_cast<std::size_t>(frac) : 0;
    for (std::size_t i = 0; i < places; ++i) multiply(digits, 5);
    if (digits.size() <= places) digits.insert(digits.begin(), places + 1 - digits.size(), 0);
    std::string out = negative ? "-" : "";
    const std::size_t whole = digits.size() - places;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == whole) out += '.';
        out += static_cast<char>('0' + digits[i]);
    }
    if (places > 0) {
        while (out.back() == '0') out.pop_back();
        if (out.back() == '.') out.pop_back();
    }
    return out;
}

std::int64_t parse_raw(const std::string& text, Format format) {
    const auto bad = [&](const std::string& why) {
        return InputError(fmt::format("'{}' is not a raw word of {} bits: {}", text, format.width, why));
    };
    const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const bool negative = !hex && !text.empty() && text[0] == '-';
    const std::string digits = text.substr(hex ? 2 : negative ? 1 : 0);
    if (digits.empty() || digits.size() > 24) throw bad("a decimal integer or a 0x pattern is needed");
    i128 raw = 0;
    for (const char c : digits) {
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : 99;
        if (digit >= (hex ? 16 : 10)) throw bad("a decimal integer or a 0x pattern is needed");
        raw = raw * (hex ? 16 : 10) + digit;
    }
    if (hex) {
        if (raw >= (i128{1} << format.width)) throw bad(fmt::format("the pattern has more than {} bits", format.width));
        return word_from_pattern(static_cast<std::uint64_t>(raw), format);
    }
    if (negative) raw = -raw;
    if (raw < raw_min(format) || raw > raw_max(format)) {
        throw bad(fmt::format("the range is {} to {}", raw_min(format), raw_max(format)));
    }
    return word_from_raw(raw);
}

}  // namespace bittrue
