// Each operation of the float engine against results by hand.
#include <cmath>

#include <catch2/catch.hpp>

#include "reference/layers.hpp"

using namespace bittrue;
using namespace bittrue::test;
using Values = std::vector<double>;

TEST_CASE("L2 in float: a dense layer multiplies, sums in double and adds the bias") {
    const Dense op{
        .weights = reals({2, 3}, {1, 2, 3, 0.1, 0.2, 0.3}), .bias = reals({3}, {10, 20, 30}), .accumulator = {}};
    CHECK(outputs(op, vector_of(2), vector_of(3), {2, 10}) ==
          Values{10 + 2 + 10 * 0.1, 20 + 4 + 10 * 0.2, 30 + 6 + 10 * 0.3});
    // 2^53 + 1 is lost in single precision and in a float accumulator, not in the sum of a double.
    const Dense wide{.weights = reals({2, 1}, {1, 1}), .bias = {}, .accumulator = {}};
    CHECK(outputs(wide, vector_of(2), vector_of(1), {33554432, 1}) == Values{33554433});
}

TEST_CASE("L3 in float: padding is zero, strides and dilations move the window, kernels are not flipped") {
    Conv2d op{.weights = reals({2, 2, 1, 1}, {1, 10, 100, 1000})};
    const Values image{1, 2, 3, 4, 5, 6, 7, 8, 9};
    CHECK(outputs(op, hwc(3, 3, 1), hwc(2, 2, 1), image) == Values{5421, 6532, 8754, 9865});
    op.dilation = {2, 2};
    CHECK(outputs(op, hwc(3, 3, 1), hwc(1, 1, 1), image) == Values{9731});
    op.dilation = {1, 1};
    op.stride = {2, 1};
    op.padding = {.top = 1, .bottom = 0, .left = 0, .right = 1};
    CHECK(outputs(op, hwc(3, 3, 1), hwc(2, 3, 1), image) == Values{2100, 3200, 300, 8754, 9865, 906});
}

TEST_CASE("L3 in float: groups read their own channels, in either layout, and depthwise is a group each") {
    // Two groups of two inputs and one output.
    Conv2d op{.weights = reals({1, 1, 2, 2}, {1, 2, 10, 20}), .bias = reals({2}, {0.5, 0.25})};
    op.groups = 2;
    CHECK(outputs(op, hwc(1, 1, 4), hwc(1, 1, 2), {1, 2, 3, 4}) == Values{21.5, 86.25});
    CHECK(outputs(op, chw(4, 1, 1), chw(2, 1, 1), {1, 2, 3, 4}) == Values{21.5, 86.25});
    Conv2d depthwise{.weights = reals({1, 2, 1, 2}, {1, 2, 10, 20})};
    depthwise.groups = 2;
    CHECK(outputs(depthwise, hwc(1, 2, 2), hwc(1, 1, 2), {1, 2, 3, 4}) == Values{31, 84});
    CHECK(outputs(depthwise, chw(2, 1, 2), chw(2, 1, 1), {1, 3, 2, 4}) == Values{31, 84});
    // One group, planes behind one another on both sides.
    const Conv2d mix{.weights = reals({1, 1, 2, 2}, {1, 2, 10, 20})};
    CHECK(outputs(mix, chw(2, 1, 2), chw(2, 1, 2), {1, 2, 3, 4}) == Values{31, 42, 62, 84});
}

TEST_CASE("L4 and L5 in float: padded positions do not take part, or are counted where the layer says so") {
    const Padding frame{.top = 0, .bottom = 1, .left = 0, .right = 1};
    const Values image{-1, -2, -3, -4, -5, -6, -7, -8, -9};
    CHECK(outputs(MaxPool{.padding = frame}, hwc(3, 3, 1), hwc(2, 2, 1), image) == Values{-1, -3, -7, -9});
    CHECK(outputs(MaxPool{.padding = frame, .pad_rule = PoolPadding::Msb}, hwc(3, 3, 1), hwc(2, 2, 1), image) ==
          Values{-1, -3, -7, -9});
    CHECK(outputs(AveragePool{.padding = frame}, hwc(3, 3, 1), hwc(2, 2, 1), image) == Values{-3, -4.5, -7.5, -9});
    CHECK(outputs(AveragePool{.padding = frame, .count_padding = true}, hwc(3, 3, 1), hwc(2, 2, 1), image) ==
          Values{-3, -2.25, -3.75, -2.25});
    CHECK(outputs(MaxPool{.pool = {1, 2}, .stride = {1, 2}}, chw(2, 1, 2), chw(2, 1, 1), {1, 2, 4, 3}) == Values{2, 4});
}

TEST_CASE("L6, L7, L8, L22 in float: relu and its kin") {
    const Shape s = vector_of(4);
    const Values x{-2, -0.5, 0.5, 9};
    CHECK(outputs(Relu{}, s, s, x) == Values{0, 0, 0.5, 9});
    CHECK(outputs(ClippedRelu{.max = 6}, s, s, x) == Values{0, 0, 0.5, 6});
    CHECK(outputs(LeakyRelu{.alpha = reals({1}, {0.1})}, s, s, x) == Values{0.1 * -2, 0.1 * -0.5, 0.5, 9});
    CHECK(outputs(Clip{.min = -1, .max = 2}, s, s, x) == Values{-1, -0.5, 0.5, 2});
}

TEST_CASE("L12 in float: sigmoid and tanh are the functions themselves, another table is what it holds") {
    const Shape s = vector_of(3);
    Lookup op{.table = {.entries = {}, .origin = "sigmoid"}};
    CHECK(outputs(op, s, s, {0, 1, -800}) == Values{0.5, 1 / (1 + std::exp(-1.0)), 0});
    op.table.origin = "tanh";
    CHECK(outputs(op, s, s, {0, 1, -800}) == Values{0, std::tanh(1.0), -1});
    // Four entries over -8 .. 8: 4 to an entry, the middle one twice as wide, clamped outside.
    op.table = {.entries = reals({4}, {10, 11, 12, 13}), .origin = "rom.npz"};
    const Shape wide = vector_of(9);
    CHECK(outputs(op, wide, wide, {-1e300, -8, -4.01, -4, -3.99, 3.99, 4, 8, 1e300}) ==
          Values{10, 10, 11, 11, 12, 12, 13, 13, 13});
}

TEST_CASE("L16 and softmax in float: the first of the largest, and numbers that sum to one without overflow") {
    const Shape s = vector_of(3);
    CHECK(outputs(Softmax{.kind = SoftmaxKind::Argmax}, s, s, {1, 3, 3}) == Values{0, 1, 0});
    const Values p = outputs(Softmax{}, s, s, {1000, 1000 + std::log(2.0), -5000});
    CHECK(p[0] == Approx(1.0 / 3).epsilon(1e-12));
    CHECK(p[1] == Approx(2.0 / 3).epsilon(1e-12));
    CHECK(p[2] == 0);
}

TEST_CASE("L17 and L23 in float: one number serves all channels, else each has its own, in every layout") {
    const Affine op{.scale = reals({2}, {2, 3}), .bias = reals({1}, {1})};
    CHECK(outputs(op, hwc(1, 2, 2), hwc(1, 2, 2), {1, 1, 2, 2}) == Values{3, 4, 5, 7});
    CHECK(outputs(op, chw(2, 1, 2), chw(2, 1, 2), {1, 1, 2, 2}) == Values{3, 3, 7, 7});
    CHECK(outputs(op, vector_of(2), vector_of(2), {1, 1}) == Values{3, 4});
    Threshold t{.thresholds = reals({2, 2}, {0, 1, 5, 5}), .scale = 0.5, .bias = -1};
    CHECK(outputs(t, chw(2, 1, 3), chw(2, 1, 3), {-1, 0, 1, 4, 5, 6}) == Values{-1, -0.5, 0, -1, 0, 0});
    t.strict = true;
    CHECK(outputs(t, chw(2, 1, 3), chw(2, 1, 3), {-1, 0, 1, 4, 5, 6}) == Values{-1, -1, -0.5, -1, -1, 0});
}

TEST_CASE("L11, L18, L19 in float: sums, products and concatenations of several inputs") {
    FloatModel m{.input_name = "x", .input_shape = hwc(1, 2, 2), .output = "y"};
    const auto layer = [&](const char* name, std::vector<std::string> inputs, Operation op, const Shape& shape) {
        m.layers.push_back({.name = name, .inputs = std::move(inputs), .op = std::move(op), .shape = shape});
    };
    layer("double", {"x", "x"}, Add{}, hwc(1, 2, 2));
    layer("y", {"x", "double", "x"}, Multiply{}, hwc(1, 2, 2));
    CHECK(outputs(m, {1, 2, 3, 4}) == Values{2, 16, 54, 128});
    m.layers.pop_back();
    layer("y", {"x", "double"}, Concat{.axis = Axis::Channel}, hwc(1, 2, 4));
    CHECK(outputs(m, {1, 2, 3, 4}) == Values{1, 2, 2, 4, 3, 4, 6, 8});
    m.layers.pop_back();
    layer("y", {"x", "double"}, Concat{.axis = Axis::Row}, hwc(2, 2, 2));
    CHECK(outputs(m, {1, 2, 3, 4}) == Values{1, 2, 3, 4, 2, 4, 6, 8});
    m.layers.pop_back();
    layer("y", {"x", "double"}, Concat{.axis = Axis::Column}, hwc(1, 4, 2));
    CHECK(outputs(m, {1, 2, 3, 4}) == Values{1, 2, 3, 4, 2, 4, 6, 8});
}

TEST_CASE("L9, L10, L20, L21 in float: what only moves elements") {
    const Values x{0, 1, 2, 3, 4, 5};
    CHECK(outputs(Flatten{}, hwc(1, 3, 2), vector_of(6), x) == x);
    CHECK(outputs(Flatten{.order = Layout::Chw}, hwc(1, 3, 2), vector_of(6), x) == Values{0, 2, 4, 1, 3, 5});
    CHECK(outputs(Flatten{.order = Layout::Hwc}, chw(2, 1, 3), vector_of(6), x) == Values{0, 3, 1, 4, 2, 5});
    CHECK(outputs(Reshape{.shape = hwc(1, 2, 3)}, vector_of(6), hwc(1, 2, 3), x) == x);
    // result[i0][i1][i2] = in with index i0 along axis 2, i1 along axis 0, i2 along axis 1
    CHECK(outputs(Transpose{.axes = {2, 0, 1}, .layout = Layout::Chw}, hwc(1, 3, 2), chw(2, 1, 3), x) ==
          Values{0, 2, 4, 1, 3, 5});
    CHECK(outputs(Pad{.padding = {.top = 1, .bottom = 0, .left = 0, .right = 1}}, hwc(1, 1, 2), hwc(2, 2, 2), {7, 8}) ==
          Values{0, 0, 0, 0, 7, 8, 0, 0});
}
