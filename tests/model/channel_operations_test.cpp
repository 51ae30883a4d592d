// L17 to L24 in graphs and in network files: shapes, keys, and each reason to refuse.
#include <limits>

#include "model/network_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// A network of one layer on a map of 2 rows, 3 columns and 4 channels; `inputs` all read the network's input.
Graph one(Operation op, const Shape& shape = make_map(Layout::Hwc, 4, 2, 3), std::size_t inputs = 1) {
    Graph graph{.name = "one"};
    graph.input = {.shape = shape, .type = {.format = {.width = 8, .integer = 4}}};
    graph.nodes.push_back({.name = "layer",
                           .inputs = std::vector<std::string>(inputs, "input"),
                           .op = std::move(op),
                           .result = graph.input.type});
    return graph;
}
Shape shape_of_result(Graph graph) {
    validate(graph);
    return graph.nodes.front().shape;
}
std::string reason(Graph graph) {
    return error_of([&] { validate(graph); });
}
bool refuses(const Graph& graph, const std::string& part) {
    const std::string text = reason(graph);
    INFO(text);
    return text.find(part) != std::string::npos;
}
Parameter numbers(std::vector<double> values, Dims dims = {}) {
    if (dims.empty()) dims = {std::ssize(values)};
    return {.dims = std::move(dims), .real = std::move(values)};
}
Requantize requantize(std::vector<std::int64_t> multipliers, std::vector<int> shifts) {
    return {.multiplier = {.dims = {std::ssize(multipliers)},
                           .raw = std::move(multipliers),
                           .type = {.format = {.width = 32, .integer = 32}}},
            .shift = std::move(shifts)};
}
const Shape kVector{.layout = Layout::Vector, .dims = {4}};

const std::string kHead = R"(bittrue = 1
[input]
shape = [2, 3, 4]
type = "s8.4"
[defaults]
weight_type = "s8.4"
result = "s8.4"
[[layer]]
name = "layer"
)";
Graph parse(const std::string& layer) {
    return parse_network(kHead + layer, "net.toml");
}
std::string refusal(const std::string& layer) {
    return error_of([&] { (void)parse(layer); });
}

}  // namespace

TEST_CASE("L17 to L24: shapes of the results") {
    const Shape in = make_map(Layout::Hwc, 4, 2, 3);
    CHECK(shape_of_result(one(Affine{.scale = numbers({1, 2, 3, 4}), .bias = numbers({1})})) == in);
    CHECK(shape_of_result(one(Multiply{}, in, 3)) == in);
    CHECK(shape_of_result(one(Concat{}, in, 2)) == make_map(Layout::Hwc, 8, 2, 3));
    CHECK(shape_of_result(one(Concat{.axis = Axis::Row}, in, 2)) == make_map(Layout::Hwc, 4, 4, 3));
    CHECK(shape_of_result(one(Concat{.axis = Axis::Column}, in, 2)) == make_map(Layout::Hwc, 4, 2, 6));
    CHECK(shape_of_result(one(Concat{}, kVector, 3)) == Shape{.layout = Layout::Vector, .dims = {12}});
    CHECK(shape_of_result(one(Transpose{.axes = {2, 0, 1}, .layout = Layout::Chw})) == make_map(Layout::Chw, 4, 2, 3));
    CHECK(shape_of_result(one(Pad{.padding = {.top = 1, .bottom = 2, .left = 3, .right = 4}})) ==
          make_map(Layout::Hwc, 4, 5, 10));
    CHECK(shape_of_result(one(Clip{})) == in);
    CHECK(shape_of_result(one(Threshold{.thresholds = numbers({-1, 0, 0, 2}, {1, 4})})) == in);
    CHECK(shape_of_result(one(requantize({1, 2, 3, 4}, {0, 1, 2, -3}))) == in);
}

TEST_CASE("L17 to L24: reasons to refuse") {
    CHECK(refuses(one(Affine{.scale = numbers({1, 2, 3})}), "3 numbers, the input 4 channels"));
    CHECK(refuses(one(Affine{.scale = numbers({1}), .bias = numbers({1, 2})}), "the bias has 2 numbers"));
    CHECK(refuses(one(Multiply{}), "two or more inputs"));
    CHECK(refuses(one(Concat{.axis = Axis::Row}, kVector, 2), "vectors have no row axis"));
    Graph other = one(Concat{});
    other.nodes.insert(
        other.nodes.begin(),
        {.name = "padded", .inputs = {"input"}, .op = Pad{.padding = {.top = 1}}, .result = other.input.type});
    other.nodes[1].inputs.push_back("padded");
    CHECK(refuses(other, "differ along another axis than the channel axis"));
    other.nodes[0].op = Flatten{};
    CHECK(refuses(other, "different layouts hwc and vector"));
    CHECK(refuses(one(Transpose{.axes = {0, 0, 1}}), "an order of 0, 1 and 2"));
    CHECK(refuses(one(Transpose{}, kVector), "put a reshape in front"));
    CHECK(refuses(one(Pad{.padding = {.left = -1}}), "the padding must be 0 to"));
    CHECK(refuses(one(Clip{.min = 1, .max = 0}), "the smaller first"));
    CHECK(refuses(one(Clip{.max = std::numeric_limits<double>::infinity()}), "finite"));
    CHECK(refuses(one(Threshold{.thresholds = numbers({1, 2, 3}, {3, 1})}), "4xN"));
    CHECK(refuses(one(Threshold{.thresholds = numbers({0, 1, 1, 0, 2, 3, 4, 5}, {4, 2})}),
                  "channel 1 descend from 1 to 0 at index 1; sort them"));
    Threshold raw{.thresholds = {.dims = {1, 2}, .raw = {-1, 0}, .type = {.format = {64, 64, false}}}};
    CHECK(refuses(one(raw), "descend"));  // the first word is 2^64 - 1
    CHECK(refuses(one(requantize({1, 2}, {0, 1})), "2 numbers, the input 4 channels"));
    CHECK(refuses(one(requantize({1}, {0, 1})), "2 shifts for 1 multipliers"));
    CHECK(refuses(one(requantize({1}, {63})), "-62 to 62"));
    CHECK(refuses(one(Requantize{.multiplier = numbers({1}), .shift = {0}}), "raw integers"));
    Requantize wide = requantize({1 << 24}, {0});
    wide.rule = RequantizeRule::Float32;
    CHECK(refuses(one(wide), "use the rule exact"));
}

TEST_CASE("L17 to L24: keys of the network file") {
    const auto affine = op_of<Affine>(parse("op = \"affine\"\nscale = 0.5\nbias = { raw = [1, 2, 3, 4] }\n"), "layer");
    CHECK(affine.scale.real == std::vector<double>{0.5});
    CHECK(affine.bias->raw == std::vector<std::int64_t>{1, 2, 3, 4});
    CHECK(affine.bias->type == affine.scale.type);
    CHECK(!op_of<Affine>(parse("op = \"affine\"\nscale = 1\nbias = false\n"), "layer").bias);
    const std::string twice = "inputs = [\"input\", \"input\"]\n";
    CHECK(op_of<Concat>(parse("op = \"concat\"\naxis = \"column\"\n" + twice), "layer").axis == Axis::Column);
    const auto transpose = op_of<Transpose>(parse("op = \"transpose\"\naxes = [2, 0, 1]\nlayout = \"chw\"\n"), "layer");
    CHECK((transpose.axes == std::array<int, 3>{2, 0, 1} && transpose.layout == Layout::Chw));
    CHECK(op_of<Pad>(parse("op = \"pad\"\npadding = [1, 2, 3, 4]\n"), "layer").padding.right == 4);
    const auto clip = op_of<Clip>(parse("op = \"clip\"\nmin = -1\nmax = 0.25\n"), "layer");
    CHECK((clip.min == -1 && clip.max == 0.25));
    const auto threshold = op_of<Threshold>(
        parse("op = \"threshold\"\nthresholds = { real = [0, 1] }\nscale = 2\nbias = -1\nstrict = true\n"), "layer");
    CHECK(threshold.thresholds.dims == Dims{1, 2});
    CHECK((threshold.scale == 2 && threshold.bias == -1 && threshold.strict));
    const auto requantized =
        op_of<Requantize>(parse("op = \"requantize\"\nmultiplier = [5, 6, 7, 8]\nshift = [1, 2, 3, -4]\nrule = "
                                "\"float32\"\nzero_point = -3\nzero_point_first = true\n"),
                          "layer");
    CHECK(requantized.multiplier.raw == std::vector<std::int64_t>{5, 6, 7, 8});
    CHECK(requantized.multiplier.type.format == Format{.width = 32, .integer = 32});
    CHECK(requantized.shift == std::vector<int>{1, 2, 3, -4});
    CHECK(
        (requantized.rule == RequantizeRule::Float32 && requantized.zero_point == -3 && requantized.zero_point_first));
    CHECK(refusal("op = \"requantize\"\nmultiplier = 5000000000\nshift = 1\n").find("net.toml:11") == 0);
    CHECK(refusal("op = \"affine\"\nbias = 1\n").find("lacks the key 'scale'") != std::string::npos);
    CHECK(refusal("op = \"transpose\"\naxes = [0, 1]\n").find("a list of three") != std::string::npos);
    CHECK(refusal("op = \"threshold\"\nthresholds = { real = [[[1]]] }\n").find("one axis") != std::string::npos);
}

TEST_CASE("W2: an array says its own quantizer, and only real numbers can have one") {
    const auto op = op_of<Affine>(parse("op = \"affine\"\nscale = { real = [-3], quantizer = \"sign\" }\n"), "layer");
    CHECK(op.scale.quantizer == WeightQuantizer::Sign);
    CHECK(refusal("op = \"affine\"\nscale = { raw = [-3], quantizer = \"sign\" }\n").find("need real numbers") !=
          std::string::npos);
}
