// Every cast of every source format up to 6 bits into every destination format up to 5 bits, in every mode: the
// emulator equals golden, events included. Only the difference of the fracs matters, so the source's is 0; a cast does
// not know the source's width, so the raws -32..63 hold every word of every signed and unsigned source at once.
#include <algorithm>
#include <cmath>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/sweep.hpp"
#include "exhaustive/types.hpp"

using namespace bittrue;

namespace {

// From "every bit of a 6-bit word dropped" to "its lowest bit above the top bit of the destination".
constexpr int kLeastFrac = -9;
constexpr int kMostFrac = 12;
constexpr int kMaxWidth = 5;
constexpr int kMaxN = 3;
constexpr int kLeastRaw = -32;
constexpr int kMostRaw = 63;

// Of any magnitude; half of them a power of two, plus or minus another, plus or minus a little: carries and borrows.
i128 random_raw(testing::Random& random) {
    if (random.one_in(2)) {
        const i128 sum = (i128{random.integer(-9, 9)} << random.integer(0, 120)) +
                         (i128{random.integer(-9, 9)} << random.integer(0, 120));
        return sum + random.integer(-3, 3);
    }
    const int bits = random.integer(0, 127);
    return static_cast<i128>((static_cast<u128>(random.bits()) << 64) | random.bits()) >> bits;
}

}  // namespace

TEST_CASE("Q, O, D, E: all sources up to 6 bits into all destinations up to 5 bits, emulator equals golden",
          "[exhaustive]") {
    std::size_t casts = 0;
    for (int width = 1; width <= kMaxWidth; ++width) {
        for (int frac = kLeastFrac; frac <= kMostFrac; ++frac) {
            for (const bool is_signed : {false, true}) {
                casts += testing::sweep({.width = width, .integer = width - frac, .is_signed = is_signed},
                                        {kLeastRaw, kMostRaw}, kMaxN);
            }
        }
    }
    // 5 widths, 22 fracs, 316 modes of a signed and an unsigned destination, 96 raws
    CHECK(casts == 5U * 22U * 316U * 96U);
}

TEST_CASE("Q, O, D, E: random raws of up to 128 bits into random types of up to 64 bits, emulator equals golden",
          "[exhaustive]") {
    testing::Random random(20);
    for (int i = 0; i < 500000; ++i) {
        const i128 raw = random_raw(random);
        const int frac = random.integer(-600, 600);
        const int width = random.integer(1, 64);
        // Most casts drop or add a few bits, some everything.
        int to_frac = frac + random.integer(-128, 128);
        if (random.one_in(10)) to_frac = random.integer(-400, 400);
        to_frac = std::max(width - kMaxInteger, std::min(width + kMaxInteger, to_frac));
        const Format format{.width = width, .integer = width - to_frac, .is_signed = random.one_in(2)};
        const FixedType type = testing::random_type(random, format);
        const Converted expected = golden::quantize(raw, frac, type);
        const Converted actual = emulator::quantize(raw, frac, type);
        if (actual == expected) continue;
        FAIL(testing::describe(raw, frac, type)
             << "\n  golden:   " << testing::describe(expected) << "\n  emulator: " << testing::describe(actual));
    }
}

TEST_CASE("W1: random doubles of all magnitudes, emulator equals golden", "[exhaustive]") {
    testing::Random random(21);
    for (int i = 0; i < 100000; ++i) {
        const int width = random.integer(1, 64);
        const Format format{
            .width = width, .integer = random.integer(-kMaxInteger, kMaxInteger), .is_signed = random.one_in(2)};
        const FixedType type = testing::random_type(random, format);
        const auto digits = static_cast<double>(static_cast<std::int64_t>(random.bits()) >> random.integer(0, 63));
        int exponent = -format.frac() - random.integer(-8, 70);
        if (random.one_in(10)) exponent = random.integer(-1140, 960);
        const double value = std::ldexp(digits, exponent);
        const Converted expected = golden::quantize_real(value, type);
        const Converted actual = emulator::quantize_real(value, type);
        if (actual == expected) continue;
        FAIL(fmt::format("{} into {}\n  golden:   {}\n  emulator: {}", value, print_type(type),
                         testing::describe(expected), testing::describe(actual)));
    }
    for (const Overflow overflow : kAllOverflows) {
        const FixedType type{.format = {.width = 5, .integer = 2, .is_signed = true}, .overflow = overflow};
        for (const double infinity : {HUGE_VAL, -HUGE_VAL}) {
            CHECK(golden::quantize_real(infinity, type) == emulator::quantize_real(infinity, type));
        }
    }
}
