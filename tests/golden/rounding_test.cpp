// Chapter Q: the table of ties, and what the definitions say about every value.
#include <array>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random.hpp"

using namespace bittrue;

namespace {

struct Row {
    Rounding mode;
    std::array<int, 8> rounded;
};

// The quarters -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, -0.25, 0.75 and the table of numerics.md.
constexpr std::array<int, 8> kQuarters{-10, -6, -2, 2, 6, 10, -1, 3};
constexpr Row kTies[] = {
    {Rounding::Trn, {-3, -2, -1, 0, 1, 2, -1, 0}},      {Rounding::TrnZero, {-2, -1, 0, 0, 1, 2, 0, 0}},
    {Rounding::Rnd, {-2, -1, 0, 1, 2, 3, 0, 1}},        {Rounding::RndZero, {-2, -1, 0, 0, 1, 2, 0, 1}},
    {Rounding::RndMinInf, {-3, -2, -1, 0, 1, 2, 0, 1}}, {Rounding::RndInf, {-3, -2, -1, 1, 2, 3, 0, 1}},
    {Rounding::RndConv, {-2, -2, 0, 0, 2, 2, 0, 1}},    {Rounding::RndConvOdd, {-3, -1, -1, 1, 1, 3, 0, 1}},
};

FixedType wide(Rounding rounding) {
    return {.format = {.width = 40, .integer = 40, .is_signed = true},
            .rounding = rounding,
            .dialect = rounding == Rounding::RndConvOdd ? Dialect::Ac : Dialect::Ap};
}

bool is_nearest(Rounding mode) {
    return mode != Rounding::Trn && mode != Rounding::TrnZero;
}

}  // namespace

TEST_CASE("Q1-Q8: the table of ties of both signs", "[golden]") {
    for (const Row& row : kTies) {
        for (std::size_t i = 0; i < kQuarters.size(); ++i) {
            CAPTURE(print_rounding(row.mode), kQuarters[i]);
            const Converted fixed = golden::quantize(kQuarters[i], 2, wide(row.mode));
            CHECK(fixed.word == row.rounded[i]);
            CHECK(fixed.events == Events{.inexact = true});
            CHECK(golden::quantize_real(kQuarters[i] / 4.0, wide(row.mode)) == fixed);
        }
    }
}

TEST_CASE("Q0: every mode keeps an integer", "[golden]") {
    for (const Rounding mode : kAllRoundings) {
        for (int k = -40; k <= 40; ++k) {
            CHECK(golden::quantize(i128{k} * 8, 3, wide(mode)) == Converted{.word = k});
            CHECK(golden::quantize(k, -2, wide(mode)) == Converted{.word = k * 4});
        }
    }
}

TEST_CASE("Q: the rounded value is one of the two neighbours, and a nearest mode errs by at most half an lsb",
          "[golden]") {
    testing::Random random(1);
    for (int i = 0; i < 20000; ++i) {
        const Rounding mode = random.pick(kAllRoundings);
        const int shift = random.integer(1, 12);
        const int raw = random.integer(-(1 << 20), 1 << 20);
        const int unit = 1 << shift;
        const int rounded = static_cast<int>(golden::quantize(raw, shift, wide(mode)).word);
        const int error = rounded * unit - raw;  // in units of 2^-shift
        CAPTURE(print_rounding(mode), raw, shift, rounded);
        REQUIRE(error > -unit);
        REQUIRE(error < unit);
        if (is_nearest(mode)) {
            REQUIRE(2 * error <= unit);
            REQUIRE(2 * error >= -unit);
        }
        if (mode == Rounding::Trn) REQUIRE(error <= 0);
        if (mode == Rounding::TrnZero) REQUIRE((raw < 0 ? error >= 0 : error <= 0));
    }
}

TEST_CASE("Q: modes that mirror each other about zero give mirrored results", "[golden]") {
    constexpr Rounding kOdd[] = {Rounding::TrnZero, Rounding::RndZero, Rounding::RndInf, Rounding::RndConv,
                                 Rounding::RndConvOdd};
    for (int raw = 0; raw <= 200; ++raw) {
        for (const Rounding mode : kOdd) {
            CHECK(golden::quantize(-raw, 3, wide(mode)).word == -golden::quantize(raw, 3, wide(mode)).word);
        }
        CHECK(golden::quantize(-raw, 3, wide(Rounding::Rnd)).word ==
              -golden::quantize(raw, 3, wide(Rounding::RndMinInf)).word);
    }
}

TEST_CASE("Q: every bit of a word may be dropped, however far away", "[golden]") {
    for (const int frac : {60, 200, 5000, 1 << 20}) {
        CHECK(golden::quantize(-1, frac, wide(Rounding::Trn)).word == -1);
        CHECK(golden::quantize(-1, frac, wide(Rounding::Rnd)).word == 0);
        CHECK(golden::quantize(1, frac, wide(Rounding::RndInf)).word == 0);
        CHECK(golden::quantize(1, frac, wide(Rounding::RndInf)).events == Events{.inexact = true});
        CHECK(golden::quantize(0, frac, wide(Rounding::RndInf)).events == Events{});
    }
    FixedType saturating = wide(Rounding::Trn);
    saturating.overflow = Overflow::Sat;
    CHECK(golden::quantize(1, -(1 << 20), saturating) ==
          Converted{.word = (std::int64_t{1} << 39) - 1, .events = {.above = true, .saturated = true}});
    CHECK(golden::quantize(-1, -(1 << 20), wide(Rounding::Trn)) == Converted{.word = 0, .events = {.below = true}});
}

TEST_CASE("Q: the largest 128-bit raws are exact", "[golden]") {
    const i128 largest = ~(i128{1} << 127);
    const FixedType top{.format = {.width = 64, .integer = 64, .is_signed = true}};
    CHECK(golden::quantize(largest, 64, top) ==
          Converted{.word = std::numeric_limits<std::int64_t>::max(), .events = {.inexact = true}});
    CHECK(golden::quantize(-largest - 1, 64, top) == Converted{.word = std::numeric_limits<std::int64_t>::min()});
}

TEST_CASE("Q1: the floor of a negative number just below a multiple of 2^64 keeps its sign", "[golden]") {
    // Boost 1.74 shifts -(320 * 2^84 + 1) right by 84 to +319.
    const i128 unit = i128{1} << 84;
    CHECK(golden::quantize(-320 * unit - 1, 84, wide(Rounding::Trn)) ==
          Converted{.word = -321, .events = {.inexact = true}});
    CHECK(golden::quantize(-(i128{1} << 64) - 1, 32, wide(Rounding::Trn)).word == -(std::int64_t{1} << 32) - 1);
    CHECK(golden::quantize(-320 * unit, 84, wide(Rounding::Trn)) == Converted{.word = -320});
    CHECK(golden::quantize(-320 * unit + 1, 84, wide(Rounding::Trn)) ==
          Converted{.word = -320, .events = {.inexact = true}});
}

TEST_CASE("Q9: infinity overflows in its direction and is not inexact, wraps see zeros in every bit", "[golden]") {
    const double infinity = std::numeric_limits<double>::infinity();
    FixedType type{.format = {.width = 8, .integer = 4, .is_signed = true}};
    struct Case {
        Overflow overflow;
        int n;
        std::int64_t above, below;
    };
    for (const Case& c :
         {Case{Overflow::Wrap, 0, 0, 0}, Case{Overflow::Wrap, 1, 0, -128}, Case{Overflow::Wrap, 3, 0b01100000, -128},
          Case{Overflow::Wrap, 8, 127, -128}, Case{Overflow::WrapSm, 0, 0, 0}, Case{Overflow::WrapSm, 1, 0, -1},
          Case{Overflow::WrapSm, 3, 127, -128}, Case{Overflow::WrapSm, 8, 127, -128}}) {
        type.overflow = c.overflow;
        type.saturated_bits = c.n;
        CHECK(golden::quantize_real(infinity, type) == Converted{.word = c.above, .events = {.above = true}});
        CHECK(golden::quantize_real(-infinity, type) == Converted{.word = c.below, .events = {.below = true}});
    }
    type.saturated_bits = 0;
    type.overflow = Overflow::Sat;
    CHECK(golden::quantize_real(infinity, type) ==
          Converted{.word = 127, .events = {.above = true, .saturated = true}});
    CHECK(golden::quantize_real(-infinity, type) ==
          Converted{.word = -128, .events = {.below = true, .saturated = true}});
    type.overflow = Overflow::SatSym;
    CHECK(golden::quantize_real(-infinity, type) ==
          Converted{.word = -127, .events = {.below = true, .saturated = true}});
    type.overflow = Overflow::SatZero;
    CHECK(golden::quantize_real(-infinity, type) == Converted{.word = 0, .events = {.below = true, .saturated = true}});
}

TEST_CASE("Q9: NaN is refused", "[golden]") {
    CHECK_THROWS_AS(golden::quantize_real(std::numeric_limits<double>::quiet_NaN(), FixedType{}), InputError);
}

TEST_CASE("W1: doubles are exact, from the least subnormal to the largest", "[golden]") {
    const double least = std::numeric_limits<double>::denorm_min();
    const FixedType tiny{.format = {.width = 8, .integer = -504, .is_signed = true}};
    CHECK(golden::quantize_real(least, wide(Rounding::Rnd)) == Converted{.word = 0, .events = {.inexact = true}});
    CHECK(golden::quantize_real(-least, wide(Rounding::Trn)) == Converted{.word = -1, .events = {.inexact = true}});
    CHECK(golden::quantize_real(0x1p-512, tiny) == Converted{.word = 1});
    CHECK(golden::quantize_real(-0.0, tiny) == Converted{.word = 0});
    const FixedType huge{.format = {.width = 64, .integer = 512, .is_signed = false}};
    CHECK(golden::quantize_real(0x1.8p511, huge) == Converted{.word = static_cast<std::int64_t>(0xc000000000000000U)});
}
