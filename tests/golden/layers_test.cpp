// Chapter L on cases worked by hand: the layers without tables.
#include <catch2/catch.hpp>

#include "golden/one_layer.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const std::vector<double> k3x3{0, 1, 2, 3, 4, 5, 6, 7, 8};

Words words_of(const RunResult& r) {
    return r.layers[1].words;
}

FixedType halves(int width, Rounding rounding) {
    return {.format = {.width = width, .integer = width - 1, .is_signed = true},
            .rounding = rounding,
            .overflow = Overflow::Sat};
}

}  // namespace

TEST_CASE("L2: dense multiplies with weights[t][o] and adds the bias", "[golden]") {
    Dense op{.weights = raw_parameter({3, 2}, {1, 10, 2, 20, 3, 30}), .bias = raw_parameter({2}, {100, -100})};
    op.accumulator.type = integers(16);
    const RunResult r = run_one(one_layer(op, vector_of(3), integers(8), integers(8)), {1, 2, -1});
    CHECK(words_of(r) == Words{102, -80});
    CHECK(r.layers[1].events.product.conversions == 0);
    CHECK(r.layers[1].events.accumulator.conversions == 8);  // the bias and three terms of two outputs
    CHECK(r.layers[1].events.result.conversions == 2);
    CHECK(r.layers[1].min_raw == -80);
    CHECK(r.layers[1].max_raw == 102);
}

TEST_CASE("E4: product casts, bias casts and accumulations are counted in their classes", "[golden]") {
    Dense op{.weights = {.dims = {2, 1}, .real = {0.75, 200}, .type = integers(8)},
             .bias = Parameter{.dims = {1}, .real = {300}, .type = integers(9)}};
    op.accumulator = {.type = integers(8), .product = integers(5), .bias_cast = integers(7)};
    const RunResult r = run_one(one_layer(op, vector_of(2), integers(8), integers(6)), {1, 3});
    const LayerEvents& e = r.layers[1].events;
    // weights 0.75 -> 0, 200 -> 127, bias 300 -> 255; bias cast 255 -> 63; products 0 and 381 -> 15; 63+15 = 78 -> 31
    CHECK(words_of(r) == Words{31});
    CHECK(e.weights == EventCounts{.conversions = 3, .inexact = 1, .above = 2, .below = 0, .saturations = 2});
    CHECK(e.product == EventCounts{.conversions = 2, .inexact = 0, .above = 1, .below = 0, .saturations = 1});
    CHECK(e.accumulator == EventCounts{.conversions = 4, .inexact = 0, .above = 1, .below = 0, .saturations = 1});
    CHECK(e.result == EventCounts{.conversions = 1, .inexact = 0, .above = 1, .below = 0, .saturations = 1});
    CHECK(e.overflows() == 3);
}

TEST_CASE("L3: convolution, valid, in both layouts", "[golden]") {
    Conv2d op{.weights = raw_parameter({2, 2, 1, 1}, {1, 2, 3, 4})};
    op.accumulator.type = integers(16);
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        const Graph graph = one_layer(op, make_map(layout, 1, 3, 3), integers(8), integers(8));
        CHECK(words_of(run_one(graph, k3x3)) == Words{27, 37, 57, 67});  // no kernel flip
    }
}

TEST_CASE("L3: stride, dilation and padding", "[golden]") {
    Conv2d op{.weights = raw_parameter({2, 2, 1, 1}, {1, 2, 3, 4})};
    op.accumulator.type = integers(16);
    op.padding = {.top = 1, .bottom = 0, .left = 0, .right = 1};
    op.stride = {2, 2};
    const Shape in = make_map(Layout::Hwc, 1, 3, 3);
    // windows at rows -1 and 1, columns 0 and 2
    CHECK(words_of(run_one(one_layer(op, in, integers(8), integers(8)), k3x3)) ==
          Words{0 * 3 + 1 * 4, 2 * 3, 3 + 4 * 2 + 6 * 3 + 7 * 4, 5 + 8 * 3});
    op.padding = {};
    op.stride = {1, 1};
    op.dilation = {2, 1};
    CHECK(words_of(run_one(one_layer(op, in, integers(8), integers(8)), k3x3)) ==
          Words{0 + 1 * 2 + 6 * 3 + 7 * 4, 1 + 2 * 2 + 7 * 3 + 8 * 4});
}

TEST_CASE("L3: groups and channel layouts", "[golden]") {
    // two channels in, two groups, 1x1: weights[r][s][c][o] = 2 for o = 0, 5 for o = 1
    Conv2d op{.weights = raw_parameter({1, 1, 1, 2}, {2, 5})};
    op.groups = 2;
    op.accumulator.type = integers(16);
    const std::vector<double> pixels{1, 2, 3, 4};  // 1x2 pixels of two channels
    CHECK(words_of(run_one(one_layer(op, make_map(Layout::Hwc, 2, 1, 2), integers(8), integers(8)), pixels)) ==
          Words{2, 10, 6, 20});
    CHECK(words_of(run_one(one_layer(op, make_map(Layout::Chw, 2, 1, 2), integers(8), integers(8)), pixels)) ==
          Words{2, 4, 15, 20});
}

TEST_CASE("A2: the order of a convolution's terms changes a saturating sum, padding is a term", "[golden]") {
    // window 1x2 of two channels: x = (1,1) (1,1), w[s][c] = 7 -7 | 7 1
    Conv2d op{.weights = raw_parameter({1, 2, 2, 1}, {7, -7, 7, 1})};
    op.accumulator.type = integers(4);
    const Shape in = make_map(Layout::Hwc, 2, 1, 2);
    op.accumulator.terms = TermOrder::Input;  // 7 -7 7 1: 7 0 7 7
    const RunResult by_input = run_one(one_layer(op, in, integers(4), integers(8)), {1, 1, 1, 1});
    CHECK(words_of(by_input) == Words{7});
    op.accumulator.terms = TermOrder::Kernel;  // 7 7 -7 1: 7 7 0 1
    CHECK(words_of(run_one(one_layer(op, in, integers(4), integers(8)), {1, 1, 1, 1})) == Words{1});
    op.padding.left = 1;
    const RunResult padded = run_one(one_layer(op, in, integers(4), integers(8)), {1, 1, 1, 1});
    CHECK(padded.layers[1].events.accumulator.conversions == 8);
    op.accumulator.product = integers(8);
    CHECK(run_one(one_layer(op, in, integers(4), integers(8)), {1, 1, 1, 1}).layers[1].events.product.conversions == 8);
}

TEST_CASE("L4: max pool with both pad rules", "[golden]") {
    MaxPool op{.padding = {.top = 0, .bottom = 1, .left = 0, .right = 1}};
    const Shape in = make_map(Layout::Chw, 1, 3, 3);
    CHECK(words_of(run_one(one_layer(op, in, integers(8, false), integers(8, false)), k3x3)) == Words{4, 5, 7, 8});
    op.pad_rule = PoolPadding::Msb;
    CHECK(words_of(run_one(one_layer(op, in, integers(8), integers(8)), k3x3)) == Words{4, 5, 7, 8});
    CHECK(words_of(run_one(one_layer(op, in, integers(8, false), integers(8, false)), k3x3)) ==
          Words{4, 128, 128, 128});
}

TEST_CASE("L5: average pool divides by the positions taken and rounds as told", "[golden]") {
    AveragePool op{.padding = {.top = 0, .bottom = 1, .left = 0, .right = 1}, .accumulator = integers(12)};
    const Shape in = make_map(Layout::Hwc, 1, 3, 3);
    const auto run = [&](Rounding divide, bool count_padding, std::vector<double> values) {
        op.divide = divide;
        op.count_padding = count_padding;
        return run_one(one_layer(op, in, integers(8), integers(8)), std::move(values));
    };
    // sums 8, 7, 13, 8 of 4, 2, 2, 1 positions
    CHECK(words_of(run(Rounding::TrnZero, false, k3x3)) == Words{2, 3, 6, 8});
    CHECK(words_of(run(Rounding::Rnd, false, k3x3)) == Words{2, 4, 7, 8});
    const RunResult all = run(Rounding::TrnZero, true, k3x3);
    CHECK(words_of(all) == Words{2, 1, 3, 2});
    CHECK(all.layers[1].events.accumulator.conversions == 20);  // 16 additions, 4 divisions
    CHECK(all.layers[1].events.accumulator.inexact == 2);
    CHECK(run(Rounding::TrnZero, false, k3x3).layers[1].events.accumulator.conversions == 13);
    std::vector<double> negative = k3x3;
    for (double& x : negative) x = -x;
    CHECK(words_of(run(Rounding::Trn, false, negative)) == Words{-2, -4, -7, -8});
    CHECK(words_of(run(Rounding::TrnZero, false, negative)) == Words{-2, -3, -6, -8});
}

TEST_CASE("L5: a third is rounded by its distance to both neighbours", "[golden]") {
    AveragePool op{.pool = {1, 3}, .stride = {1, 1}, .accumulator = integers(12), .divide = Rounding::RndConv};
    const Shape in = make_map(Layout::Hwc, 1, 1, 3);
    CHECK(words_of(run_one(one_layer(op, in, integers(8), integers(8)), {5, 0, 0})) == Words{2});
    CHECK(words_of(run_one(one_layer(op, in, integers(8), integers(8)), {4, 0, 0})) == Words{1});
    CHECK(words_of(run_one(one_layer(op, in, integers(8), integers(8)), {-5, 0, 0})) == Words{-2});
}

TEST_CASE("L1, L6, L7, L8: quantize, relu, clipped and leaky relu", "[golden]") {
    const std::vector<double> x{-3, -0.5, 0, 0.5, 2.5, 9};
    const FixedType in = halves(8, Rounding::Trn);
    const auto run = [&](Operation op, FixedType result) {
        return words_of(run_one(one_layer(std::move(op), vector_of(6), in, result), x));
    };
    FixedType rounding = integers(4);
    rounding.rounding = Rounding::Rnd;
    CHECK(run(Quantize{}, rounding) == Words{-3, 0, 0, 1, 3, 7});
    CHECK(run(Relu{}, rounding) == Words{0, 0, 0, 1, 3, 7});
    CHECK(run(ClippedRelu{.max = 2.25}, rounding) == Words{0, 0, 0, 1, 2, 2});
    const LeakyRelu leaky{
        .alpha = {.dims = {1}, .real = {0.25}, .type = {.format = {.width = 8, .integer = 0, .is_signed = true}}}};
    CHECK(run(leaky, rounding) == Words{-1, 0, 0, 1, 3, 7});
}

TEST_CASE("L9 and L10: flatten in either order, reshape keeps storage order", "[golden]") {
    const Shape hwc = make_map(Layout::Hwc, 2, 1, 3);  // pixels of two channels
    const std::vector<double> x{0, 1, 2, 3, 4, 5};
    const auto run = [&](Operation op, Shape in) {
        return words_of(run_one(one_layer(std::move(op), std::move(in), integers(8), integers(8)), x));
    };
    CHECK(run(Flatten{}, hwc) == Words{0, 1, 2, 3, 4, 5});
    CHECK(run(Flatten{.order = Layout::Hwc}, hwc) == Words{0, 1, 2, 3, 4, 5});
    CHECK(run(Flatten{.order = Layout::Chw}, hwc) == Words{0, 2, 4, 1, 3, 5});
    CHECK(run(Flatten{.order = Layout::Hwc}, make_map(Layout::Chw, 2, 1, 3)) == Words{0, 3, 1, 4, 2, 5});
    CHECK(run(Reshape{.shape = make_map(Layout::Chw, 3, 2, 1)}, hwc) == Words{0, 1, 2, 3, 4, 5});
}

TEST_CASE("L11: add is exact over different fracs before its one cast", "[golden]") {
    Graph graph{.name = "test", .input = {.shape = vector_of(2), .type = halves(8, Rounding::Trn)}};
    graph.nodes.push_back({.name = "whole", .inputs = {"input"}, .op = Quantize{}, .result = integers(8)});
    graph.nodes.push_back({.name = "sum", .inputs = {"input", "whole", "input"}, .op = Add{}, .result = integers(8)});
    validate(graph);
    const RunResult r = run_one(graph, {1.5, -2.5});  // 1.5+1+1.5 = 4, -2.5-3-2.5 = -8
    CHECK(r.layers[2].words == Words{4, -8});
    CHECK(r.layers[2].events.result.inexact == 0);
}

TEST_CASE("W2 and W3: sign keeps a zero, bipolar does not, neither is a conversion", "[golden]") {
    Dense op{.weights = {.dims = {1, 4}, .real = {-0.3, 0.0, -0.0, 7}, .type = integers(2)}};
    op.accumulator.type = integers(8);
    for (const WeightQuantizer quantizer : {WeightQuantizer::Sign, WeightQuantizer::Bipolar}) {
        op.weights.quantizer = quantizer;
        const Graph graph = one_layer(op, vector_of(1), integers(8), integers(8));
        const auto parameters = golden::make_engine(graph)->parameters();
        REQUIRE(parameters.size() == 1);
        CHECK(parameters[0].layer == "layer");
        CHECK(parameters[0].role == "weights");
        CHECK(parameters[0].tensor.words ==
              (quantizer == WeightQuantizer::Sign ? Words{-1, 0, 0, 1} : Words{-1, 1, 1, 1}));
        CHECK(run_one(graph, {1}).layers[1].events.weights == EventCounts{});
    }
}
