// Decimal text of a log: which raws it stands for. The C library that prints such logs is the oracle.
#include "bittrue/vectors/decimal.hpp"

#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "vectors/support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

Format format_of(int width, int frac, bool is_signed = true) {
    return {.width = width, .integer = width - frac, .is_signed = is_signed};
}

// What an HLS tool's stream writes: the value as a double, then as many digits.
std::string printed(i128 raw, int frac, int precision) {
    std::array<char, 64> text{};
    // A double of a 64-bit integer is rounded to nearest, ties to even; the scaling is exact.
    const double whole = raw < 0 ? static_cast<double>(static_cast<std::int64_t>(raw))
                                 : static_cast<double>(static_cast<std::uint64_t>(raw));
    std::snprintf(text.data(), text.size(), "%.*g", precision, std::ldexp(whole, -frac));
    return text.data();
}

Decimal parsed(const std::string& text) {
    const auto value = parse_decimal(text);
    if (!value) throw std::runtime_error("not a decimal: " + text);
    return *value;
}

std::string range_text(const RawRange& range) {
    std::ostringstream out;
    if (range.empty()) return "none";
    out << static_cast<std::int64_t>(range.low) << ".." << static_cast<std::int64_t>(range.high);
    return out.str();
}

// Every raw of the format: those that print alike are exactly the range of their text.
void check_all(Format format, int precision) {
    i128 first = raw_min(format);
    std::string text = printed(first, format.frac(), precision);
    for (i128 raw = first + 1; raw <= raw_max(format) + 1; ++raw) {
        const std::string next = raw > raw_max(format) ? "" : printed(raw, format.frac(), precision);
        if (next == text) continue;
        const RawRange range = raws_printed_as(parsed(text), precision, format);
        if (range.low != first || range.high != raw - 1) {
            FAIL(text << " of " << format.width << " bits, " << format.frac() << " of them fraction, is "
                      << range_text(range) << ", not " << range_text({first, raw - 1}));
        }
        text = next;
        first = raw;
    }
}

}  // namespace

TEST_CASE("Decimal: what the text of a number says, and nothing else is a number") {
    const std::map<std::string, Decimal> right{
        {"-1.5", {-15, -1}},
        {"3e-05", {3, -5}},
        {"+7", {7, 0}},
        {".5", {5, -1}},
        {"5.", {5, 0}},
        {"0", {0, 0}},
        {"-0.000", {0, 0}},
        {"0e-999999999999", {0, 0}},
        {"1e+06", {1, 6}},
        {"1200", {12, 2}},
        {"0.00120", {12, -4}},
        {"1.0E2", {1, 2}},
        {"999999999999999999", {999999999999999999, 0}},
        {"-0.999999999999999999", {-999999999999999999, -18}},
        {"1000000000000000000000000", {1, 24}},
        {"1e400", {1, 400}},
        {"10e-401", {1, -400}},
    };
    for (const auto& [text, value] : right) {
        CAPTURE(text);
        REQUIRE(parse_decimal(text).has_value());
        CHECK(*parse_decimal(text) == value);
    }
    for (const std::string text : {"",
                                   "-",
                                   "+",
                                   ".",
                                   "-.",
                                   "e5",
                                   ".e5",
                                   "1e",
                                   "1e+",
                                   "1e5.0",
                                   "1.2.3",
                                   "--1",
                                   "+-1",
                                   " 1",
                                   "1 ",
                                   "1,5",
                                   "0x10",
                                   "inf",
                                   "nan",
                                   "-inf",
                                   "1f",
                                   "1e401",
                                   "1e-401",
                                   "1e99999999999999999999",
                                   "1000000000000000001e-1",
                                   "1234567890123456789",
                                   "0.1000000000000000001"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_decimal(text).has_value());
    }
}

TEST_CASE("Decimal: the printed number reads back as itself") {
    Words words(7);
    for (int i = 0; i < 20000; ++i) {
        Decimal value{.digits = static_cast<std::int64_t>(words.next() % 1000000000000000000U),
                      .exponent = static_cast<std::int16_t>(static_cast<int>(words.next() % 801) - 400)};
        for (int cut = static_cast<int>(words.next() % 18); cut > 0; --cut) value.digits /= 10;
        if ((words.next() & 1U) != 0) value.digits = -value.digits;
        while (value.digits != 0 && value.digits % 10 == 0) value.digits /= 10;
        if (value.digits == 0) value.exponent = 0;
        CAPTURE(value.digits, value.exponent);
        REQUIRE(parse_decimal(print_decimal(value)) == value);
    }
    CHECK(print_decimal({-15, -1}) == "-1.5");
    CHECK(print_decimal({3, -5}) == "0.00003");
    CHECK(print_decimal({3, -6}) == "3e-06");
    CHECK(print_decimal({125, 0}) == "125");
    CHECK(print_decimal({125, -8}) == "1.25e-06");
    CHECK(print_decimal({125, 30}) == "1.25e+32");
    CHECK(significant_digits({-125, 7}) == 3);
    CHECK(significant_digits({0, 0}) == 0);
}

TEST_CASE(
    "Decimal: the raws of a text are exactly those that the C library prints so, for every raw of small formats") {
    for (const int width : {1, 2, 3, 5, 8, 10, 12}) {
        for (const int frac : {-9, -3, 0, 1, 4, width, width + 3, 20, 31, 60, 100}) {
            for (const bool is_signed : {true, false}) {
                for (const int precision : {1, 2, 3, 6, 9}) check_all(format_of(width, frac, is_signed), precision);
            }
        }
    }
}

TEST_CASE("Decimal: the same for every raw of 16 and 20 bits, with 6 digits") {
    for (const int frac : {-4, 0, 3, 6, 10, 15, 19}) check_all(format_of(16, frac), 6);
    for (const int frac : {0, 10, 19}) check_all(format_of(20, frac), 6);
    check_all(format_of(20, 12, false), 4);
}

TEST_CASE("Decimal: of wide formats the ends of the range print so, and their neighbours do not") {
    Words words(11);
    int wide = 0;
    for (int round = 0; round < 60000; ++round) {
        const int width = 20 + static_cast<int>(words.next() % 45);
        const int frac = static_cast<int>(words.next() % 90) - 10;
        const Format format = format_of(width, frac, (words.next() & 1U) != 0);
        const int precision = 1 + static_cast<int>(words.next() % 17);
        i128 raw = raw_from_word(words.next(format), format);
        for (int cut = static_cast<int>(words.next() % 64); cut > 0 && words.next() % 2 == 0; --cut) raw /= 2;
        if (words.next() % 8 == 0) raw = raw < 0 ? raw_min(format) : raw_max(format);
        const std::string text = printed(raw, frac, precision);
        const RawRange range = raws_printed_as(parsed(text), precision, format);
        CAPTURE(text, width, frac, format.is_signed, precision, range_text(range));
        REQUIRE((range.low <= raw && raw <= range.high));
        REQUIRE((range.low >= raw_min(format) && range.high <= raw_max(format)));
        REQUIRE(parsed(printed(range.low, frac, precision)) == parsed(text));
        REQUIRE(parsed(printed(range.high, frac, precision)) == parsed(text));
        if (range.low > raw_min(format)) {
            REQUIRE_FALSE(parsed(printed(range.low - 1, frac, precision)) == parsed(text));
        }
        if (range.high < raw_max(format)) {
            REQUIRE_FALSE(parsed(printed(range.high + 1, frac, precision)) == parsed(text));
        }
        if (width > 53 && range.low != range.high && precision > 15) ++wide;
    }
    CHECK(wide > 100);  // where the rounding to a double decides, not that to digits
}

TEST_CASE("Decimal: ties between two texts are given to the even digit, also below a power of ten") {
    // 0.5 of the last of 1, 2 and 3 digits: 2.5 -> 2, 3.5 -> 4, 9.5 -> 1e+01, 12.5 -> 12, 99.5 -> 1e+02.
    for (const int precision : {1, 2, 3}) check_all(format_of(13, 1), precision);
    CHECK(range_text(raws_printed_as(parsed("2"), 1, format_of(8, 1))) == "3..5");
    CHECK(range_text(raws_printed_as(parsed("1e+01"), 1, format_of(8, 1))) == "19..29");
    CHECK(range_text(raws_printed_as(parsed("9"), 1, format_of(8, 1))) == "18..18");
}

TEST_CASE("Decimal: a number that no word prints as has no raws") {
    const Format s8 = format_of(8, 5);
    CHECK(raws_printed_as(parsed("0.1"), 6, s8).empty());
    CHECK(raws_printed_as(parsed("4"), 6, s8).empty());
    CHECK(raws_printed_as(parsed("-4.03125"), 6, s8).empty());
    CHECK(raws_printed_as(parsed("1e300"), 6, s8).empty());
    CHECK(raws_printed_as(parsed("1e-300"), 6, s8).empty());
    CHECK(raws_printed_as(parsed("-1"), 6, format_of(8, 5, false)).empty());
    // More digits than the printer keeps.
    CHECK(raws_printed_as(parsed("0.03125"), 3, s8).empty());
    CHECK(raws_printed_as(parsed("0.03125"), 4, s8).exact());
    // Zero is the word 0 only: a small number keeps its digits.
    CHECK(range_text(raws_printed_as(parsed("0"), 1, format_of(64, 500))) == "0..0");
    // The ends of the representable formats.
    CHECK(range_text(raws_printed_as(parsed("1.34078e+154"), 6,
                                     {.width = 1, .integer = 513 - 1, .is_signed = false})) == "none");
    CHECK(range_text(raws_printed_as(parsed(printed(1, -511, 6)), 6,
                                     {.width = 1, .integer = 512, .is_signed = false})) == "1..1");
    CHECK(range_text(raws_printed_as(parsed(printed(1, 576, 6)), 6,
                                     {.width = 64, .integer = -512, .is_signed = true})) == "1..1");
}

TEST_CASE("Decimal: the nearest raw of a number that is no word") {
    const Format s8 = format_of(8, 5);
    CHECK((nearest_raw(parsed("0.1"), s8) == 3));
    CHECK((nearest_raw(parsed("-0.1"), s8) == -3));
    CHECK((nearest_raw(parsed("0.015625"), s8) == 1));  // a tie
    CHECK((nearest_raw(parsed("-0.015625"), s8) == -1));
    CHECK((nearest_raw(parsed("0.0156249"), s8) == 0));
    CHECK((nearest_raw(parsed("4"), s8) == 127));
    CHECK((nearest_raw(parsed("-1e300"), s8) == -128));
    CHECK((nearest_raw(parsed("-1"), format_of(8, 5, false)) == 0));
    CHECK((nearest_raw(parsed("1e-300"), format_of(64, 500)) == 0));
    CHECK((nearest_raw(parsed("12"), format_of(8, -3)) == 2));  // 1.5 lsb
}
