// Chapters O, D, E: the table of overflows, the dialects, and what the definitions say about every value.
#include <array>

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random.hpp"

using namespace bittrue;

namespace {

struct Row {
    Overflow mode;
    int n;
    std::array<int, 7> words;
};

constexpr std::array<int, 7> kValues{-20, -9, -8, 7, 8, 9, 20};
constexpr Row kTable[] = {
    {Overflow::Wrap, 0, {-4, 7, -8, 7, -8, -7, 4}}, {Overflow::Wrap, 1, {-4, -1, -8, 7, 0, 1, 4}},
    {Overflow::Sat, 0, {-8, -8, -8, 7, 7, 7, 7}},   {Overflow::SatSym, 0, {-7, -7, -7, 7, 7, 7, 7}},
    {Overflow::SatZero, 0, {0, 0, -8, 7, 0, 0, 0}}, {Overflow::WrapSm, 0, {3, -8, -8, 7, 7, 6, -5}},
};

FixedType type_of(Format format, Overflow overflow, int n = 0, Dialect dialect = Dialect::Ap) {
    return {.format = format, .overflow = overflow, .saturated_bits = n, .dialect = dialect};
}

constexpr Format kSigned4{.width = 4, .integer = 4, .is_signed = true};
constexpr Format kUnsigned4{.width = 4, .integer = 4, .is_signed = false};

}  // namespace

TEST_CASE("O1-O5: the table of overflows into 4 signed integer bits", "[golden]") {
    for (const Row& row : kTable) {
        for (std::size_t i = 0; i < kValues.size(); ++i) {
            CAPTURE(print_overflow(row.mode), row.n, kValues[i]);
            const Converted c = golden::quantize(kValues[i], 0, type_of(kSigned4, row.mode, row.n));
            CHECK(c.word == row.words[i]);
            const bool below = kValues[i] < (row.mode == Overflow::SatSym ? -7 : -8);
            const bool above = kValues[i] > 7;
            const bool saturates = row.mode != Overflow::Wrap && row.mode != Overflow::WrapSm;
            CHECK(c.events == Events{.above = above, .below = below, .saturated = (above || below) && saturates});
        }
    }
}

TEST_CASE("O: overflow is judged after rounding", "[golden]") {
    FixedType type{.format = {.width = 8, .integer = 8, .is_signed = true}, .rounding = Rounding::Rnd};
    CHECK(golden::quantize_real(127.5, type) == Converted{.word = -128, .events = {.inexact = true, .above = true}});
    type.overflow = Overflow::Sat;
    CHECK(golden::quantize_real(127.5, type) ==
          Converted{.word = 127, .events = {.inexact = true, .above = true, .saturated = true}});
    CHECK(golden::quantize_real(-128.5, type) == Converted{.word = -128, .events = {.inexact = true}});
    CHECK(golden::quantize_real(127.25, type) == Converted{.word = 127, .events = {.inexact = true}});
}

TEST_CASE("O4 and D1: unsigned WRAP with N sets the top bits, on underflow in ap only", "[golden]") {
    for (const Dialect dialect : {Dialect::Ap, Dialect::Sc}) {
        CHECK(golden::quantize(17, 0, type_of(kUnsigned4, Overflow::Wrap, 2, dialect)).word == 13);
        CHECK(golden::quantize(16, 0, type_of(kUnsigned4, Overflow::Wrap, 4, dialect)).word == 15);
    }
    CHECK(golden::quantize(-6, 0, type_of(kUnsigned4, Overflow::Wrap, 2, Dialect::Ap)).word == 14);
    CHECK(golden::quantize(-6, 0, type_of(kUnsigned4, Overflow::Wrap, 2, Dialect::Sc)).word == 2);
    CHECK(golden::quantize(-6, 0, type_of(kUnsigned4, Overflow::Wrap, 0, Dialect::Ap)).word == 10);
}

TEST_CASE("O4: with N as large as the width WRAP saturates", "[golden]") {
    for (int raw = -40; raw <= 40; ++raw) {
        for (const int n : {4, 5, 64}) {
            CHECK(golden::quantize(raw, 0, type_of(kSigned4, Overflow::Wrap, n)).word ==
                  golden::quantize(raw, 0, type_of(kSigned4, Overflow::Sat)).word);
        }
    }
}

TEST_CASE("O6: WRAP_SM with N, worked by hand", "[golden]") {
    // 9 = 01001b: above, n = 1: the top bit 1 of 1001 differs from the sign 0, inverted 0110, top bit 0: 6.
    CHECK(golden::quantize(9, 0, type_of(kSigned4, Overflow::WrapSm, 1)).word == 6);
    // 20 = 10100b: the top bit 0 of 0100 equals the sign 0, kept: 4.
    CHECK(golden::quantize(20, 0, type_of(kSigned4, Overflow::WrapSm, 1)).word == 4);
    // -9 = ..10111b: below, pattern 0111, n = 2: bit 2 is 1, equal to the sign 1, inverted 1000, top 10: 1000 = -8.
    CHECK(golden::quantize(-9, 0, type_of(kSigned4, Overflow::WrapSm, 2)).word == -8);
    // 9: pattern 1001, n = 2: bit 2 is 0, equal to the sign 0, inverted 0110, top bits 01: 0110 = 6.
    CHECK(golden::quantize(9, 0, type_of(kSigned4, Overflow::WrapSm, 2)).word == 6);
    // 13 = 01101b: bit 2 is 1, not the sign 0, kept 1101, top bits 01: 0101 = 5.
    CHECK(golden::quantize(13, 0, type_of(kSigned4, Overflow::WrapSm, 2)).word == 5);
}

TEST_CASE("D2: WRAP_SM reads the deleted bit before rounding in ap, after it in sc", "[golden]") {
    // 15.5 rounds to 16 = 10000b. Its bit 4 is 1; floor(15.5) = 01111b has bit 4 = 0. Bit 3 of 16 is 0.
    FixedType type{.format = kSigned4, .rounding = Rounding::Rnd, .overflow = Overflow::WrapSm, .dialect = Dialect::Sc};
    CHECK(golden::quantize_real(15.5, type).word == -1);  // d = 1 != m = 0: 0000 -> 1111, top bit 1
    type.dialect = Dialect::Ap;
    CHECK(golden::quantize_real(15.5, type).word == 0);  // d = 0 = m: kept
}

TEST_CASE("O2: WRAP is congruent to the rounded value mod 2^W and in range", "[golden]") {
    testing::Random random(2);
    for (int i = 0; i < 20000; ++i) {
        const Format format{
            .width = random.integer(1, 20), .integer = random.integer(-3, 24), .is_signed = random.one_in(2)};
        const i128 raw = random.integer(-2000000000, 2000000000);
        const Converted c = golden::quantize(raw, format.frac(), type_of(format, Overflow::Wrap));
        REQUIRE((raw - raw_from_word(c.word, format)) % (i128{1} << format.width) == 0);
        REQUIRE(raw_from_word(c.word, format) >= raw_min(format));
        REQUIRE(raw_from_word(c.word, format) <= raw_max(format));
        REQUIRE(c.events.above == (raw > raw_max(format)));
        REQUIRE(c.events.below == (raw < raw_min(format)));
    }
}

TEST_CASE("O2: TRN with WRAP is a ring homomorphism of integers", "[golden]") {
    testing::Random random(3);
    for (int i = 0; i < 5000; ++i) {
        const int width = random.integer(1, 30);
        const FixedType type =
            type_of({.width = width, .integer = width, .is_signed = random.one_in(2)}, Overflow::Wrap);
        const auto q = [&](i128 raw) { return raw_from_word(golden::quantize(raw, 0, type).word, type.format); };
        const i128 a = random.integer(-2000000000, 2000000000);
        const i128 b = random.integer(-2000000000, 2000000000);
        REQUIRE(q(q(a) + q(b)) == q(a + b));
        REQUIRE(q(q(a) * q(b)) == q(a * b));
    }
}

TEST_CASE("D4: SAT_SYM into one signed bit keeps -1 in ap and ac, in sc it is 0", "[golden]") {
    for (const Dialect dialect : kAllDialects) {
        const FixedType type{
            .format = {.width = 1, .integer = 1, .is_signed = true}, .overflow = Overflow::SatSym, .dialect = dialect};
        const bool sc = dialect == Dialect::Sc;
        for (const int raw : {-3, -1}) CHECK(golden::quantize(raw, 0, type).word == (sc ? 0 : -1));
        CHECK(golden::quantize(-1, 0, type).events == Events{.below = sc, .saturated = sc});
        CHECK(golden::quantize(5, 0, type).word == 0);
    }
}

TEST_CASE("O3: saturation is the nearest word in range", "[golden]") {
    for (const bool is_signed : {false, true}) {
        for (int width = 1; width <= 6; ++width) {
            const Format format{.width = width, .integer = width, .is_signed = is_signed};
            for (const Overflow overflow : {Overflow::Sat, Overflow::SatSym}) {
                const FixedType type = type_of(format, overflow);
                const bool symmetric = overflow == Overflow::SatSym && is_signed && width > 1;  // D4, ap
                const i128 low = symmetric ? -raw_max(format) : raw_min(format);
                for (int raw = -200; raw <= 200; ++raw) {
                    const i128 expected = raw < low ? low : (raw > raw_max(format) ? raw_max(format) : i128{raw});
                    CHECK(i128{golden::quantize(raw, 0, type).word} == expected);
                }
            }
        }
    }
}

TEST_CASE("F3: words of 64 bits keep all bits, signed and unsigned", "[golden]") {
    const Format all{.width = 64, .integer = 64, .is_signed = false};
    const i128 top = (i128{1} << 64) - 1;
    CHECK(golden::quantize(top, 0, type_of(all, Overflow::Sat)) == Converted{.word = -1});
    CHECK(golden::quantize(top + 1, 0, type_of(all, Overflow::Sat)) ==
          Converted{.word = -1, .events = {.above = true, .saturated = true}});
    CHECK(golden::quantize(top + 6, 0, type_of(all, Overflow::Wrap)) ==
          Converted{.word = 5, .events = {.above = true}});
    CHECK(golden::quantize(-1, 0, type_of(all, Overflow::Wrap)) == Converted{.word = -1, .events = {.below = true}});
}
