// A graph is checked before anything computes: each refusal names the layer and the reason.
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/graph.hpp"

using namespace bittrue;

namespace {

Parameter weights(Dims dims) {
    Parameter p{.dims = std::move(dims)};
    p.real.assign(static_cast<std::size_t>(element_count(p.dims)), 0.5);
    return p;
}

Node node(const char* name, const char* input, Operation op) {
    return {.name = name, .inputs = {input}, .op = std::move(op)};
}

// 6x5 map of 2 channels -> conv -> pool -> flatten -> dense.
Graph small() {
    Graph g;
    g.input.shape = make_map(Layout::Hwc, 2, 6, 5);
    g.nodes.push_back(node("conv", "input", Conv2d{.weights = weights({3, 2, 2, 4}), .bias = weights({4})}));
    g.nodes.push_back(node("pool", "conv", MaxPool{}));
    g.nodes.push_back(node("flat", "pool", Flatten{}));
    g.nodes.push_back(node("dense", "flat", Dense{.weights = weights({16, 3})}));
    return g;
}

std::string reason(Graph g) {
    try {
        validate(g);
    } catch (const InputError& e) {
        return e.what();
    }
    return "accepted";
}

template <typename Op>
Op& op(Graph& g, std::size_t i) {
    return std::get<Op>(g.nodes[i].op);
}

}  // namespace

TEST_CASE("L2, L3, L4: shapes follow from the operations in either layout") {
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        Graph g = small();
        g.input.shape = make_map(layout, 2, 6, 5);
        validate(g);
        CHECK(g.nodes[0].shape == make_map(layout, 4, 4, 4));
        CHECK(g.nodes[1].shape == make_map(layout, 4, 2, 2));
        CHECK(g.nodes[3].shape == Shape{.layout = Layout::Vector, .dims = {3}});
        CHECK(g.output == "dense");
        CHECK(cost_of(g.nodes[0]).macs == 3 * 2 * 2 * 4 * 16);
        CHECK(cost_of(g.nodes[3]).parameters == 48);
    }
}

TEST_CASE("L3: output size with stride, dilation and padding") {
    Graph g = small();
    op<Conv2d>(g, 0).stride = {2, 1};
    op<Conv2d>(g, 0).dilation = {2, 3};
    op<Conv2d>(g, 0).padding = {.top = 1, .bottom = 2, .left = 0, .right = 1};
    g.nodes.resize(1);
    validate(g);
    // rows (6+3-5)/2+1, columns (5+1-4)/1+1
    CHECK(g.nodes[0].shape == make_map(Layout::Hwc, 4, 3, 3));
}

TEST_CASE("nodes may stand in any order and are sorted behind their inputs") {
    Graph g = small();
    std::swap(g.nodes[0], g.nodes[3]);
    std::swap(g.nodes[1], g.nodes[2]);
    validate(g);
    CHECK(g.nodes[0].name == "conv");
    CHECK(g.nodes[3].name == "dense");
}

TEST_CASE("a dense layer reads a map in storage order") {
    Graph g = small();
    g.nodes.erase(g.nodes.begin() + 2);
    g.nodes[2].inputs = {"pool"};
    CHECK(reason(g) == "accepted");
}

TEST_CASE("L11: an addition needs two inputs of one shape") {
    Graph g = small();
    g.nodes.push_back({.name = "sum", .inputs = {"conv", "conv"}, .op = Add{}});
    g.output = "sum";
    CHECK(reason(g) == "accepted");
    g.nodes.back().inputs = {"conv"};
    CHECK_THAT(reason(g), Catch::Contains("two or more"));
    g.nodes.back().inputs = {"conv", "pool"};
    CHECK_THAT(reason(g), Catch::Contains("different shapes"));
}

TEST_CASE("the graph's structure is checked in words") {
    Graph g = small();
    g.nodes[1].name = "conv";
    CHECK_THAT(reason(g), Catch::Contains("same name"));
    g = small();
    g.nodes[1].inputs = {"cnov"};
    CHECK_THAT(reason(g), Catch::Contains("layer 'pool'") && Catch::Contains("'cnov' is neither"));
    g = small();
    g.nodes[0].inputs = {"dense"};
    CHECK_THAT(reason(g), Catch::Contains("circle"));
    g = small();
    g.nodes[0].inputs = {"conv"};
    CHECK_THAT(reason(g), Catch::Contains("circle"));
    g = small();
    g.nodes[1].inputs.clear();
    CHECK_THAT(reason(g), Catch::Contains("one input"));
    g = small();
    g.nodes.push_back(node("tap", "conv", Relu{}));
    CHECK_THAT(reason(g), Catch::Contains("output"));
    g.output = "input";
    CHECK_THAT(reason(g), Catch::Contains("network's input"));
    g.output = "nothing";
    CHECK_THAT(reason(g), Catch::Contains("no layer named"));
    g = small();
    g.nodes.clear();
    CHECK_THAT(reason(g), Catch::Contains("no layers"));
    g = small();
    g.nodes[0].name = "a\nb";
    CHECK_THAT(reason(g), Catch::Contains("the name of a layer must not have line ends"));
    g.nodes[0].name = std::string(201, 'n');
    CHECK_THAT(reason(g), Catch::Contains("at most 200 characters, not 201"));
    g.nodes[0].name = "";
    CHECK_THAT(reason(g), Catch::Contains("the name of a layer must not be empty"));
}

TEST_CASE("F1: shapes and types out of range are refused") {
    Graph g = small();
    g.input.shape.dims = {1LL << 40, 1LL << 40, 2};
    CHECK_THAT(reason(g), Catch::Contains("2^31"));
    g.input.shape.dims = {0, 5, 2};
    CHECK_THAT(reason(g), Catch::Contains("positive"));
    g.input.shape.dims = {6, 5};
    CHECK_THAT(reason(g), Catch::Contains("axes"));
    g = small();
    g.input.type.format.width = 65;
    CHECK_THAT(reason(g), Catch::Contains("1 to 64"));
    g = small();
    g.nodes[3].result.rounding = Rounding::RndConvOdd;
    CHECK_THAT(reason(g), Catch::Contains("layer 'dense'") && Catch::Contains("ac_fixed"));
    g = small();
    g.input.divide = 0;
    CHECK_THAT(reason(g), Catch::Contains("positive number"));
}

TEST_CASE("I3: a declared range without a word in it is refused, one that reaches beyond the type is cut") {
    Graph g = small();
    g.input.type = {.format = {.width = 8, .integer = 1, .is_signed = true}, .overflow = Overflow::SatSym};
    const auto raws = [&](double low, double high) {
        g.input.range = ValueRange{low, high};
        CHECK(reason(g) == "accepted");
        const InputRaws r = input_raws(g.input);
        return std::pair(static_cast<int>(r.low), static_cast<int>(r.high));
    };
    CHECK(raws(-1, 1) == std::pair(-127, 127));  // SAT_SYM gives no -128
    CHECK(raws(0, 0) == std::pair(0, 0));
    CHECK(raws(-0.0, 0.01) == std::pair(0, 1));
    CHECK(raws(1e-320, 0.5) == std::pair(1, 64));
    CHECK(raws(-0.5, -1e-320) == std::pair(-64, -1));
    CHECK(raws(-1e308, 1e308) == std::pair(-127, 127));
    g.input.range = ValueRange{0.001, 0.002};
    CHECK_THAT(reason(g), Catch::Contains("input 'input'") && Catch::Contains("has a value from 0.001 to 0.002"));
    g.input.range = ValueRange{1, 2};
    CHECK_THAT(reason(g), Catch::Contains("steps of 0.0078125 from -0.9921875 to 0.9921875"));
    g.input.range = ValueRange{1, -1};
    CHECK_THAT(reason(g), Catch::Contains("the lower first, not 1 to -1"));
    g.input.range = ValueRange{0, std::numeric_limits<double>::infinity()};
    CHECK_THAT(reason(g), Catch::Contains("two finite numbers"));
    // Far from 1: no digit of the ends is lost on the way to raws.
    g.input.type = {.format = {.width = 64, .integer = -500, .is_signed = false}};
    g.input.range = ValueRange{0x1p-564, 0x1p-563};
    CHECK(reason(g) == "accepted");
    CHECK(input_raws(g.input).low == 1);
    CHECK(input_raws(g.input).high == 2);
    g.input.type.format.integer = 512;
    g.input.range = ValueRange{0, 0x1p511};
    CHECK(reason(g) == "accepted");
    CHECK(input_raws(g.input).high == i128{1} << 63);
}

TEST_CASE("weights that do not fit their layer are refused with both shapes") {
    Graph g = small();
    op<Dense>(g, 3).weights = weights({15, 3});
    CHECK_THAT(reason(g), Catch::Contains("15x3") && Catch::Contains("16xN"));
    g = small();
    op<Conv2d>(g, 0).weights = weights({3, 2, 3, 4});
    CHECK_THAT(reason(g), Catch::Contains("3 channels per group"));
    g = small();
    op<Conv2d>(g, 0).groups = 3;
    CHECK_THAT(reason(g), Catch::Contains("groups do not divide"));
    g = small();
    op<Conv2d>(g, 0).weights.real.pop_back();
    CHECK_THAT(reason(g), Catch::Contains("47 numbers"));
    g = small();
    op<Conv2d>(g, 0).bias = weights({3});
    CHECK_THAT(reason(g), Catch::Contains("3 numbers") && Catch::Contains("4 outputs"));
    g = small();
    op<Conv2d>(g, 0).weights.real[7] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(reason(g), Catch::Contains("nan at flat index 7"));
    op<Conv2d>(g, 0).weights.real[7] = std::numeric_limits<double>::infinity();
    CHECK_THAT(reason(g), Catch::Contains("inf at flat index 7"));
    g = small();
    op<Dense>(g, 3).weights.real.clear();
    CHECK_THAT(reason(g), Catch::Contains("real numbers or as raw"));
    op<Dense>(g, 3).weights.raw.assign(48, 40000);
    CHECK_THAT(reason(g), Catch::Contains("40000 at flat index 0") && Catch::Contains("-32768 to 32767"));
    g = small();
    op<Dense>(g, 3).weights.quantizer = WeightQuantizer::Sign;
    op<Dense>(g, 3).weights.type.format = {.width = 1, .integer = 1, .is_signed = true};
    CHECK_THAT(reason(g), Catch::Contains("at least 2 bits"));
}

TEST_CASE("windows and geometry are checked") {
    Graph g = small();
    op<Conv2d>(g, 0).dilation = {3, 1};
    CHECK_THAT(reason(g), Catch::Contains("window spans 7") && Catch::Contains("only 6"));
    g = small();
    op<Conv2d>(g, 0).stride = {0, 1};
    CHECK_THAT(reason(g), Catch::Contains("stride"));
    g = small();
    op<Conv2d>(g, 0).padding.left = -1;
    CHECK_THAT(reason(g), Catch::Contains("padding"));
    g = small();
    op<MaxPool>(g, 1).padding.top = 2;
    CHECK_THAT(reason(g), Catch::Contains("smaller than its window"));
    g = small();
    g.nodes.push_back(node("pool2", "flat", MaxPool{}));
    g.output = "dense";
    CHECK_THAT(reason(g), Catch::Contains("feature map"));
    g = small();
    op<Conv2d>(g, 0).accumulator.schedule = Schedule::Tree;
    op<Conv2d>(g, 0).accumulator.quantize = QuantizeAt::Fold;
    CHECK_THAT(reason(g), Catch::Contains("no folds"));
}

TEST_CASE("T3, T4: tables must have a size that their index can reach") {
    Graph g = small();
    Lookup table{.table = {.entries = weights({48})}, .index = TableIndex::Bits};
    g.nodes.push_back(node("table", "dense", table));
    CHECK_THAT(reason(g), Catch::Contains("power of two"));
    std::get<Lookup>(g.nodes.back().op).index = TableIndex::Scaled;
    CHECK(reason(g) == "accepted");
    Softmax softmax{.kind = SoftmaxKind::Stable,
                    .exp_table = {.entries = weights({1024})},
                    .inv_table = {.entries = weights({1024})}};
    softmax.difference.format = {.width = 9, .integer = 5, .is_signed = false};
    g.nodes.back() = node("softmax", "dense", softmax);
    CHECK_THAT(reason(g), Catch::Contains("exp_table") && Catch::Contains("2^9"));
    std::get<Softmax>(g.nodes.back().op).difference.format.width = 10;
    CHECK(reason(g) == "accepted");
    g.nodes.back() = node("softmax", "conv", softmax);
    g.output = "dense";
    CHECK_THAT(reason(g), Catch::Contains("softmax needs a vector"));
}
