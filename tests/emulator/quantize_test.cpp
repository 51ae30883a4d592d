#include <limits>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using emulator::quantize;
using emulator::quantize_real;

namespace {

FixedType wide(Rounding rounding) {
    return fixed(16, 16, rounding, Overflow::Sat, 0, rounding == Rounding::RndConvOdd ? Dialect::Ac : Dialect::Sc);
}

constexpr i128 kHuge = i128{1} << 126;

}  // namespace

TEST_CASE("Q1-Q8: the table of ties") {
    const Words quarters{-10, -6, -2, 2, 6, 10, -1, 3};
    struct Row {
        Rounding rounding;
        Words expected;
    };
    const Row rows[] = {
        {Rounding::Trn, {-3, -2, -1, 0, 1, 2, -1, 0}},      {Rounding::TrnZero, {-2, -1, 0, 0, 1, 2, 0, 0}},
        {Rounding::Rnd, {-2, -1, 0, 1, 2, 3, 0, 1}},        {Rounding::RndZero, {-2, -1, 0, 0, 1, 2, 0, 1}},
        {Rounding::RndMinInf, {-3, -2, -1, 0, 1, 2, 0, 1}}, {Rounding::RndInf, {-3, -2, -1, 1, 2, 3, 0, 1}},
        {Rounding::RndConv, {-2, -2, 0, 0, 2, 2, 0, 1}},    {Rounding::RndConvOdd, {-3, -1, -1, 1, 1, 3, 0, 1}},
    };
    for (const Row& row : rows) {
        Words actual;
        for (const auto q : quarters) {
            const Converted c = quantize(q, 2, wide(row.rounding));
            CHECK(c.events == Events{.inexact = true});
            CHECK(quantize_real(static_cast<double>(q) / 4, wide(row.rounding)) == c);
            actual.push_back(c.word);
        }
        INFO("rounding " << static_cast<int>(row.rounding));
        CHECK(actual == row.expected);
    }
}

TEST_CASE("Q0: every mode keeps a whole number") {
    for (const Rounding r : kAllRoundings) {
        for (std::int64_t n = -5; n <= 5; ++n) CHECK(quantize(n * 8, 3, wide(r)) == Converted{n, {}});
    }
}

TEST_CASE("O1-O6: the table of overflows into 4 bits") {
    struct Row {
        Overflow overflow;
        int n;
        Words expected;
    };
    const Row rows[] = {
        {Overflow::Wrap, 0, {-4, 7, -8, 7, -8, -7, 4}}, {Overflow::Wrap, 1, {-4, -1, -8, 7, 0, 1, 4}},
        {Overflow::Sat, 0, {-8, -8, -8, 7, 7, 7, 7}},   {Overflow::SatSym, 0, {-7, -7, -7, 7, 7, 7, 7}},
        {Overflow::SatZero, 0, {0, 0, -8, 7, 0, 0, 0}}, {Overflow::WrapSm, 0, {3, -8, -8, 7, 7, 6, -5}},
    };
    const i128 inputs[] = {-20, -9, -8, 7, 8, 9, 20};
    for (const Row& row : rows) {
        const FixedType to = fixed(4, 4, Rounding::Trn, row.overflow, row.n, Dialect::Sc);
        Words actual;
        for (const i128 v : inputs) {
            const Converted c = quantize(v, 0, to);
            CHECK(c.events.above == (v > 7));
            CHECK(c.events.below == (v < (row.overflow == Overflow::SatSym ? -7 : -8)));
            const bool saturates = row.overflow != Overflow::Wrap && row.overflow != Overflow::WrapSm;
            CHECK(c.events.saturated == (saturates && c.events.overflow()));
            CHECK_FALSE(c.events.inexact);
            actual.push_back(c.word);
        }
        INFO("overflow " << static_cast<int>(row.overflow) << " N " << row.n);
        CHECK(actual == row.expected);
    }
}

TEST_CASE("Q: rounding comes before overflow, so 127.5 overflows 8 bits") {
    CHECK(quantize(255, 1, fixed(8, 8, Rounding::Rnd, Overflow::Sat)) == Converted{127, {true, true, false, true}});
    CHECK(quantize(255, 1, fixed(8, 8, Rounding::Rnd, Overflow::Wrap)) == Converted{-128, {true, true, false, false}});
    CHECK(quantize(255, 1, fixed(8, 8, Rounding::Trn, Overflow::Sat)) == Converted{127, {true, false, false, false}});
}

TEST_CASE("O4: saturated bits keep the sign and the low bits") {
    const auto wrap = [](int n) { return fixed(4, 4, Rounding::Trn, Overflow::Wrap, n); };
    CHECK(quantize(9, 0, wrap(2)).word == 0b0101);
    CHECK(quantize(-10, 0, wrap(2)).word == -6);  // 1010: sign 1, complement 0, low bits 10
    CHECK(quantize(9, 0, wrap(4)).word == 7);
    CHECK(quantize(-10, 0, wrap(64)).word == -8);
    CHECK(quantize(18, 0, ufixed(4, 4, Rounding::Trn, Overflow::Wrap, 1)).word == 0b1010);
}

TEST_CASE("D1: an unsigned underflow with saturated bits sets them in ap and clears them in sc") {
    CHECK(quantize(-6, 0, ufixed(4, 4, Rounding::Trn, Overflow::Wrap, 1, Dialect::Ap)).word == 0b1010);
    CHECK(quantize(-6, 0, ufixed(4, 4, Rounding::Trn, Overflow::Wrap, 1, Dialect::Sc)).word == 0b0010);
}

TEST_CASE("D2: WRAP_SM of ap reads the deleted bit before rounding") {
    // 15.5 rounds to 16: bit 4 is 0 before and 1 after.
    CHECK(quantize(31, 1, fixed(4, 4, Rounding::Rnd, Overflow::WrapSm, 0, Dialect::Sc)).word == -1);
    CHECK(quantize(31, 1, fixed(4, 4, Rounding::Rnd, Overflow::WrapSm, 0, Dialect::Ap)).word == 0);
}

TEST_CASE("O6: WRAP_SM with saturated bits") {
    CHECK(quantize(9, 0, fixed(4, 4, Rounding::Trn, Overflow::WrapSm, 1)).word == 6);   // 1001 inverted
    CHECK(quantize(20, 0, fixed(4, 4, Rounding::Trn, Overflow::WrapSm, 1)).word == 4);  // 0100 has the sign already
    CHECK(quantize(9, 0, fixed(4, 4, Rounding::Trn, Overflow::WrapSm, 2)).word ==
          6);  // 1001: bit 2 is the sign, 0110, then 01..
    CHECK(quantize(-11, 0, fixed(4, 4, Rounding::Trn, Overflow::WrapSm, 2)).word ==
          -6);  // 0101: bit 2 is the sign, 1010
}

TEST_CASE("Q: a shift far beyond 128 bits drops everything") {
    for (const int frac : {128, 129, 130, 1000, 1 << 20}) {
        CHECK(quantize(5, frac, fixed(8, 8)) == Converted{0, {.inexact = true}});
        CHECK(quantize(-5, frac, fixed(8, 8)) == Converted{-1, {.inexact = true}});
        CHECK(quantize(-5, frac, fixed(8, 8, Rounding::TrnZero)) == Converted{0, {.inexact = true}});
        CHECK(quantize(-5, frac, fixed(8, 8, Rounding::RndInf)) == Converted{0, {.inexact = true}});
        CHECK(quantize(0, frac, fixed(8, 8)) == Converted{});
    }
}

TEST_CASE("Q: ties at the ends of 128 bits are seen") {
    const i128 lowest = -kHuge - kHuge;                                      // -2^127
    CHECK(quantize(lowest, 128, fixed(8, 8, Rounding::RndInf)).word == -1);  // -0.5
    CHECK(quantize(lowest, 128, fixed(8, 8, Rounding::RndConv)).word == 0);
    CHECK(quantize(lowest + 1, 128, fixed(8, 8, Rounding::RndInf)).word == 0);  // just above -0.5
    CHECK(quantize(lowest - 0, 129, fixed(8, 8, Rounding::RndInf)).word == 0);  // -0.25
    CHECK(quantize(kHuge, 127, fixed(8, 8, Rounding::RndInf)).word == 1);       // 0.5
    CHECK(quantize(kHuge - 1, 127, fixed(8, 8, Rounding::RndInf)).word == 0);
}

TEST_CASE("O: a number far above the range overflows with its sign") {
    for (const int frac : {-1, -60, -64, -100, -127, -128, -1000, -(1 << 20)}) {
        INFO("frac " << frac);
        CHECK(quantize(0, frac, fixed(8, 8, Rounding::Trn, Overflow::Sat)) == Converted{});
        CHECK(quantize(kHuge, frac, fixed(8, 8, Rounding::Trn, Overflow::Sat)) ==
              Converted{127, {false, true, false, true}});
        CHECK(quantize(-kHuge, frac, fixed(8, 8, Rounding::Trn, Overflow::Sat)) ==
              Converted{-128, {false, false, true, true}});
        CHECK(quantize(3, frac - 8, fixed(8, 8)) == Converted{0, {.above = true}});
        CHECK(quantize(-3, frac - 8, fixed(8, 8, Rounding::Trn, Overflow::Wrap, 1)) ==
              Converted{-128, {.below = true}});
    }
    CHECK(quantize(3, -7, fixed(8, 8)) == Converted{-128, {.above = true}});  // 3 * 2^7 mod 2^8
    CHECK(quantize(3, -63, fixed(64, 64)) == Converted{std::numeric_limits<std::int64_t>::min(), {.above = true}});
    CHECK(quantize(1, -64, fixed(64, 64, Rounding::Trn, Overflow::WrapSm, 0, Dialect::Sc)).word ==
          -1);  // bit 64 is kept
}

TEST_CASE("F3: words of 64 bits reach their ends") {
    const auto signed64 = fixed(64, 64, Rounding::Trn, Overflow::Sat);
    const auto unsigned64 = ufixed(64, 64, Rounding::Trn, Overflow::Sat);
    CHECK(quantize(i128{1} << 63, 0, signed64) ==
          Converted{std::numeric_limits<std::int64_t>::max(), {false, true, false, true}});
    CHECK(quantize((i128{1} << 64) - 1, 0, unsigned64) == Converted{-1, {}});
    CHECK(quantize(i128{1} << 64, 0, unsigned64) == Converted{-1, {false, true, false, true}});
    CHECK(quantize(-1, 0, unsigned64) == Converted{0, {false, false, true, true}});
    CHECK(quantize(-1, 0, ufixed(64, 64)) == Converted{-1, {.below = true}});
    CHECK(quantize(1, 0, fixed(1, 1, Rounding::Trn, Overflow::Sat)) == Converted{0, {false, true, false, true}});
    CHECK(quantize(-1, 0, fixed(1, 1)) == Converted{-1, {}});
}

TEST_CASE("Q: formats with more integer bits than width, or fewer than none") {
    CHECK(quantize(37, 0, fixed(4, 7)) == Converted{4, {.inexact = true}});   // lsb 8
    CHECK(quantize(3, 10, fixed(4, -4)) == Converted{0, {.inexact = true}});  // lsb 2^-8: 0.75
    CHECK(quantize(12, 10, fixed(4, -4)) == Converted{3, {}});
    CHECK(quantize(1, 0, fixed(64, -448)) == Converted{0, {.above = true}});  // lsb 2^-512
}

TEST_CASE("Q: a double is exact") {
    CHECK(quantize_real(0.1, fixed(64, 2)).word ==
          461168601842738816);  // the double nearest to 0.1 is 3602879701896397 / 2^55
    CHECK(quantize_real(-0.01, ufixed(8, 4)) == Converted{255, {true, false, true, false}});
    CHECK(quantize_real(-0.0, fixed(8, 4)) == Converted{});
    CHECK(quantize_real(std::numeric_limits<double>::denorm_min(), fixed(8, 4, Rounding::Rnd)) ==
          Converted{0, {.inexact = true}});
    CHECK(quantize_real(-std::numeric_limits<double>::denorm_min(), fixed(8, 4)) == Converted{-1, {.inexact = true}});
    CHECK(quantize_real(std::numeric_limits<double>::max(), fixed(8, 4, Rounding::Rnd, Overflow::Sat)) ==
          Converted{127, {false, true, false, true}});
}

TEST_CASE("Q9: infinity overflows without being inexact, and NaN is refused") {
    const double infinity = std::numeric_limits<double>::infinity();
    const Events above{.above = true}, above_saturated{.above = true, .saturated = true};
    const Events below{.below = true}, below_saturated{.below = true, .saturated = true};
    CHECK(quantize_real(infinity, fixed(8, 4)) == Converted{0, above});
    CHECK(quantize_real(infinity, fixed(8, 4, Rounding::Trn, Overflow::Wrap, 3)) == Converted{0b01100000, above});
    CHECK(quantize_real(-infinity, fixed(8, 4, Rounding::Trn, Overflow::WrapSm)) == Converted{0, below});
    CHECK(quantize_real(infinity, fixed(8, 4, Rounding::Trn, Overflow::Sat)) == Converted{127, above_saturated});
    CHECK(quantize_real(-infinity, fixed(8, 4, Rounding::Trn, Overflow::Sat)) == Converted{-128, below_saturated});
    CHECK(quantize_real(-infinity, fixed(8, 4, Rounding::Trn, Overflow::SatSym)) == Converted{-127, below_saturated});
    CHECK(quantize_real(infinity, fixed(8, 4, Rounding::Trn, Overflow::SatZero)) == Converted{0, above_saturated});
    CHECK(quantize_real(infinity, ufixed(64, 4, Rounding::Trn, Overflow::Sat)) == Converted{-1, above_saturated});
    CHECK_THROWS_AS(quantize_real(std::numeric_limits<double>::quiet_NaN(), fixed(8, 4)), InputError);
}
