// Chapter G: the pieces of a WAGE network as the layers above give them.
#include <catch2/catch.hpp>

#include "golden/one_layer.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

FixedType one_fraction_bit(int width, bool is_signed, Overflow overflow) {
    return {.format = {.width = width, .integer = width - 1, .is_signed = is_signed},
            .rounding = Rounding::RndConv,
            .overflow = overflow};
}

}  // namespace

TEST_CASE("G1: a pixel is 0 up to 64, else one half", "[golden]") {
    const FixedType type = one_fraction_bit(2, true, Overflow::SatSym);
    for (int pixel = 0; pixel <= 255; ++pixel) {
        const Converted c = golden::quantize(pixel, 8, type);
        CHECK(c.word == (pixel <= 64 ? 0 : 1));
        CHECK(golden::quantize_real(pixel / 256.0, type) == c);
    }
}

TEST_CASE("G2: weights are plus or minus 2^-k", "[golden]") {
    Dense op{.weights = {.dims = {3, 1},
                         .real = {0.3, -1.5, 0.25},
                         .type = {.format = {.width = 2, .integer = -1, .is_signed = true}},
                         .quantizer = WeightQuantizer::Sign}};
    op.accumulator.type = {.format = {.width = 8, .integer = 5, .is_signed = true}};
    // (1 - 1 + 1 of 2^-3) * one: 1/8
    const RunResult r = run_one(one_layer(op, vector_of(3), integers(2), op.accumulator.type), {1, 1, 1});
    CHECK(r.layers[1].words == Words{1});
    CHECK(r.layers[1].events.weights.conversions == 0);
}

TEST_CASE("G3: an activation is 0 up to a quarter, else one half", "[golden]") {
    const FixedType fine{.format = {.width = 8, .integer = 4, .is_signed = true}};
    const FixedType activation = one_fraction_bit(1, false, Overflow::Sat);
    const RunResult r = run_one(one_layer(Relu{}, vector_of(6), fine, activation), {-3, 0, 0.25, 0.3125, 0.75, 5});
    CHECK(r.layers[1].words == Words{0, 0, 0, 1, 1, 1});
    CHECK(r.layers[1].events.result ==
          EventCounts{.conversions = 6, .inexact = 3, .above = 2, .below = 0, .saturations = 2});
}

TEST_CASE("G4: qsoftmax clips to 0..1", "[golden]") {
    const FixedType fine{.format = {.width = 8, .integer = 4, .is_signed = true}};
    const RunResult r = run_one(one_layer(ClippedRelu{.max = 1}, vector_of(4), fine, fine), {-2, 0.5, 1, 3});
    CHECK(r.layers[1].words == Words{0, 8, 16, 16});
}
