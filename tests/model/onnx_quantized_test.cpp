// QONNX quantisers, QuantizeLinear and the integer operators.
#include <cmath>

#include "bittrue/model/notation.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::string type(const std::optional<FixedType>& t) {
    return t ? print_type(*t) : "none";
}

void quant(OnnxWriter& w, const std::string& from, const std::string& to, const Reals& scale, double zero, double bits,
           std::int64_t is_signed, std::int64_t narrow = 0, const std::string& mode = "ROUND", const Ints& dims = {}) {
    w.constant(to + "_s", dims, scale).constant(to + "_z", {}, {zero}).constant(to + "_b", {}, {bits});
    w.node({"Quant",
            {from, to + "_s", to + "_z", to + "_b"},
            {to},
            {{"signed", is_signed}, {"narrow", narrow}, {"rounding_mode", mode}},
            "",
            "qonnx.custom_op.general"});
}

FloatLayer quantizer(const Reals& scale, double zero, double bits, std::int64_t is_signed, std::int64_t narrow = 0,
                     const std::string& mode = "ROUND") {
    return imported({-1, 2},
                    [&](OnnxWriter& w) {
                        quant(w, "x", "y", scale, zero, bits, is_signed, narrow, mode,
                              scale.size() == 1 ? Ints{} : Ints{1, static_cast<std::int64_t>(scale.size())});
                    })
        .layers.at(0);
}

}  // namespace

TEST_CASE("QONNX: Quant of an activation is a quantiser, with its type where it is a fixed-point one") {
    const FloatLayer a = quantizer({0.25}, 0, 4, 1);
    REQUIRE(a.quantizer);
    CHECK(a.quantizer->low == -8);
    CHECK(a.quantizer->high == 7);
    CHECK(a.quantizer->scale == Reals{0.25});
    CHECK(type(a.result_type) == "ap_fixed<4,2,AP_RND_CONV,AP_SAT>");
    CHECK(type(quantizer({0.25}, 0, 4, 0).result_type) == "ap_ufixed<4,2,AP_RND_CONV,AP_SAT>");
    CHECK(type(quantizer({2}, 0, 4, 1, 1, "FLOOR").result_type) == "ap_fixed<4,5,AP_TRN,AP_SAT_SYM>");
    CHECK(type(quantizer({1}, 0, 4, 1, 0, "HALF_UP").result_type) == "ap_fixed<4,4,AP_RND_INF,AP_SAT>");
    CHECK(type(quantizer({1}, 0, 4, 1, 0, "half_down").result_type) == "ap_fixed<4,4,AP_RND_ZERO,AP_SAT>");
    CHECK(type(quantizer({1}, 0, 4, 1, 0, "DOWN").result_type) == "ap_fixed<4,4,AP_TRN_ZERO,AP_SAT>");
    for (const char* mode : {"UP", "CEIL"}) CHECK(type(quantizer({1}, 0, 4, 1, 0, mode).result_type) == "none");
    CHECK(type(quantizer({0.3}, 0, 4, 1).result_type) == "none");
    CHECK(type(quantizer({0.25}, 1, 4, 1).result_type) == "none");
    CHECK(type(quantizer({0.25}, 0, 4, 0, 1).result_type) == "none");  // 0 to 14
    const FloatLayer channels = quantizer({0.25, 0.5}, 3, 8, 0);
    CHECK(channels.quantizer->scale == Reals{0.25, 0.5});
    CHECK(channels.quantizer->zero_point == Reals{3, 3});
    CHECK(type(channels.result_type) == "none");
    CHECK(quantizer({0.5}, 0, 1, 1).quantizer->bipolar);
}

TEST_CASE("QONNX: Quant of weights gives their numbers and their type") {
    const auto weights = [](const Reals& values, double scale, double zero, double bits, std::int64_t is_signed,
                            std::int64_t narrow, const std::string& mode) {
        return imported({-1, 2}, [&](OnnxWriter& w) {
            w.constant("w", {static_cast<std::int64_t>(values.size()) / 2, 2}, values);
            quant(w, "w", "q", {scale}, zero, bits, is_signed, narrow, mode);
            w.node({"Transpose", {"q"}, {"t"}}).node({"MatMul", {"x", "t"}, {"y"}});
        });
    };
    const Reals ties{0.5, -0.5, 1.5, -1.5, 2.25, -9};
    const FloatModel even = weights(ties, 1, 0, 3, 1, 1, "ROUND");
    CHECK(op_of<Dense>(even, 0).weights.real == Reals{0, 2, 2, 0, -2, -3});
    CHECK(type(even.layers[0].weight_type) == "ap_fixed<3,3,AP_RND_CONV,AP_SAT_SYM>");
    CHECK(op_of<Dense>(weights(ties, 1, 0, 3, 1, 0, "HALF_UP"), 0).weights.real == Reals{1, 2, 2, -1, -2, -4});
    CHECK(op_of<Dense>(weights(ties, 1, 0, 3, 1, 0, "HALF_DOWN"), 0).weights.real == Reals{0, 1, 2, 0, -1, -4});
    CHECK(op_of<Dense>(weights(ties, 1, 0, 3, 1, 0, "UP"), 0).weights.real == Reals{1, 2, 3, -1, -2, -4});
    CHECK(op_of<Dense>(weights(ties, 1, 0, 3, 1, 0, "DOWN"), 0).weights.real == Reals{0, 1, 2, 0, -1, -4});
    CHECK(op_of<Dense>(weights(ties, 1, 0, 3, 1, 0, "CEIL"), 0).weights.real == Reals{1, 2, 3, 0, -1, -4});
    CHECK(op_of<Dense>(weights(ties, 1, 0, 3, 1, 0, "FLOOR"), 0).weights.real == Reals{0, 1, 2, -1, -2, -4});
    // (clamp(round(x / 0.5 + 2)) - 2) * 0.5 with 0 to 7.
    const FloatModel zero = weights({-2, 0.3, 1, 9}, 0.5, 2, 3, 0, 0, "ROUND");
    CHECK(op_of<Dense>(zero, 0).weights.real == Reals{-1, 1, 0.5, 2.5});
    CHECK(type(zero.layers[0].weight_type) == "none");
    CHECK(type(weights(ties, 0.3, 0, 3, 1, 1, "ROUND").layers[0].weight_type) == "none");
    const FloatModel bipolar = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("w", {2, 1}, {-0.1, 0}).constant("s", {}, {0.5});
        w.node({"BipolarQuant", {"w", "s"}, {"q"}}).node({"MatMul", {"x", "q"}, {"y"}});
    });
    CHECK(op_of<Dense>(bipolar, 0).weights.real == Reals{-0.5, 0.5});
    CHECK(type(bipolar.layers[0].weight_type) == "ap_fixed<2,1,AP_RND_CONV,AP_SAT>");
}

TEST_CASE("QONNX: a normalisation leaves weights of a quantiser as they are") {
    const FloatModel m = imported({-1, 1}, [](OnnxWriter& w) {
        w.constant("w", {1, 2}, {1, -1})
            .constant("g", {2}, {4, 4})
            .constant("b", {2}, {0, 0})
            .constant("v", {2}, {3, 3});
        quant(w, "w", "q", {1}, 0, 2, 1);
        w.node({"MatMul", {"x", "q"}, {"p"}})
            .node({"BatchNormalization", {"p", "g", "b", "b", "v"}, {"y"}, {{"epsilon", 1.0}}});
    });
    CHECK(shapes(m) == "1 dense:2 affine:2");
    CHECK(op_of<Dense>(m, 0).weights.real == Reals{1, -1});
}

TEST_CASE("QONNX: BipolarQuant, Trunc and MultiThreshold of activations") {
    const FloatModel b = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("s", {}, {0.5}).node({"BipolarQuant", {"x", "s"}, {"y"}});
    });
    CHECK(b.layers[0].quantizer->bipolar);
    CHECK(b.layers[0].quantizer->scale == Reals{0.5});

    const FloatModel first = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("s", {}, {0.5}).constant("z", {}, {0}).constant("in", {}, {8}).constant("out", {}, {6});
        w.node({"Trunc", {"x", "s", "z", "in", "out"}, {"y"}});
    });
    CHECK(shapes(first) == "2 quantize:2 affine:2");  // the old one's scale stays: floor(q / 4) * 0.5
    CHECK(first.layers[0].quantizer->truncate == 4);
    CHECK(first.layers[0].quantizer->rounding == QuantizerRounding::Floor);
    CHECK(op_of<Affine>(first, 1).scale.real == Reals{0.25});

    const FloatModel second = imported({-1, 2}, [](OnnxWriter& w) {
        w.constant("s", {}, {0.5})
            .constant("z", {}, {0})
            .constant("in", {}, {8})
            .constant("so", {}, {2})
            .constant("out", {}, {6});
        w.node({"Trunc",
                {"x", "s", "z", "in", "so", "out"},
                {"y"},
                {{"signed", std::int64_t{1}}, {"rounding_mode", std::string("ROUND")}}});
    });
    CHECK(shapes(second) == "2 quantize:2");
    CHECK(second.layers[0].quantizer->truncate == 4);
    CHECK(second.layers[0].quantizer->low == -32);
    CHECK(second.layers[0].quantizer->high == 31);

    const FloatModel t = imported({-1, 2, 2, 2}, [](OnnxWriter& w) {
        w.constant("t", {2, 3}, {-1, 0, 1, 0.5, 0.5, 2});
        w.node({"MultiThreshold",
                {"x", "t"},
                {"y"},
                {{"out_scale", 2.0}, {"out_bias", -3.0}, {"out_dtype", std::string("INT3")}}});
    });
    CHECK(op_of<Threshold>(t, 0).thresholds.dims == Dims{2, 3});
    CHECK(op_of<Threshold>(t, 0).scale == 2);
    CHECK(op_of<Threshold>(t, 0).bias == -3);
    CHECK_FALSE(op_of<Threshold>(t, 0).strict);
    CHECK(type(t.layers[0].result_type) == "ap_fixed<3,3,AP_RND_CONV,AP_SAT>");
}

namespace {

// x -> QuantizeLinear -> DequantizeLinear with this scale.
void fake_quantise(OnnxWriter& w, const std::string& from, const std::string& to, double scale, double zero,
                   OnnxType t) {
    w.constant(to + "_s", {}, {scale}).constant(to + "_z", {}, {zero}, t);
    w.node({"QuantizeLinear", {from, to + "_s", to + "_z"}, {to + "_q"}})
        .node({"DequantizeLinear", {to + "_q", to + "_s", to + "_z"}, {to}});
}

}  // namespace

TEST_CASE("ONNX: QuantizeLinear with its DequantizeLinear is a quantiser whose zero point is in its ends") {
    const FloatModel m = imported({-1, 2}, [](OnnxWriter& w) {
        fake_quantise(w, "x", "d", 0.1, 3, OnnxType::UInt8);
        w.node({"Relu", {"d"}, {"y"}});
    });
    CHECK(shapes(m) == "2 quantize:2 relu:2");
    CHECK(m.layers[0].quantizer->zero_point == Reals{0});
    CHECK(m.layers[0].quantizer->low == -3);
    CHECK(m.layers[0].quantizer->high == 252);
    CHECK(type(m.layers[0].result_type) == "none");
    const FloatModel fixed = imported({-1, 2}, [](OnnxWriter& w) {
        fake_quantise(w, "x", "d", 0.125, 0, OnnxType::Int8);
        w.node({"Sigmoid", {"d"}, {"y"}});
    });
    CHECK(type(fixed.layers[0].result_type) == "ap_fixed<8,5,AP_RND_CONV,AP_SAT>");
}

TEST_CASE("ONNX: Conv between DequantizeLinear and QuantizeLinear is one of integers") {
    const FloatModel m = imported({-1, 1, 3, 3}, [](OnnxWriter& w) {
        fake_quantise(w, "x", "d", 0.5, 7, OnnxType::UInt8);
        w.constant("w", {2, 1, 2, 2}, {1, 2, 3, 4, -5, 6, -7, 8}, OnnxType::Int8).constant("ws", {2}, {0.25, 0.125});
        w.constant("b", {2}, {100, -100}, OnnxType::Int32).constant("bs", {2}, {0.125, 0.0625});
        w.node({"DequantizeLinear", {"w", "ws"}, {"wd"}, {{"axis", std::int64_t{0}}}})
            .node({"DequantizeLinear", {"b", "bs"}, {"bd"}, {{"axis", std::int64_t{0}}}});
        w.node({"Conv", {"d", "wd", "bd"}, {"c"}, {{"pads", Ints{1, 0, 0, 0}}}, "conv"}).node({"Relu", {"c"}, {"r"}});
        fake_quantise(w, "r", "y", 0.75, 5, OnnxType::UInt8);
    });
    CHECK(shapes(m) ==
          "1x3x3 affine:1x3x3 quantize:1x3x3 requantize:1x3x3 requantize:1x3x3 conv2d:2x3x2 relu:2x3x2 "
          "requantize:2x3x2 affine:2x3x2");
    // x / 0.5 rounded, plus 7, in 8 unsigned bits; then without the 7 in 9 signed ones, so that the padding is zero.
    CHECK(op_of<Affine>(m, 0).scale.real == Reals{2});
    CHECK(m.layers[1].quantizer->low == -7);
    CHECK(op_of<Requantize>(m, 2).zero_point == 7);
    CHECK(type(m.layers[2].result_type) == "ap_ufixed<8,8,AP_RND_CONV,AP_SAT>");
    CHECK(op_of<Requantize>(m, 3).zero_point == -7);
    CHECK(type(m.layers[3].result_type) == "ap_fixed<9,9,AP_RND_CONV,AP_SAT>");
    const Conv2d& conv = op_of<Conv2d>(m, 4);
    CHECK(conv.weights.real == Reals{1, -5, 2, 6, 3, -7, 4, 8});
    CHECK(conv.bias->real == Reals{100, -100});
    CHECK(type(m.layers[4].weight_type) == "ap_fixed<8,8,AP_RND_CONV,AP_SAT>");
    CHECK(type(m.layers[4].result_type) == "ap_fixed<32,32,AP_RND_CONV,AP_SAT>");
    CHECK(m.layers[4].name == "conv");
    const Requantize& r = op_of<Requantize>(m, 6);
    CHECK(r.rule == RequantizeRule::Float32);
    REQUIRE(r.multiplier.raw.size() == 2);
    // 0.5 * 0.25 / 0.75 and 0.5 * 0.125 / 0.75 in single precision.
    CHECK(std::ldexp(static_cast<double>(r.multiplier.raw[0]), -r.shift[0]) == static_cast<double>(0.125F / 0.75F));
    CHECK(std::ldexp(static_cast<double>(r.multiplier.raw[1]), -r.shift[1]) == static_cast<double>(0.0625F / 0.75F));
    CHECK(r.zero_point == 5);
    CHECK_FALSE(r.zero_point_first);  // QuantizeLinear adds it behind the rounding
    CHECK(op_of<Affine>(m, 7).scale.real == Reals{0.75});
    CHECK(op_of<Affine>(m, 7).bias->real == Reals{-3.75});
}

TEST_CASE("ONNX: a layer of dequantised weights and a bias between integers stays in reals") {
    const FloatModel m = imported({-1, 2}, [](OnnxWriter& w) {
        fake_quantise(w, "x", "d", 0.5, 0, OnnxType::Int8);
        w.constant("w", {2, 1}, {1, -2}, OnnxType::Int8).constant("ws", {}, {0.25}).constant("b", {1}, {0.3});
        w.node({"DequantizeLinear", {"w", "ws"}, {"wd"}}).node({"Gemm", {"d", "wd", "b"}, {"y"}});
    });
    CHECK(shapes(m) == "2 quantize:2 dense:1");
    CHECK(op_of<Dense>(m, 1).weights.real == Reals{0.25, -0.5});
    CHECK(type(m.layers[1].weight_type) == "ap_fixed<8,6,AP_RND_CONV,AP_SAT>");
}

TEST_CASE("ONNX: QLinearConv and QLinearMatMul on integer inputs") {
    const FloatModel m = imported(
        {-1, 2, 2, 2},
        [](OnnxWriter& w) {
            w.constant("xs", {}, {0.5})
                .constant("xz", {}, {3}, OnnxType::UInt8)
                .constant("ys", {}, {2})
                .constant("yz", {}, {1}, OnnxType::UInt8);
            w.constant("w", {1, 2, 1, 1}, {130, 125}, OnnxType::UInt8)
                .constant("ws", {}, {1})
                .constant("wz", {1}, {128}, OnnxType::UInt8)
                .constant("b", {1}, {9}, OnnxType::Int32);
            w.node({"QLinearConv", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"}, {"c"}, {}, "q"})
                .node({"Flatten", {"c"}, {"f"}});
            w.constant("v", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, OnnxType::Int8)
                .constant("vs", {2}, {1, 3})
                .constant("vz", {2}, {0, 0}, OnnxType::Int8);
            w.node({"QLinearMatMul", {"f", "ys", "yz", "v", "vs", "vz", "ys", "yz"}, {"y"}});
        },
        13, OnnxType::UInt8);
    CHECK(shapes(m) ==
          "2x2x2 requantize:2x2x2 conv2d:1x2x2 requantize:1x2x2 flatten:4 requantize:4 dense:2 requantize:2");
    CHECK(op_of<Conv2d>(m, 1).weights.real == Reals{2, -3});
    CHECK(type(m.layers[1].weight_type) == "ap_fixed<9,9,AP_RND_CONV,AP_SAT>");
    CHECK(op_of<Conv2d>(m, 1).bias->real == Reals{9});
    CHECK(m.layers[2].name == "q_requantized");
    CHECK(op_of<Requantize>(m, 2).multiplier.raw == std::vector<std::int64_t>{1});  // 0.5 * 1 / 2
    CHECK(op_of<Requantize>(m, 2).shift == std::vector<int>{2});
    CHECK(op_of<Requantize>(m, 2).zero_point_first);
    CHECK(op_of<Requantize>(m, 6).multiplier.raw == std::vector<std::int64_t>{1, 3});
    CHECK(op_of<Requantize>(m, 6).shift == std::vector<int>{0, 0});
    CHECK(type(m.layers[6].result_type) == "ap_ufixed<8,8,AP_RND_CONV,AP_SAT>");
}

TEST_CASE("ONNX: MatMulInteger and ConvInteger give sums of 32 bits") {
    const FloatModel m = imported(
        {-1, 3},
        [](OnnxWriter& w) {
            w.constant("xz", {}, {12}, OnnxType::UInt8)
                .constant("w", {3, 2}, {1, 4, 2, 5, 3, 6}, OnnxType::UInt8)
                .constant("wz", {}, {1}, OnnxType::UInt8);
            w.constant("s", {}, {0.25});
            w.node({"MatMulInteger", {"x", "w", "xz", "wz"}, {"i"}})
                .node({"Cast", {"i"}, {"f"}, {{"to", std::int64_t{1}}}})
                .node({"Mul", {"f", "s"}, {"y"}});
        },
        13, OnnxType::UInt8);
    CHECK(shapes(m) == "3 requantize:3 dense:2 affine:2");
    CHECK(op_of<Dense>(m, 1).weights.real == Reals{0, 3, 1, 4, 2, 5});
    CHECK(type(m.layers[1].result_type) == "ap_fixed<32,32,AP_RND_CONV,AP_SAT>");
    const FloatModel conv = imported(
        {-1, 1, 3, 3},
        [](OnnxWriter& w) {
            w.constant("w", {1, 1, 2, 2}, {1, 1, 1, 1}, OnnxType::UInt8).constant("xz", {}, {1}, OnnxType::UInt8);
            w.node({"ConvInteger", {"x", "w", "xz"}, {"y"}, {{"pads", Ints{1, 1, 1, 1}}}});
        },
        13, OnnxType::UInt8);
    CHECK(shapes(conv) == "1x3x3 requantize:1x3x3 conv2d:1x4x4");
}
