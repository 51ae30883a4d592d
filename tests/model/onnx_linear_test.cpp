// Conv, Gemm, MatMul, BatchNormalization, constants behind them: weights in the canonical layouts, geometry, folding.
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE("ONNX: a convolution's weights become rows, columns, inputs, outputs") {
    const FloatModel m = imported({-1, 2, 5, 6}, [](OnnxWriter& w) {
        w.constant("w", {3, 2, 2, 3}, ramp(36, 1)).constant("b", {3}, {1, 2, 3});
        w.node({"Conv", {"x", "w", "b"}, {"y"}, {{"strides", Ints{2, 1}}, {"pads", Ints{1, 0, 0, 2}}}, "c"});
    });
    CHECK(shapes(m) == "2x5x6 conv2d:3x3x6");
    CHECK(m.input_shape.layout == Layout::Chw);
    const Conv2d& conv = op_of<Conv2d>(m, 0);
    CHECK(conv.weights.dims == Dims{2, 3, 2, 3});
    // Output o, input i, row r, column c is 1 + ((o * 2 + i) * 2 + r) * 3 + c in the file.
    for (std::int64_t r = 0; r < 2; ++r)
        for (std::int64_t c = 0; c < 3; ++c)
            for (std::int64_t i = 0; i < 2; ++i)
                for (std::int64_t o = 0; o < 3; ++o)
                    CHECK(conv.weights.real[static_cast<std::size_t>(((r * 3 + c) * 2 + i) * 3 + o)] ==
                          static_cast<double>(1 + ((o * 2 + i) * 2 + r) * 3 + c));
    CHECK(conv.bias->real == Reals{1, 2, 3});
    CHECK(conv.stride == std::array<int, 2>{2, 1});
    CHECK(conv.padding == Padding{.top = 1, .bottom = 0, .left = 0, .right = 2});
    CHECK(m.layers[0].name == "c");
    CHECK(m.layers[0].weights_source == "w");
    CHECK(m.layers[0].bias_source == "b");
}

TEST_CASE("ONNX: auto_pad in numbers, the larger half behind or in front") {
    const auto padding = [](const char* mode) {
        const FloatModel m = imported({1, 1, 5, 5}, [&](OnnxWriter& w) {
            w.constant("w", {1, 1, 2, 2}, ramp(4));
            w.node({"Conv", {"x", "w"}, {"y"}, {{"auto_pad", std::string(mode)}}});
        });
        return op_of<Conv2d>(m, 0).padding;
    };
    CHECK(padding("SAME_UPPER") == Padding{.top = 0, .bottom = 1, .left = 0, .right = 1});
    CHECK(padding("SAME_LOWER") == Padding{.top = 1, .bottom = 0, .left = 1, .right = 0});
    CHECK(padding("VALID") == Padding{});
}

TEST_CASE("ONNX: one axis of positions is a map of one row") {
    const FloatModel m = imported({-1, 4, 10}, [](OnnxWriter& w) {
        w.constant("w", {4, 2, 4}, ramp(32));
        w.node({"Conv", {"x", "w"}, {"y"}, {{"dilations", Ints{2}}, {"group", std::int64_t{2}}, {"pads", Ints{1, 2}}}});
    });
    CHECK(shapes(m) == "4x1x10 conv2d:4x1x7");
    const Conv2d& conv = op_of<Conv2d>(m, 0);
    CHECK(conv.weights.dims == Dims{1, 4, 2, 4});
    CHECK(conv.groups == 2);
    CHECK(conv.dilation == std::array<int, 2>{1, 2});
    CHECK(conv.padding == Padding{.top = 0, .bottom = 0, .left = 1, .right = 2});
}

TEST_CASE("ONNX: a depthwise convolution has as many groups as channels") {
    const FloatModel m = imported({-1, 3, 4, 4}, [](OnnxWriter& w) {
        w.constant("w", {6, 1, 3, 3}, ramp(54)).node({"Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{3}}}});
    });
    CHECK(shapes(m) == "3x4x4 conv2d:6x2x2");
    CHECK(op_of<Conv2d>(m, 0).weights.dims == Dims{3, 3, 1, 6});
}

TEST_CASE("ONNX: Gemm takes transB, alpha and beta into its numbers") {
    for (const bool transposed : {false, true}) {
        const FloatModel m = imported({-1, 2}, [&](OnnxWriter& w) {
            w.constant("w", transposed ? Ints{3, 2} : Ints{2, 3},
                       transposed ? Reals{1, 4, 2, 5, 3, 6} : Reals{1, 2, 3, 4, 5, 6});
            w.constant("c", {1, 3}, {10, 20, 30});
            w.node({"Gemm",
                    {"x", "w", "c"},
                    {"y"},
                    {{"alpha", 2.0}, {"beta", 0.5}, {"transB", std::int64_t{transposed}}}});
        });
        const Dense& dense = op_of<Dense>(m, 0);
        CHECK(dense.weights.dims == Dims{2, 3});
        CHECK(dense.weights.real == Reals{2, 4, 6, 8, 10, 12});
        CHECK(dense.bias->real == Reals{5, 10, 15});
        CHECK(m.layers[0].name == "gemm_1");
    }
}

TEST_CASE("ONNX: a constant behind a matrix product is its bias") {
    const FloatModel m = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("w", {2, 3}, ramp(6)).constant("b", {3}, {1, 2, 3}).constant("c", {}, {4});
        w.node({"MatMul", {"x", "w"}, {"p"}}).node({"Add", {"b", "p"}, {"s"}}).node({"Sub", {"s", "c"}, {"y"}});
    });
    CHECK(shapes(m) == "2 dense:3");
    CHECK(op_of<Dense>(m, 0).bias->real == Reals{-3, -2, -1});
    // Not when the product itself is read elsewhere.
    const FloatModel twice = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("w", {2, 3}, ramp(6)).constant("b", {3}, {1, 2, 3});
        w.node({"MatMul", {"x", "w"}, {"p"}}).node({"Add", {"p", "b"}, {"s"}}).node({"Mul", {"s", "p"}, {"y"}});
    });
    CHECK(shapes(twice) == "2 dense:3 affine:3 multiply:3");
    // Nor by another name of it.
    const FloatModel alias = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("w", {2, 3}, ramp(6)).constant("b", {3}, {1, 2, 3}).node({"MatMul", {"x", "w"}, {"p"}});
        w.node({"Identity", {"p"}, {"q"}}).node({"Add", {"q", "b"}, {"s"}}).node({"Mul", {"s", "p"}, {"y"}});
    });
    CHECK(shapes(alias) == "2 dense:3 affine:3 multiply:3");
}

TEST_CASE("ONNX: a matrix product at every position of a map is a convolution of 1x1") {
    const FloatModel m = imported({-1, 5, 4}, [](OnnxWriter& w) {
        w.constant("w", {4, 3}, ramp(12)).node({"MatMul", {"x", "w"}, {"y"}});
    });
    CHECK(shapes(m) == "1x5x4 conv2d:1x5x3");
    CHECK(m.input_shape.layout == Layout::Hwc);
    CHECK(op_of<Conv2d>(m, 0).weights.dims == Dims{1, 1, 4, 3});
}

namespace {

void norm(OnnxWriter& w, const std::string& from, const std::string& to) {
    w.constant("gamma", {2}, {2, 3})
        .constant("beta", {2}, {1, -1})
        .constant("mean", {2}, {0.5, 0.25})
        .constant("var", {2}, {3, 15});
    w.node({"BatchNormalization", {from, "gamma", "beta", "mean", "var"}, {to}, {{"epsilon", 1.0}}, "bn"});
}

}  // namespace

TEST_CASE("ONNX: a normalisation is folded into the layer in front, or is affine") {
    const FloatModel folded = imported({-1, 1, 2, 2}, [](OnnxWriter& w) {
        w.constant("w", {2, 1, 1, 1}, {1, 4}).constant("b", {2}, {0.5, 1.25}).node({"Conv", {"x", "w", "b"}, {"c"}});
        norm(w, "c", "y");
    });
    CHECK(shapes(folded) == "1x2x2 conv2d:2x2x2");
    CHECK(op_of<Conv2d>(folded, 0).weights.real == Reals{1, 3});    // gamma / sqrt(var + 1) = 1, 0.75
    CHECK(op_of<Conv2d>(folded, 0).bias->real == Reals{1, -0.25});  // (b - mean) * that + beta
    REQUIRE(folded.notes.size() == 1);
    CHECK(folded.notes[0] == "bn (BatchNormalization) is folded into conv_1");

    const FloatModel alone = imported({-1, 2, 2, 2}, [](OnnxWriter& w) { norm(w, "x", "y"); });
    CHECK(shapes(alone) == "2x2x2 affine:2x2x2");
    CHECK(op_of<Affine>(alone, 0).scale.real == Reals{1, 0.75});
    CHECK(op_of<Affine>(alone, 0).bias->real == Reals{0.5, -1.1875});
}

TEST_CASE("ONNX: padding of zeros in front of a convolution is the convolution's") {
    const auto fill = [](OnnxWriter& w, bool twice) {
        w.constant("p", {8}, {0, 0, 1, 2, 0, 0, 3, 0}, OnnxType::Int64).constant("w", {1, 1, 2, 2}, ramp(4));
        w.node({"Pad", {"x", "p"}, {"f"}}).node({"Conv", {"f", "w"}, {"c"}, {{"pads", Ints{1, 1, 1, 1}}}});
        w.node({"GlobalMaxPool", {"c"}, {twice ? "g" : "y"}});
        if (twice) w.node({"GlobalMaxPool", {"f"}, {"h"}}).node({"Add", {"g", "h"}, {"y"}});
    };
    const FloatModel m = imported({-1, 1, 4, 4}, [&](OnnxWriter& w) { fill(w, false); });
    CHECK(shapes(m) == "1x4x4 conv2d:1x9x7 max_pool:1x1x1");
    CHECK(op_of<Conv2d>(m, 0).padding == Padding{.top = 2, .bottom = 4, .left = 3, .right = 1});
    CHECK(shapes(imported({-1, 1, 4, 4}, [&](OnnxWriter& w) { fill(w, true); })) ==
          "1x4x4 pad:1x8x6 conv2d:1x9x7 max_pool:1x1x1 max_pool:1x1x1 add:1x1x1");
}
