// A number as a text file holds it: exactly the digits that were printed, and how many the printer would have kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/int128.hpp"

namespace bittrue {

// digits * 10^exponent, without trailing zeros in digits; zero is 0 * 10^0.
struct Decimal {
    std::int64_t digits = 0;    // at most 18 decimal digits
    std::int16_t exponent = 0;  // -400..400
    friend bool operator==(const Decimal&, const Decimal&) = default;
};

// "-1.5", "3e-05", "+7", ".5"; nothing for other text, inf, nan or more than 18 significant digits.
[[nodiscard]] std::optional<Decimal> parse_decimal(std::string_view text);
[[nodiscard]] std::string print_decimal(const Decimal& value);
// Significant digits of the number as stored here: 0 for zero.
[[nodiscard]] int significant_digits(const Decimal& value);

// The raws of `format` that a printer of `precision` significant digits (1..18; ostream and "%g": 6) prints as this
// number. Two steps, as the stream operators of the HLS types take them: the value becomes a double (of a raw of more
// than 53 bits the nearest, ties to even), and that double's exact value is rounded to the digits, ties to even as C
// libraries do. Empty (low > high) when there is none: the number is no word of the format, or has more digits than are
// printed.
struct RawRange {
    i128 low = 0;
    i128 high = -1;
    [[nodiscard]] bool empty() const { return low > high; }
    [[nodiscard]] bool exact() const { return low == high; }
};
[[nodiscard]] RawRange raws_printed_as(const Decimal& value, int precision, Format format);

// The raw of `format` nearest to the number (a tie: the larger magnitude), for a report of one that is no word.
[[nodiscard]] i128 nearest_raw(const Decimal& value, Format format);

}  // namespace bittrue
