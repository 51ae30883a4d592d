// Operators without weights: elementwise, activations, pools.
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const OnnxNode kRelu{"Relu", {"x"}, {"r"}};

std::string beside_constant(const char* op, const Ints& dims, const Ints& shape, const Reals& values,
                            bool first = false) {
    const FloatModel m = imported(dims, [&](OnnxWriter& w) {
        w.constant("c", shape, values)
            .node({op, first ? std::vector<std::string>{"c", "x"} : std::vector<std::string>{"x", "c"}, {"y"}});
    });
    const Affine& a = op_of<Affine>(m, 0);
    std::string text = "scale";
    for (const double x : a.scale.real) text += " " + std::to_string(x).substr(0, 5);
    if (a.bias) text += " bias";
    for (const double x : a.bias ? a.bias->real : Reals{}) text += " " + std::to_string(x).substr(0, 5);
    return text;
}

}  // namespace

TEST_CASE("ONNX: sums, differences, products and quotients with constants are affine") {
    CHECK(beside_constant("Add", {-1, 2, 3, 3}, {2, 1, 1}, {1, 2}) == "scale 1.000 bias 1.000 2.000");
    CHECK(beside_constant("Sub", {-1, 2, 3, 3}, {1, 2, 1, 1}, {1, 2}) == "scale 1.000 bias -1.00 -2.00");
    CHECK(beside_constant("Sub", {-1, 2}, {2}, {1, 2}, true) == "scale -1.00 bias 1.000 2.000");
    CHECK(beside_constant("Mul", {-1, 2}, {}, {3}) == "scale 3.000");
    CHECK(beside_constant("Mul", {-1, 2}, {1, 2}, {3, 4}, true) == "scale 3.000 4.000");
    CHECK(beside_constant("Div", {-1, 2}, {1}, {4}) == "scale 0.250");
    // All of a map that is the same everywhere is one number.
    CHECK(beside_constant("Add", {-1, 2, 1, 2}, {2, 1, 2}, {5, 5, 5, 5}) == "scale 1.000 bias 5.000");
    // Along the last axis: that is the channel axis, then.
    const FloatModel m = imported({-1, 4, 5, 2}, [](OnnxWriter& w) {
        w.constant("c", {2}, {1, 2}).node({"Add", {"x", "c"}, {"y"}});
    });
    CHECK(shapes(m) == "4x5x2 reshape:4x5x2 affine:4x5x2");
    CHECK(m.layers[1].shape.layout == Layout::Hwc);
}

TEST_CASE("ONNX: the constant's axis before opset 7") {
    const FloatModel m = imported(
        {-1, 2, 3, 3},
        [](OnnxWriter& w) {
            w.constant("c", {2}, {1, 2})
                .node({"Add", {"x", "c"}, {"y"}, {{"broadcast", std::int64_t{1}}, {"axis", std::int64_t{1}}}});
        },
        6);
    CHECK(op_of<Affine>(m, 0).bias->real == Reals{1, 2});
}

TEST_CASE("ONNX: affine layers in a row are one") {
    const FloatModel m = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("two", {}, {2}).constant("c", {2}, {1, 2}).constant("half", {1}, {0.5});
        w.node({"Mul", {"x", "two"}, {"a"}})
            .node({"Sub", {"a", "c"}, {"b"}})
            .node({"Div", {"b", "half"}, {"d"}})
            .node({"Neg", {"d"}, {"y"}});
    });
    CHECK(shapes(m) == "2 affine:2");
    CHECK(op_of<Affine>(m, 0).scale.real == Reals{-4});
    CHECK(op_of<Affine>(m, 0).bias->real == Reals{2, 4});
}

TEST_CASE("ONNX: two activations") {
    const auto two = [](const char* op) {
        return shapes(imported({-1, 4}, [&](OnnxWriter& w) { w.node(kRelu).node({op, {"x", "r"}, {"y"}}); }));
    };
    CHECK(two("Add") == "4 relu:4 add:4");
    CHECK(two("Mul") == "4 relu:4 multiply:4");
    CHECK(two("Sub") == "4 relu:4 affine:4 add:4");
    CHECK(shapes(imported({-1, 4}, [](OnnxWriter& w) {
              w.node(kRelu).node({"Sum", {"x", "r", "x"}, {"y"}});
          })) == "4 relu:4 add:4");
}

TEST_CASE("ONNX: activations by attributes and by inputs") {
    const auto first = [](const OnnxNode& node, int opset, const std::function<void(OnnxWriter&)>& more = {}) {
        return imported(
            {-1, 4},
            [&](OnnxWriter& w) {
                if (more) more(w);
                w.node(node);
            },
            opset);
    };
    CHECK(op_of<LeakyRelu>(first({"LeakyRelu", {"x"}, {"y"}, {{"alpha", 0.25}}}, 6), 0).alpha.real == Reals{0.25});
    CHECK(op_of<LeakyRelu>(first({"LeakyRelu", {"x"}, {"y"}}, 13), 0).alpha.real == Reals{0.01});
    CHECK(
        op_of<LeakyRelu>(first({"PRelu", {"x", "s"}, {"y"}}, 13, [](OnnxWriter& w) { w.constant("s", {1}, {0.5}); }), 0)
            .alpha.real == Reals{0.5});
    CHECK(op_of<ClippedRelu>(first({"Clip", {"x"}, {"y"}, {{"min", 0.0}, {"max", 6.0}}}, 6), 0).max == 6);
    CHECK(shapes(first({"Clip", {"x"}, {"y"}, {{"min", 0.0}}}, 6)) == "4 relu:4");
    const FloatModel clip = first({"Clip", {"x", "lo", "hi"}, {"y"}}, 13,
                                  [](OnnxWriter& w) { w.constant("lo", {}, {-2}).constant("hi", {}, {3}); });
    CHECK(op_of<Clip>(clip, 0).min == -2);
    CHECK(op_of<Clip>(clip, 0).max == 3);
    CHECK(op_of<Clip>(first({"Clip", {"x", "", "hi"}, {"y"}}, 13, [](OnnxWriter& w) { w.constant("hi", {}, {3}); }), 0)
              .max == 3);
    CHECK(op_of<Lookup>(first({"Sigmoid", {"x"}, {"y"}}, 13), 0).table.origin == "sigmoid");
    CHECK(op_of<Lookup>(first({"Tanh", {"x"}, {"y"}}, 13), 0).span == 8);
    const FloatModel hard = first({"HardSigmoid", {"x"}, {"y"}, {{"alpha", 0.25}}}, 13);
    CHECK(shapes(hard) == "4 affine:4 clip:4");
    CHECK(op_of<Affine>(hard, 0).scale.real == Reals{0.25});
    CHECK(op_of<Affine>(hard, 0).bias->real == Reals{0.5});
    CHECK(op_of<Clip>(hard, 1).min == 0);
    CHECK(op_of<Clip>(hard, 1).max == 1);
}

TEST_CASE("ONNX: softmax over the channels of one position") {
    CHECK(shapes(one_node({-1, 4}, {"Softmax", {"x"}, {"y"}, {{"axis", std::int64_t{1}}}})) == "4 softmax:4");
    CHECK(shapes(one_node({-1, 4, 1, 1}, {"Softmax", {"x"}, {"y"}, {{"axis", std::int64_t{1}}}})) ==
          "4x1x1 flatten:4 softmax:4 reshape:4x1x1");
    CHECK(shapes(one_node({-1, 2, 1, 3}, {"Softmax", {"x"}, {"y"}}, 9)) == "2x1x3 flatten:6 softmax:6 reshape:2x1x3");
}

TEST_CASE("ONNX: pools with pads, auto_pad and ceil_mode") {
    const FloatModel m = one_node(
        {-1, 2, 7, 7},
        {"MaxPool", {"x"}, {"y"}, {{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 0, 0, 1}}}});
    CHECK(shapes(m) == "2x7x7 max_pool:2x3x4");
    CHECK(op_of<MaxPool>(m, 0).padding == Padding{.top = 1, .bottom = 0, .left = 0, .right = 1});
    CHECK(shapes(one_node({-1, 2, 7, 7}, {"MaxPool", {"x"}, {"y"}, {{"kernel_shape", Ints{2, 2}}}})) ==
          "2x7x7 max_pool:2x6x6");
    const FloatModel ceil = one_node(
        {-1, 2, 7, 8}, {"AveragePool",
                        {"x"},
                        {"y"},
                        {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}}});
    CHECK(shapes(ceil) == "2x7x8 average_pool:2x4x4");
    CHECK(op_of<AveragePool>(ceil, 0).padding == Padding{.top = 0, .bottom = 1, .left = 0, .right = 0});
    CHECK_FALSE(op_of<AveragePool>(ceil, 0).count_padding);
    const FloatModel count =
        one_node({-1, 2, 4, 4},
                 {"AveragePool",
                  {"x"},
                  {"y"},
                  {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}, {"count_include_pad", std::int64_t{1}}}});
    CHECK(op_of<AveragePool>(count, 0).count_padding);
    CHECK(shapes(one_node({-1, 2, 9}, {"MaxPool", {"x"}, {"y"}, {{"kernel_shape", Ints{3}}, {"strides", Ints{3}}}})) ==
          "2x1x9 max_pool:2x1x3");
    CHECK(shapes(one_node({-1, 2, 4, 5}, {"GlobalAveragePool", {"x"}, {"y"}})) == "2x4x5 average_pool:2x1x1");
    CHECK(shapes(one_node({-1, 2, 4, 5}, {"GlobalMaxPool", {"x"}, {"y"}})) == "2x4x5 max_pool:2x1x1");
}

TEST_CASE("ONNX: a mean over all positions, of channels in front or behind") {
    CHECK(shapes(one_node({-1, 2, 4, 5}, {"ReduceMean", {"x"}, {"y"}, {{"axes", Ints{2, 3}}}})) ==
          "2x4x5 average_pool:2x1x1");
    CHECK(shapes(one_node({-1, 2, 4, 5},
                          {"ReduceMean", {"x"}, {"y"}, {{"axes", Ints{-1, -2}}, {"keepdims", std::int64_t{0}}}})) ==
          "2x4x5 average_pool:2x1x1 flatten:2");
    CHECK(shapes(one_node({-1, 2, 4, 5},
                          {"ReduceMean", {"x"}, {"y"}, {{"axes", Ints{1, 2}}, {"keepdims", std::int64_t{0}}}})) ==
          "2x4x5 reshape:2x4x5 average_pool:1x1x5 flatten:5");
    const FloatModel inputs = imported(
        {-1, 3, 6},
        [](OnnxWriter& w) {
            w.constant("a", {1}, {2}, OnnxType::Int64).node({"ReduceMean", {"x", "a"}, {"y"}});
        },
        18);
    CHECK(shapes(inputs) == "3x1x6 average_pool:3x1x1");
}

TEST_CASE("ONNX: padding of opset 2 and 13") {
    const FloatModel old = one_node({-1, 2, 3, 3}, {"Pad", {"x"}, {"y"}, {{"pads", Ints{0, 0, 1, 2, 0, 0, 3, 4}}}}, 2);
    CHECK(shapes(old) == "2x3x3 pad:2x7x9");
    CHECK(op_of<Pad>(old, 0).padding == Padding{.top = 1, .bottom = 3, .left = 2, .right = 4});
    const FloatModel axes = imported(
        {-1, 2, 3, 3},
        [](OnnxWriter& w) {
            w.constant("p", {2}, {1, 2}, OnnxType::Int64)
                .constant("zero", {}, {0})
                .constant("a", {1}, {-1}, OnnxType::Int64);
            w.node({"Pad", {"x", "p", "zero", "a"}, {"y"}});
        },
        18);
    CHECK(op_of<Pad>(axes, 0).padding == Padding{.top = 0, .bottom = 0, .left = 1, .right = 2});
    // A frame of channels-last rows and columns.
    const FloatModel last = one_node({-1, 3, 3, 2}, {"Pad", {"x"}, {"y"}, {{"pads", Ints{0, 1, 1, 0, 0, 1, 1, 0}}}}, 2);
    CHECK(shapes(last) == "3x3x2 reshape:3x3x2 pad:5x5x2");
}
