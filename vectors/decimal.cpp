#include "bittrue/vectors/decimal.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace bittrue {
namespace {

constexpr int kMaxDigits = 18;
constexpr int kMaxExponent = 400;
constexpr int kDoubleBits = 53;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number behind an 'e', all of `text`; clipped far outside what a Decimal holds.
std::optional<int> parse_exponent(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    if (text.empty()) return {};
    int value = 0;
    for (const char c : text) {
        if (!is_digit(c)) return {};
        value = std::min(value * 10 + (c - '0'), 1'000'000);
    }
    return negative ? -value : value;
}

std::int64_t power_of_ten(int exponent) {
    std::int64_t power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

int count_digits(std::uint64_t digits) {
    int count = 0;
    for (; digits != 0; digits /= 10) ++count;
    return count;
}

// A natural number below 2^2048: enough for 19 digits * 10^400 * 2^575 and for 10^419 * 2^(513 + 70).
class Natural {
public:
    explicit Natural(std::uint64_t value)
        : limbs_{static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)} {}

    void multiply_by_power(std::uint32_t factor, int exponent) {
        for (int i = 0; i < exponent; ++i) multiply(factor);
    }
    void halve() {
        std::uint32_t carry = 0;
        for (std::size_t i = used_; i-- > 0;) {
            const std::uint32_t limb = limbs_[i];
            limbs_[i] = (limb >> 1) | (carry << 31);
            carry = limb & 1U;
        }
    }
    [[nodiscard]] bool less(const Natural& other) const {
        for (std::size_t i = std::max(used_, other.used_); i-- > 0;) {
            if (limbs_[i] != other.limbs_[i]) return limbs_[i] < other.limbs_[i];
        }
        return false;
    }
    // other <= *this
    void subtract(const Natural& other) {
        std::int64_t borrow = 0;
        for (std::size_t i = 0; i < used_; ++i) {
            borrow += std::int64_t{limbs_[i]} - std::int64_t{other.limbs_[i]};
            limbs_[i] = static_cast<std::uint32_t>(borrow);
            borrow >>= 32;
        }
    }
    [[nodiscard]] bool is_zero() const {
        return std::all_of(limbs_.begin(), limbs_.end(), [](std::uint32_t limb) { return limb == 0; });
    }

private:
    void multiply(std::uint32_t factor) {
        std::uint64_t carry = 0;
        for (std::size_t i = 0; i < used_; ++i) {
            carry += std::uint64_t{limbs_[i]} * factor;
            limbs_[i] = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        if (carry == 0) return;
        if (used_ == kLimbs) throw std::logic_error("decimal: a number beyond 2048 bits");
        limbs_[used_++] = static_cast<std::uint32_t>(carry);
    }

    static constexpr std::size_t kLimbs = 64;
    std::array<std::uint32_t, kLimbs> limbs_{};
    std::size_t used_ = 2;
};

struct Quotient {
    i128 floor = 0;
    bool exact = true;
};

constexpr int kQuotientBits = 70;  // raws have at most 64; what is beyond is only known to be beyond

// digits * 10^ten * 2^two, rounded down; 2^kQuotientBits for all that is as large or larger.
Quotient scaled_exactly(std::uint64_t digits, int ten, int two) {
    Natural above(digits);
    Natural below(1);
    (ten >= 0 ? above : below).multiply_by_power(10, std::abs(ten));
    (two >= 0 ? above : below).multiply_by_power(2, std::abs(two));
    below.multiply_by_power(2, kQuotientBits);
    if (!above.less(below)) return {.floor = i128{1} << kQuotientBits, .exact = false};
    Quotient result;
    for (int bit = kQuotientBits - 1; bit >= 0; --bit) {
        below.halve();
        if (above.less(below)) continue;
        above.subtract(below);
        result.floor |= i128{1} << bit;
    }
    result.exact = above.is_zero();
    return result;
}

// The same where 126 bits hold all of it, as they do for nearly every number in a log.
Quotient scaled(std::uint64_t digits, int ten, int two) {
    const int bits_above = 4 * (count_digits(digits) + std::max(ten, 0)) + std::max(two, 0);  // at least what it takes
    const int bits_below = 4 * std::max(-ten, 0) + std::max(-two, 0);
    if (bits_above > 126 || bits_below > 126) return scaled_exactly(digits, ten, two);
    u128 above = u128{digits} << std::max(two, 0);
    u128 below = u128{1} << std::max(-two, 0);
    for (int i = 0; i < std::abs(ten); ++i) (ten > 0 ? above : below) *= 10;
    const u128 floor = above / below;
    if (floor >> kQuotientBits != 0) return {.floor = i128{1} << kQuotientBits, .exact = false};
    return {.floor = static_cast<i128>(floor), .exact = floor * below == above};
}

// The integer as a double holds it: 53 significant bits, ties to even.
i128 as_double(i128 magnitude) {
    int shift = 0;
    while ((magnitude >> shift) >> kDoubleBits != 0) ++shift;
    if (shift == 0) return magnitude;
    const i128 half = i128{1} << (shift - 1);
    const i128 rest = magnitude & ((i128{1} << shift) - 1);
    i128 kept = magnitude >> shift;
    if (rest > half || (rest == half && (kept & 1) != 0)) ++kept;
    return kept << shift;
}

// The smallest magnitude whose double is at least `bound`. as_double is monotone and changes a number by less than
// 2^18.
i128 smallest_reaching(i128 bound) {
    i128 low = std::max<i128>(bound - (i128{1} << 20), 0);
    i128 high = bound;
    if (as_double(high) < high) high += i128{1} << 20;
    while (low < high) {
        const i128 middle = low + (high - low) / 2;
        if (as_double(middle) >= bound) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    std::int64_t digits = 0;
    int significant = 0;  // in `digits`
    int zeros = 0;        // behind them, not yet in `digits`
    std::int64_t exponent = 0;
    bool any = false, point = false;
    std::size_t i = 0;
    for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        any = true;
        if (point) --exponent;
        if (text[i] == '0') {
            if (digits != 0) ++zeros;
            continue;
        }
        significant += digits != 0 ? zeros + 1 : 1;
        if (significant > kMaxDigits) return {};
        digits = digits * power_of_ten(zeros + 1) + (text[i] - '0');
        zeros = 0;
    }
    if (!any) return {};
    if (i < text.size()) {
        if (text[i] != 'e' && text[i] != 'E') return {};
        const std::optional<int> written = parse_exponent(text.substr(i + 1));
        if (!written) return {};
        exponent += *written;
    }
    if (digits == 0) return Decimal{};
    exponent += zeros;
    if (exponent < -kMaxExponent || exponent > kMaxExponent) return {};
    return Decimal{.digits = negative ? -digits : digits, .exponent = static_cast<std::int16_t>(exponent)};
}

std::string print_decimal(const Decimal& value) {
    if (value.digits == 0) return "0";
    std::string digits = std::to_string(std::abs(value.digits));
    const std::string sign = value.digits < 0 ? "-" : "";
    const int count = static_cast<int>(digits.size());
    const int leading = count - 1 + value.exponent;  // power of ten of the first digit
    if (leading < -5 || leading >= kMaxDigits) {
        if (count > 1) digits.insert(1, ".");
        const std::string power = std::to_string(std::abs(leading));
        return sign + digits + (leading < 0 ? "e-" : "e+") + (power.size() < 2 ? "0" : "") + power;
    }
    if (value.exponent >= 0) return sign + digits + std::string(static_cast<std::size_t>(value.exponent), '0');
    if (leading >= 0) return sign + digits.insert(static_cast<std::size_t>(leading) + 1, ".");
    return sign + "0." + std::string(static_cast<std::size_t>(-leading) - 1, '0') + digits;
}

int significant_digits(const Decimal& value) {
    return count_digits(static_cast<std::uint64_t>(std::abs(value.digits)));
}

i128 nearest_raw(const Decimal& value, Format format) {
    if (!is_storable(format)) throw std::logic_error("nearest_raw: no storable format");
    const auto magnitude = static_cast<std::uint64_t>(std::abs(value.digits));
    const i128 nearest = (scaled(magnitude, value.exponent, format.frac() + 1).floor + 1) / 2;
    return std::clamp(value.digits < 0 ? -nearest : nearest, raw_min(format), raw_max(format));
}

RawRange raws_printed_as(const Decimal& value, int precision, Format format) {
    if (precision < 1 || precision > kMaxDigits) {
        throw std::logic_error("raws_printed_as: a precision of " + std::to_string(precision));
    }
    if (!is_storable(format)) throw std::logic_error("raws_printed_as: no storable format");
    if (value.digits == 0) return {.low = 0, .high = 0};
    const int missing = precision - significant_digits(value);
    if (missing < 0) return {};

    // |value| = last * 10^exponent with exactly `precision` digits. Doubles print as it from half a unit of the last
    // digit below to half a unit above; both ends belong to an even last digit. Below a power of ten the unit is a
    // tenth: its lower end, five hundredths below, is the tie between 99..9 and it, and goes up to it.
    const auto magnitude = static_cast<std::uint64_t>(std::abs(value.digits));
    const std::uint64_t last = magnitude * static_cast<std::uint64_t>(power_of_ten(missing));
    const int exponent = value.exponent - missing;
    const bool even = last % 2 == 0;
    const bool power = last == static_cast<std::uint64_t>(power_of_ten(precision - 1));
    const int two = format.frac() - 1;  // of what is counted in half units, and in raws
    const Quotient below = power ? scaled(20 * last - 1, exponent - 1, two) : scaled(2 * last - 1, exponent, two);
    const Quotient above = scaled(2 * last + 1, exponent, two);
    const i128 first = below.floor + (below.exact && (even || power) ? 0 : 1);
    const i128 end = above.floor + (above.exact && !even ? 0 : 1);

    i128 low = smallest_reaching(first);
    i128 high = smallest_reaching(end) - 1;
    if (value.digits < 0) {
        std::swap(low, high);
        low = -low;
        high = -high;
    }
    const RawRange range{.low = std::max(low, raw_min(format)), .high = std::min(high, raw_max(format))};
    return range.empty() ? RawRange{} : range;
}

}  // namespace bittrue
