// The nightly sweep: all sources up to 8 bits into all destinations up to 8 bits (see quantize_test.cpp for the
// method).
#include <catch2/catch.hpp>

#include "exhaustive/sweep.hpp"

using namespace bittrue;

TEST_CASE("Q, O, D, E: all sources up to 8 bits into all destinations up to 8 bits, emulator equals golden") {
    std::size_t casts = 0;
    for (int width = 1; width <= 8; ++width) {
        for (int frac = -11; frac <= 17; ++frac) {
            for (const bool is_signed : {false, true}) {
                casts +=
                    testing::sweep({.width = width, .integer = width - frac, .is_signed = is_signed}, {-128, 255}, 3);
            }
        }
    }
    // 8 widths, 29 fracs, 316 modes of a signed and an unsigned destination, 384 raws
    CHECK(casts == 8U * 29U * 316U * 384U);
}
