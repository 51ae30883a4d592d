// Hazard: Boost 1.74's cpp_int >> k loses the sign of a negative number just below a multiple of 2^64, so the oracle
// floored -(320 * 2^84 + 1) / 2^84 to +319. Seen as golden and emulator disagreeing on rare 64-bit accumulations.
#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"

using namespace bittrue;

TEST_CASE("Q1: both engines floor negative numbers just below every multiple of 2^64") {
    const FixedType to{.format = {.width = 64, .integer = 64, .is_signed = true}};
    for (int shift = 60; shift <= 100; ++shift) {
        for (const int factor : {1, 16, 320, 4096}) {
            const i128 raw = -factor * (i128{1} << shift) - 1;
            const Converted expected{.word = -factor - 1, .events = {.inexact = true}};
            CAPTURE(shift, factor);
            CHECK(golden::quantize(raw, shift, to) == expected);
            CHECK(emulator::quantize(raw, shift, to) == expected);
        }
    }
}
