// Reads types in every notation; printing is notation.cpp.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue {

namespace {

std::string upper(std::string s) {
    std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return s;
}

std::string without_spaces(const std::string& s) {
    std::string out;
    for (const char c : s) {
        if (std::isspace(static_cast<unsigned char>(c)) == 0) out += c;
    }
    return out;
}

std::vector<std::string> split(const std::string& s, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = s.find(separator); end != std::string::npos; end = s.find(separator, begin)) {
        parts.push_back(s.substr(begin, end - begin));
        begin = end + 1;
    }
    parts.push_back(s.substr(begin));
    return parts;
}

std::optional<int> whole_number(const std::string& s) {
    const char* first = s.data() + (s.size() > 1 && s[0] == '+' ? 1 : 0);
    int value = 0;
    const auto [end, error] = std::from_chars(first, s.data() + s.size(), value);
    if (error != std::errc{} || end != s.data() + s.size()) return std::nullopt;
    return value;
}

constexpr const char* kExamples =
    "right are for example ap_fixed<16,6,AP_RND,AP_SAT>, ac_fixed<16,6,true>, sc_ufixed<8,0>, sfix16_En10, s16.10 or "
    "Q5.10";

class TypeParser {
public:
    TypeParser(const std::string& text, Dialect neutral) : original_(text), text_(upper(without_spaces(text))) {
        type_.dialect = neutral;
    }

    FixedType parse() {
        if (text_.empty()) fail("it is empty");
        const auto open = text_.find('<');
        if (open != std::string::npos) {
            template_form(open);
        } else {
            neutral_form();
        }
        if (const auto reason = reason_invalid(type_); !reason.empty()) fail(std::string(reason));
        return type_;
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw InputError(fmt::format("'{}' is not a type: {}; {}", original_, why, kExamples));
    }

    int number(const std::string& s, const char* what) const {
        const auto n = whole_number(s);
        if (!n) fail(fmt::format("{} must be a whole number, not '{}'", what, s));
        // Far outside of every valid range, but safe to compute with.
        return std::clamp(*n, -100000, 100000);
    }

    bool truth(const std::string& s) const {
        if (s == "TRUE" || s == "1") return true;
        if (s == "FALSE" || s == "0") return false;
        fail(fmt::format("the signedness must be true or false, not '{}'", s));
    }

    void modes(const std::vector<std::string>& args, std::size_t first) {
        const std::string prefix = upper(print_dialect(type_.dialect)) + "_";
        const auto bare = [&](const std::string& s) {
            for (const char* other : {"AP_", "AC_", "SC_"}) {
                if (s.rfind(other, 0) != 0) continue;
                if (prefix_free_ || prefix == other) return s.substr(3);
                fail(fmt::format("the mode '{}' belongs to another library than the type", s));
            }
            return s;
        };
        const auto mode = [&](const std::string& s, auto from_name) {
            const std::string name = bare(s);
            try {
                return from_name(name);
            } catch (const InputError& e) {
                fail(e.what());
            }
        };
        if (args.size() > first) type_.rounding = mode(args[first], parse_rounding);
        if (args.size() > first + 1) type_.overflow = mode(args[first + 1], parse_overflow);
        if (args.size() > first + 2) type_.saturated_bits = number(args[first + 2], "the number of saturated bits");
        if (args.size() > first + 3) fail("it has too many arguments");
    }

    void template_form(std::size_t open) {
        if (text_.back() != '>') fail("the closing '>' is missing");
        const std::string name = text_.substr(0, open);
        const auto args = split(text_.substr(open + 1, text_.size() - open - 2), ',');
        std::string base = name;
        if (name.rfind("AP_", 0) == 0 || name.rfind("AC_", 0) == 0 || name.rfind("SC_", 0) == 0) {
            type_.dialect = parse_dialect(name.substr(0, 2));
            base = name.substr(3);
        } else {
            prefix_free_ = true;
        }
        const bool ac = !prefix_free_ && type_.dialect == Dialect::Ac;
        const bool is_unsigned = base.rfind('U', 0) == 0;
        if (is_unsigned) base = base.substr(1);
        if ((base != "FIXED" && base != "INT") || (ac && is_unsigned)) fail(fmt::format("unknown name '{}'", name));
        const bool integer_type = base == "INT";
        const std::size_t needed = (integer_type ? 1U : 2U) + (ac ? 1U : 0U);
        if (args.size() < needed || (integer_type && args.size() > needed)) {
            fail(fmt::format("{} argument{} where {}{} {} needed", args.size(), args.size() == 1 ? "" : "s",
                             integer_type ? "" : "at least ", needed, needed == 1 ? "is" : "are"));
        }
        type_.format.width = number(args[0], "the width");
        type_.format.integer = integer_type ? type_.format.width : number(args[1], "the number of integer bits");
        type_.format.is_signed = ac ? truth(args[needed - 1]) : !is_unsigned;
        modes(args, needed);
    }

    void neutral_form() {
        prefix_free_ = true;
        const auto args = split(text_, ',');
        const std::string& head = args[0];
        if (head.rfind("SFIX", 0) == 0 || head.rfind("UFIX", 0) == 0) {
            matlab(head);
        } else if (head.rfind("UQ", 0) == 0 || head.rfind('Q', 0) == 0) {
            q_notation(head);
        } else if (head[0] == 'S' || head[0] == 'U') {
            width_and_fraction(head);
        } else {
            fail("the notation is unknown");
        }
        modes(args, 1);
    }

    void set(int width, int frac, bool is_signed) {
        type_.format = {.width = width, .integer = width - frac, .is_signed = is_signed};
    }

    void matlab(const std::string& head) {
        const std::string rest = head.substr(4);
        const auto underscore = rest.find("_E");
        if (underscore == std::string::npos && rest.find('_') != std::string::npos) {
            fail("slope and bias scaling is not a fixed-point format; only a power of two is, as in sfix16_En10");
        }
        const int width = number(rest.substr(0, underscore), "the width");
        int frac = 0;
        if (underscore != std::string::npos) {
            const std::string exponent = rest.substr(underscore + 2);
            frac = exponent.rfind('N', 0) == 0 ? number(exponent.substr(1), "the fraction length")
                                               : -number(exponent, "the exponent");
        }
        set(width, frac, head[0] == 'S');
    }

    // The TI convention: the sign bit is not counted, Q5.10 has 16 bits.
    void q_notation(const std::string& head) {
        const bool is_signed = head[0] == 'Q';
        const auto parts = split(head.substr(is_signed ? 1 : 2), '.');
        if (parts.size() != 2)
            fail("Q notation is Qm.n with m integer bits (without the sign bit) and n fraction bits");
        const int m = number(parts[0], "m");
        const int n = number(parts[1], "n");
        set(m + n + (is_signed ? 1 : 0), n, is_signed);
    }

    void width_and_fraction(const std::string& head) {
        const auto parts = split(head.substr(1), '.');
        if (parts.size() != 2) fail("sW.F needs the width W in all and the number of fraction bits F, as in s16.10");
        set(number(parts[0], "the width"), number(parts[1], "the number of fraction bits"), head[0] == 'S');
    }

    std::string original_;
    std::string text_;
    FixedType type_{};
    bool prefix_free_ = false;
};

std::string without_prefix(const std::string& text) {
    std::string s = upper(without_spaces(text));
    for (const char* prefix : {"AP_", "AC_", "SC_"}) {
        if (s.rfind(prefix, 0) == 0) return s.substr(3);
    }
    return s;
}

}  // namespace

FixedType parse_type(const std::string& text, Dialect neutral) {
    return TypeParser(text, neutral).parse();
}

Rounding parse_rounding(const std::string& text) {
    const std::string name = without_prefix(text);
    for (const Rounding r : kAllRoundings) {
        if (print_rounding(r) == name) return r;
    }
    throw InputError(fmt::format(
        "unknown rounding '{}' (TRN, TRN_ZERO, RND, RND_ZERO, RND_MIN_INF, RND_INF, RND_CONV, RND_CONV_ODD)", text));
}

Overflow parse_overflow(const std::string& text) {
    const std::string name = without_prefix(text);
    for (const Overflow o : kAllOverflows) {
        if (print_overflow(o) == name) return o;
    }
    throw InputError(fmt::format("unknown overflow mode '{}' (WRAP, SAT, SAT_ZERO, SAT_SYM, WRAP_SM)", text));
}

Dialect parse_dialect(const std::string& text) {
    const std::string name = upper(without_spaces(text));
    for (const Dialect d : kAllDialects) {
        if (upper(print_dialect(d)) == name) return d;
    }
    throw InputError(fmt::format("unknown dialect '{}' (ap, ac, sc)", text));
}

}  // namespace bittrue
