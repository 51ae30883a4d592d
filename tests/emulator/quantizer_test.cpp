// The prepared 64-bit conversion equals the exact one in 128 bits wherever it claims to fit.
#include "../../emulator/quantizer.hpp"

#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using emulator::Quantizer;

namespace {

// Every mode that a format can have, in every dialect.
std::vector<FixedType> modes_of(Format f) {
    std::vector<FixedType> types;
    for (const Rounding r : kAllRoundings) {
        for (const Overflow o : kAllOverflows) {
            for (const Dialect d : kAllDialects) {
                for (const int n : {0, 1, 2, 64}) {
                    const FixedType t{f, r, o, n, d};
                    if (reason_invalid(t).empty()) types.push_back(t);
                }
            }
        }
    }
    return types;
}

bool same(std::int64_t raw, int frac, const FixedType& to, const Quantizer<std::int64_t>& fast) {
    const auto expected = emulator::quantize_exact(raw, frac, to);
    const auto actual = fast(raw);
    if (expected.raw == actual.raw && expected.events == actual.events) return true;
    UNSCOPED_INFO("raw " << raw << " frac " << frac << " into width " << to.format.width << " integer "
                         << to.format.integer << " rounding " << static_cast<int>(to.rounding) << " overflow "
                         << static_cast<int>(to.overflow) << " N " << to.saturated_bits << ": " << actual.raw);
    return false;
}

}  // namespace

TEST_CASE("Q, O, E: the 64-bit conversion equals the exact one for every small number and type") {
    int checked = 0;
    for (const bool is_signed : {true, false}) {
        for (int width = 1; width <= 4; ++width) {
            for (const int frac_to : {-1, 0, 2}) {
                for (const FixedType& to : modes_of({width, width - frac_to, is_signed})) {
                    for (const int frac : {-2, 0, 1, 2, 5}) {
                        const Quantizer<std::int64_t> fast(frac, to);
                        REQUIRE(Quantizer<std::int64_t>::fits(8, frac, to));
                        bool equal = true;
                        for (std::int64_t raw = -128; raw <= 127; ++raw) equal = same(raw, frac, to, fast) && equal;
                        CHECK(equal);
                        ++checked;
                    }
                }
            }
        }
    }
    CHECK(checked > 10000);
}

TEST_CASE("Q, O, E: the 64-bit conversion equals the exact one at its limits") {
    constexpr std::int64_t kEnd = std::int64_t{1} << 61;
    Random random(2026);
    for (const Format f :
         {Format{62, 62, true}, Format{63, 40, false}, Format{64, 64, true}, Format{8, 8, true}, Format{1, 1, true}}) {
        for (const FixedType& to : modes_of(f)) {
            for (const int shift : {0, 1, 31, 61, 62, 63, 64, 200}) {
                const int frac = f.frac() + shift;
                REQUIRE(Quantizer<std::int64_t>::fits(62, frac, to));
                const Quantizer<std::int64_t> fast(frac, to);
                bool equal = true;
                for (const std::int64_t raw : {kEnd, kEnd - 1, kEnd / 2, std::int64_t{1}, std::int64_t{0}}) {
                    equal = same(raw, frac, to, fast) && same(-raw, frac, to, fast) && equal;
                }
                for (int i = 0; i < 8; ++i) equal = same(random.word({62, 62, true}), frac, to, fast) && equal;
                CHECK(equal);
            }
        }
    }
}

TEST_CASE("F1: the 64-bit conversion declines what it cannot hold") {
    CHECK_FALSE(Quantizer<std::int64_t>::fits(63, 0, fixed(8, 8)));
    CHECK_FALSE(Quantizer<std::int64_t>::fits(62, 0, fixed(8, 7)));  // one bit to the left
    CHECK(Quantizer<std::int64_t>::fits(61, 0, fixed(8, 7)));
    CHECK_FALSE(Quantizer<std::int64_t>::fits(8, 0, ufixed(64, 64)));
}

TEST_CASE("L5: a division rounds as a conversion of the same ratio") {
    for (const Rounding r : kAllRoundings) {
        const FixedType to = fixed(32, 32, r, Overflow::Sat, 0, r == Rounding::RndConvOdd ? Dialect::Ac : Dialect::Ap);
        for (i128 n = -40; n <= 40; ++n) {
            for (const int k : {0, 1, 2, 3}) {
                const auto divided = emulator::divide_exact(n, i128{1} << k, r);
                const auto shifted = emulator::quantize_exact(n, k, to);
                CHECK(divided.raw == shifted.raw);
                CHECK(divided.events == shifted.events);
            }
        }
    }
    CHECK(emulator::divide_exact(-5, 3, Rounding::Trn).raw == -2);
    CHECK(emulator::divide_exact(-5, 3, Rounding::TrnZero).raw == -1);
    CHECK(emulator::divide_exact(-5, 3, Rounding::RndZero).raw == -2);
    CHECK(emulator::divide_exact(4, 3, Rounding::RndInf).raw == 1);
    CHECK_FALSE(emulator::divide_exact(-6, 3, Rounding::Rnd).events.inexact);
}
