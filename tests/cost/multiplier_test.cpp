// Multipliers and whole datapaths.
#include <catch2/catch.hpp>

#include "bittrue/explore/cost.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

Format bits(int width, bool is_signed) {
    return {.width = width, .integer = width, .is_signed = is_signed};
}

}  // namespace

TEST_CASE("a multiplier takes a DSP from 9 bits of the product on, and LUTs below") {
    for (int w = 2; w <= 16; ++w) {
        for (int x = 2; x <= 16; ++x) {
            for (const bool is_signed : {false, true}) {
                const Area area = multiplier_area(bits(w, true), bits(x, is_signed));
                INFO(w << " by " << x);
                CHECK(area.dsp == (w + x >= 9 ? 1 : 0));
                CHECK((area.lut > 0) == (w + x < 9));
            }
        }
    }
    CHECK(multiplier_area(bits(8, true), bits(1, true)) == Area{.lut = 8, .ff = 0, .carry = 3, .dsp = 0});
    CHECK(multiplier_area(bits(8, true), bits(1, false)).dsp == 1);
    CHECK(multiplier_area(bits(1, true), bits(16, false)) == Area{.lut = 16, .ff = 0, .carry = 5, .dsp = 0});
    CHECK(multiplier_area(bits(26, true), bits(8, true)).dsp == 2);
}
