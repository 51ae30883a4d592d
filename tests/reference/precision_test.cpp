// Figures of float against fixed point, by hand.
#include "bittrue/explore/precision.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "model/files.hpp"
#include "reference/layers.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// x (half steps in -4..3.5) -> y = relu(x) (whole steps, rounded down, wrapped beyond -2..1).
Graph halves() {
    Graph g{.name = "halves"};
    g.input = {.name = "x", .shape = vector_of(2), .type = parse_type("ap_fixed<4,3,AP_RND,AP_SAT>")};
    g.nodes.push_back({.name = "y", .inputs = {"x"}, .op = Relu{}, .result = parse_type("ap_fixed<2,2>")});
    validate(g);
    return g;
}

const InputBatch kTwo{.images = 2, .dims = {2}, .values = {0.3, 5, 1, -1}};

}  // namespace

TEST_CASE("range, SQNR, errors and shares of a layer are those by hand") {
    const Graph g = halves();
    const explore::Precision p = explore::measure_precision(g, kTwo, {});
    CHECK(p.images == 2);
    CHECK_FALSE(p.labelled);
    REQUIRE(p.layers.size() == 2);
    const explore::LayerPrecision& x = p.layers[0];  // 0.5 3.5 1 -1
    CHECK(x.layer == "x");
    CHECK(x.op == "input");
    CHECK(x.float_low == -1);
    CHECK(x.float_high == 5);
    CHECK(x.fixed_high == 3.5);
    CHECK(x.elements == 4);
    CHECK(x.signal == 0.3 * 0.3 + 25 + 1 + 1);
    CHECK(x.noise == (0.5 - 0.3) * (0.5 - 0.3) + 2.25);
    CHECK(x.sqnr_db() == 10 * std::log10(x.signal / x.noise));
    CHECK(x.mean_error() == (0.5 - 0.3 - 1.5) / 4);
    CHECK(x.largest.error == 1.5);
    CHECK(x.largest.image == 0);
    CHECK(x.largest.element == 1);
    CHECK(x.largest.real == 5);
    CHECK(x.largest.fixed == 3.5);
    CHECK(x.out_of_range() == 0.25);
    CHECK(x.inexact() == 0.25);
    const explore::LayerPrecision& y = p.layers[1];  // in float 0.3 5 1 0, in words 0 -1 (3 wrapped) 1 0
    CHECK(y.op == "relu");
    CHECK(y.noise == 0.3 * 0.3 + 36);
    CHECK(y.out_of_range() == 0.25);
    CHECK(y.inexact() == 0.5);
    CHECK(y.largest.error == 6);
    // In float the largest are elements 1 and 0, in words the first of 0 -1 and of 1 0.
    CHECK(p.same_answer == 1);
}

TEST_CASE("a layer without noise is exact, one without signal has nothing but noise") {
    const Graph g = halves();
    const InputBatch zeros{.images = 1, .dims = {2}, .values = {0, 0}};
    CHECK(explore::measure_precision(g, zeros, {}).layers[0].sqnr_db() == std::numeric_limits<double>::infinity());
    explore::LayerPrecision l;
    l.noise = 1;
    CHECK(l.sqnr_db() == -std::numeric_limits<double>::infinity());
}

TEST_CASE("accuracy in float and in words is counted by labels, over any number of blocks") {
    const Graph g = halves();
    InputBatch batch{.images = 1100, .dims = {2}, .values = {}};
    std::vector<int> labels;
    for (std::size_t i = 0; i < batch.images; ++i) {
        const bool odd = i % 2 != 0;
        batch.values.push_back(odd ? 1 : 0.3);
        batch.values.push_back(odd ? -1 : 5);
        labels.push_back(odd ? 0 : 1);
    }
    std::size_t done = 0;
    const explore::Precision p =
        explore::measure_precision(g, batch, labels, {.progress = [&](std::size_t images) { done = images; }});
    CHECK(done == 1100);
    CHECK(p.labelled);
    CHECK(p.float_correct == 1100);
    CHECK(p.fixed_correct == 550);
    CHECK(p.same_answer == 550);
    CHECK(p.layers[1].elements == 2200);
    CHECK(p.layers[0].largest.image == 0);
    CHECK(p.layers[0].events.result.conversions == 2200);
}

TEST_CASE("another model's numbers are compared by the names of its layers") {
    const Graph g = halves();
    FloatModel m = one_layer(Affine{.scale = reals({1}, {2})}, vector_of(2), vector_of(2));
    const explore::Precision p = explore::measure_precision(g, kTwo, {}, {.reference = &m});
    REQUIRE(p.layers.size() == 2);
    CHECK(p.layers[1].float_high == 10);
    m.layers[0].name = m.output = "z";
    CHECK(explore::measure_precision(g, kTwo, {}, {.reference = &m}).layers.size() == 1);
    m.layers[0].shape = vector_of(1);
    m.layers[0].op = Dense{.weights = reals({2, 1}, {1, 1}), .bias = {}, .accumulator = {}};
    CHECK_THAT(error_of([&] { (void)explore::measure_precision(g, kTwo, {}, {.reference = &m}); }),
               Catch::Contains("output 'y'") && Catch::Contains("another size"));
}
