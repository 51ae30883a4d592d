// What follows from the formulas without a synthesis.
#include <catch2/catch.hpp>

#include "bittrue/explore/cost.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

FixedType type(int width, int frac, Overflow overflow = Overflow::Sat, Rounding rounding = Rounding::Trn) {
    return {.format = {.width = width, .integer = width - frac, .is_signed = true},
            .rounding = rounding,
            .overflow = overflow};
}

Format bits(int width, int frac = 0) {
    return {.width = width, .integer = width - frac, .is_signed = true};
}

AccumulatorSpec accumulator(const FixedType& t) {
    AccumulatorSpec spec;
    spec.type = t;
    return spec;
}

}  // namespace

TEST_CASE("the formulas of the saturating and the wrapping accumulator hold at every width") {
    for (int w = 9; w <= 64; ++w) {
        CHECK(accumulator_area(accumulator(type(w, 0)), bits(8)) == Area{2 * w - 1, w, (w + 1 + 3) / 4, 0});
        CHECK(accumulator_area(accumulator(type(w, 0, Overflow::Wrap)), bits(8)) == Area{w, w, (w + 3) / 4, 0});
    }
}

TEST_CASE("a wider accumulator never costs less, in any mode") {
    for (const Overflow o : {Overflow::Wrap, Overflow::Sat, Overflow::SatZero, Overflow::SatSym, Overflow::WrapSm}) {
        for (const Rounding r : kAllRoundings) {
            for (int w = 13; w < 64; ++w) {
                const Area narrow = accumulator_area(accumulator(type(w, 2, o, r)), bits(12, 4));
                const Area wide = accumulator_area(accumulator(type(w + 1, 2, o, r)), bits(12, 4));
                CAPTURE(w);
                CHECK(wide.lut >= narrow.lut);
                CHECK(wide.ff == narrow.ff + 1);
                CHECK(wide.carry >= narrow.carry);
            }
        }
    }
}

TEST_CASE("a cast that loses nothing costs nothing") {
    CHECK(requantiser_area(bits(8, 3), type(12, 5)) == Area{});
    CHECK(requantiser_area(bits(8, 3), type(8, 3)) == Area{});
    CHECK(requantiser_area(bits(8, 3), type(6, 1, Overflow::Wrap)) == Area{});
    CHECK(requantiser_area(bits(8, 3), type(5, 3, Overflow::Sat)).lut > 0);
    CHECK(requantiser_area(bits(8, 3), type(7, 1, Overflow::Sat, Rounding::Rnd)).carry == 2);
}

TEST_CASE("lanes, folds, trees and product casts add up") {
    AccumulatorSpec spec = accumulator(type(16, 0));
    const Area one = accumulator_area(spec, bits(8));
    spec.schedule = Schedule::Partial;
    spec.group = 4;
    CHECK(accumulator_area(spec, bits(8), 100).ff == 5 * 16);
    CHECK(accumulator_area(spec, bits(8), 100).lut == 5 * one.lut);
    spec.schedule = Schedule::Tree;
    CHECK(accumulator_area(spec, bits(8), 9).ff == 16);
    CHECK(accumulator_area(spec, bits(8), 9).lut == 8 * one.lut);
    spec.schedule = Schedule::Fold;
    spec.quantize = QuantizeAt::Fold;
    // Three exact adders of 10 bits in front of one accumulator.
    CHECK(accumulator_area(spec, bits(8), 100) == one + Area{30, 0, 9, 0});
    spec.schedule = Schedule::Cascade;
    CHECK(accumulator_area(spec, bits(8), 100) == one);
    spec = accumulator(type(16, 4));
    spec.product = spec.type;
    CHECK(accumulator_area(spec, bits(16, 8)) ==
          accumulator_area(accumulator(type(16, 4)), bits(16, 4)) + requantiser_area(bits(16, 8), spec.type));
}

TEST_CASE("layer_areas names the layers with an accumulator, a unit per output channel") {
    Graph g;
    g.input = {.name = "x", .shape = {.layout = Layout::Vector, .dims = {3}}, .type = type(8, 4)};
    Dense dense;
    dense.weights = {.dims = {3, 5}, .real = {}, .raw = std::vector<std::int64_t>(15, 1), .type = type(6, 5)};
    dense.accumulator = accumulator(type(20, 9));
    g.nodes.push_back({.name = "dense", .inputs = {"x"}, .op = dense, .result = type(8, 4)});
    g.nodes.push_back({.name = "relu", .inputs = {"dense"}, .op = Relu{}, .result = type(8, 4)});
    validate(g);
    const auto areas = layer_areas(g);
    REQUIRE(areas.size() == 1);
    CHECK(areas[0].layer == "dense");
    CHECK(areas[0].units == 5);
    CHECK(areas[0].unit ==
          accumulator_area(dense.accumulator, bits(14, 9)) + requantiser_area(bits(20, 9), type(8, 4)));
    CHECK(areas[0].total() == areas[0].unit * 5);
}
