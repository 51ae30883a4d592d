// What moves numbers: layouts, reshapes, transposes, joins; and constants that are computed while the file is read.
#include "bittrue/model/network_file.hpp"
#include "model/onnx_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE("ONNX: the transposes around a channels-first convolution become no layer") {
    const FloatModel m = imported({1, 8, 6, 1}, [](OnnxWriter& w) {
        w.constant("w", {2, 1, 3, 3}, ramp(18)).constant("d", {48, 3}, ramp(144));
        w.node({"Transpose", {"x"}, {"a"}, {{"perm", Ints{0, 3, 1, 2}}}});
        w.node({"Conv", {"a", "w"}, {"b"}, {{"pads", Ints{1, 1, 1, 1}}}})
            .node({"MaxPool", {"b"}, {"c"}, {{"kernel_shape", Ints{2, 1}}, {"strides", Ints{2, 1}}}});
        w.node({"Transpose", {"c"}, {"e"}, {{"perm", Ints{0, 2, 3, 1}}}})
            .node({"Flatten", {"e"}, {"f"}})
            .node({"MatMul", {"f", "d"}, {"y"}});
    });
    CHECK(shapes(m) == "8x6x1 conv2d:8x6x2 max_pool:4x6x2 flatten:48 dense:3");
    CHECK(m.input_shape.layout == Layout::Hwc);
    CHECK_FALSE(op_of<Flatten>(m, 2).order.has_value());
}

TEST_CASE("ONNX: a flatten behind the channels-first side keeps that order") {
    const FloatModel m = imported({1, 2, 3, 4}, [](OnnxWriter& w) {
        w.constant("w", {5, 4, 1, 1}, ramp(20));
        w.node({"Transpose", {"x"}, {"a"}, {{"perm", Ints{0, 3, 1, 2}}}})
            .node({"Conv", {"a", "w"}, {"b"}})
            .node({"Flatten", {"b"}, {"y"}});
    });
    CHECK(shapes(m) == "2x3x4 conv2d:2x3x5 flatten:30");
    CHECK(op_of<Flatten>(m, 1).order == Layout::Chw);
}

TEST_CASE("ONNX: a transpose that matters is a layer") {
    // Rows and columns change places in front of a convolution.
    const FloatModel m = imported({-1, 2, 3, 4}, [](OnnxWriter& w) {
        w.constant("w", {1, 2, 2, 3}, ramp(12));
        w.node({"Transpose", {"x"}, {"a"}, {{"perm", Ints{0, 1, 3, 2}}}}).node({"Conv", {"a", "w"}, {"y"}});
    });
    CHECK(shapes(m) == "2x3x4 transpose:2x4x3 conv2d:1x3x1");
    CHECK(op_of<Transpose>(m, 0).axes == std::array<int, 3>{0, 2, 1});
    CHECK(op_of<Transpose>(m, 0).layout == Layout::Chw);
    // The output is stored as ONNX has it.
    const FloatModel out = imported({-1, 2, 3, 4}, [](OnnxWriter& w) {
        w.node({"Relu", {"x"}, {"r"}}).node({"Transpose", {"r"}, {"y"}, {{"perm", Ints{0, 2, 3, 1}}}});
    });
    CHECK(shapes(out) == "2x3x4 relu:2x3x4 transpose:3x4x2");
    CHECK(op_of<Transpose>(out, 1).axes == std::array<int, 3>{1, 2, 0});
}

TEST_CASE("ONNX: reshapes of every opset, with 0 and -1") {
    for (const int opset : {1, 13}) {
        const auto to = [&](const Ints& target, const Ints& from) {
            return imported(
                from,
                [&](OnnxWriter& w) {
                    w.node({"Relu", {"x"}, {"r"}});
                    if (opset == 1) return void(w.node({"Reshape", {"r"}, {"y"}, {{"shape", target}}}));
                    w.constant("s", {static_cast<std::int64_t>(target.size())}, Reals(target.begin(), target.end()),
                               OnnxType::Int64);
                    w.node({"Reshape", {"r", "s"}, {"y"}});
                },
                opset);
        };
        CHECK(shapes(to({0, -1}, {-1, 2, 3, 4})) == "2x3x4 relu:2x3x4 flatten:24");
        CHECK(shapes(to({1, 24}, {1, 2, 3, 4})) == "2x3x4 relu:2x3x4 flatten:24");
        CHECK(shapes(to({-1, 2, 12}, {-1, 24})) == "24 relu:24 reshape:2x1x12");
        CHECK(shapes(to({789444, 2, 3, 4}, {789444, 24})) == "24 relu:24 reshape:2x3x4");
        CHECK(shapes(to({24}, {1, 24})) == "24 relu:24");
    }
}

TEST_CASE("ONNX: axes of length 1 come and go without a layer") {
    const FloatModel m = imported({-1, 3, 1, 7}, [](OnnxWriter& w) {
        w.constant("two", {1}, {2}, OnnxType::Int64).constant("w", {4, 3, 2}, ramp(24));
        w.node({"Squeeze", {"x", "two"}, {"s"}})
            .node({"Conv", {"s", "w"}, {"c"}})
            .node({"Unsqueeze", {"c", "two"}, {"u"}});
        w.node({"GlobalAveragePool", {"u"}, {"g"}}).node({"Flatten", {"g"}, {"y"}});
    });
    CHECK(shapes(m) == "3x1x7 conv2d:4x1x6 average_pool:4x1x1 flatten:4");
    const FloatModel old = imported(
        {-1, 5},
        [](OnnxWriter& w) {
            w.node({"Unsqueeze", {"x"}, {"u"}, {{"axes", Ints{2, 3}}}})
                .node({"Relu", {"u"}, {"r"}})
                .node({"Squeeze", {"r"}, {"y"}, {{"axes", Ints{2, -1}}}});
        },
        9);
    CHECK(shapes(old) == "5 reshape:5x1x1 relu:5x1x1 flatten:5");
}

TEST_CASE("ONNX: a shape that nodes compute is folded") {
    const FloatModel m = imported(
        {-1, 2, 4, 4},
        [](OnnxWriter& w) {
            w.constant("zero", {}, {0}, OnnxType::Int64).constant("rest", {1}, {-1}, OnnxType::Int64);
            w.node({"Shape", {"x"}, {"s"}}).node({"Gather", {"s", "zero"}, {"n"}, {{"axis", std::int64_t{0}}}});
            w.node({"Unsqueeze", {"n"}, {"u"}, {{"axes", Ints{0}}}})
                .node({"Concat", {"u", "rest"}, {"t"}, {{"axis", std::int64_t{0}}}});
            w.node({"Reshape", {"x", "t"}, {"y"}});
        },
        9);
    CHECK(shapes(m) == "2x4x4 flatten:32");
}

TEST_CASE("ONNX: constants compute with each other by numpy's rules") {
    const FloatModel m = imported({-1, 3}, [](OnnxWriter& w) {
        w.constant("a", {2, 1}, {16, 4}).constant("b", {3}, {0.5, 1, 2}).constant("i", {1}, {1}, OnnxType::Int64);
        w.node({"Pow", {"a", "b"}, {"p"}});                                            // 4 16 256 / 2 4 16
        w.node({"Slice", {"p", "i", "end"}, {"s"}});                                   // 2 4 16
        w.constant("end", {1}, {9e18}, OnnxType::Int64).node({"Sqrt", {"a"}, {"q"}});  // 4 / 2
        w.node({"Gather", {"q", "i"}, {"g"}}).node({"Div", {"s", "g"}, {"d"}});        // 1 2 8
        w.node({"Neg", {"d"}, {"n"}})
            .node({"Reshape", {"n", "shape"}, {"r"}})
            .constant("shape", {2}, {0, -1}, OnnxType::Int64);
        w.node({"Mul", {"x", "r"}, {"y"}});
    });
    CHECK(shapes(m) == "3 affine:3");
    CHECK(op_of<Affine>(m, 0).scale.real == Reals{-1, -2, -8});
}

TEST_CASE("ONNX: an initializer that is reshaped and transposed before it is used") {
    const FloatModel m = imported({-1, 4}, [](OnnxWriter& w) {
        w.constant("w", {3, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
            .constant("s", {2}, {3, -1}, OnnxType::Int64);
        w.node({"Reshape", {"w", "s"}, {"r"}}).node({"Transpose", {"r"}, {"t"}}).node({"MatMul", {"x", "t"}, {"y"}});
    });
    CHECK(op_of<Dense>(m, 0).weights.real == Reals{1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12});
}

TEST_CASE("ONNX: joins along every axis, and of views that are stored otherwise") {
    const auto axis = [](std::int64_t at) {
        const FloatModel m = imported({-1, 2, 3, 4}, [&](OnnxWriter& w) {
            w.node({"Relu", {"x"}, {"r"}}).node({"Concat", {"x", "r"}, {"y"}, {{"axis", at}}});
        });
        return shapes(m).substr(std::string("2x3x4 relu:2x3x4 ").size());
    };
    CHECK(axis(1) == "concat:4x3x4");
    CHECK(axis(2) == "concat:2x6x4");
    CHECK(axis(-1) == "concat:2x3x8");
    // One input channels-last with a transpose, the other made of a vector: the join needs one layout.
    const FloatModel m = imported({-1, 2, 3, 4}, [](OnnxWriter& w) {
        w.constant("w", {4, 4, 1, 1}, ramp(16)).constant("s", {4}, {-1, 4, 2, 3}, OnnxType::Int64);
        w.node({"Transpose", {"x"}, {"t"}, {{"perm", Ints{0, 3, 1, 2}}}}).node({"Conv", {"t", "w"}, {"c"}});
        w.node({"Flatten", {"x"}, {"f"}})
            .node({"Reshape", {"f", "s"}, {"r"}})
            .node({"Concat", {"c", "r"}, {"y"}, {{"axis", std::int64_t{1}}}});
    });
    CHECK(shapes(m) == "2x3x4 conv2d:2x3x4 flatten:24 reshape:4x2x3 transpose:2x3x4 concat:2x3x8 transpose:8x2x3");
}

TEST_CASE("ONNX: layers bear their nodes' names where those are names of their own") {
    const FloatModel m = imported({-1, 3}, [](OnnxWriter& w) {
        w.node({"Relu", {"x"}, {"a"}, {}, "same"})
            .node({"Sigmoid", {"a"}, {"b"}, {}, "same"})
            .node({"Tanh", {"b"}, {"c"}, {}, "x"});
        w.node({"Relu", {"c"}, {"d"}, {}, "bad\nname"})
            .node({"HardSigmoid", {"d"}, {"e"}, {}, "hard"})
            .node({"Relu", {"e"}, {"y"}, {}, "relu_1"});
    });
    std::vector<std::string> names;
    for (const FloatLayer& l : m.layers) names.push_back(l.name);
    CHECK(names == std::vector<std::string>{"relu_2", "sigmoid_1", "tanh_1", "relu_3", "hard_line", "hard", "relu_1"});
    CHECK(m.output == "relu_1");
}

TEST_CASE("ONNX: what does not contribute is left out and said") {
    const FloatModel m = imported({-1, 3}, [](OnnxWriter& w) {
        w.node({"Relu", {"x"}, {"y"}}).node({"TopK", {"x"}, {"z"}}).node({"Dropout", {"y"}, {"unused"}});
    });
    CHECK(shapes(m) == "3 relu:3");
    CHECK(m.notes == std::vector<std::string>{"2 nodes that do not contribute to the output are left out"});
}

TEST_CASE("ONNX: initializers of every element type are arrays by name") {
    OnnxWriter w(13);
    w.input("x", {1, 2}).output("y").node({"Relu", {"x"}, {"y"}});
    for (const bool raw : {true, false}) {
        const std::string r = raw ? "raw" : "typed";
        w.constant("f" + r, {2}, {0.5, -3}, OnnxType::Float, raw).constant("d" + r, {}, {0.1}, OnnxType::Double, raw);
        w.constant("i8" + r, {2}, {-128, 127}, OnnxType::Int8, raw)
            .constant("u8" + r, {2}, {0, 255}, OnnxType::UInt8, raw);
        w.constant("i16" + r, {1}, {-32768}, OnnxType::Int16, raw)
            .constant("i32" + r, {1}, {-2147483648.0}, OnnxType::Int32, raw);
        w.constant("i64" + r, {1}, {-9007199254740992.0}, OnnxType::Int64, raw)
            .constant("u32" + r, {1}, {4294967295.0}, OnnxType::UInt32, raw);
        w.constant("b" + r, {2}, {1, 0}, OnnxType::Bool, raw);
        // 1, -2, the smallest number above zero, 65504; 1 and -0.5 with the exponents of single precision.
        w.constant("h" + r, {4}, {0x3c00, 0xc000, 0x0001, 0x7bff}, OnnxType::Float16, raw);
        w.constant("bf" + r, {2}, {0x3f80, 0xbf00}, OnnxType::BFloat16, raw);
    }
    const TemporaryFolder folder;
    const std::string path = folder.write("weights.bin", w.bytes());
    const std::vector<NamedReals> arrays = read_real_arrays(path);
    REQUIRE(arrays.size() == 22);
    CHECK(import_model(path).arrays.size() == 22);
    const Reals expected[] = {{0.5, -3},
                              {0.1},
                              {-128, 127},
                              {0, 255},
                              {-32768},
                              {-2147483648.0},
                              {-9007199254740992.0},
                              {4294967295.0},
                              {1, 0},
                              {1, -2, 0x1p-24, 65504},
                              {1, -0.5}};
    for (std::size_t i = 0; i < 22; ++i) {
        INFO(arrays[i].name);
        CHECK(arrays[i].tensor.values == expected[i % 11]);
    }
}

TEST_CASE("ONNX: a network file names initializers as it names arrays of any weights file") {
    OnnxWriter w;
    w.constant("fc.weight", {2, 3}, {1, 2, 3, -1, -2, -3});  // out, in
    const TemporaryFolder folder;
    CHECK(folder.write("weights.onnx", w.bytes()).ends_with("weights.onnx"));
    const std::string text = R"(bittrue = 1
weights = "weights.onnx"
[input]
shape = [3]
type = "s8.0"
[[layer]]
name = "fc"
op = "dense"
weights = "fc.weight"
weights_layout = "oi"
bias = false
weight_type = "s8.0"
accumulator = "s20.0"
result = "s20.0"
)";
    const Graph graph = load_network(folder.write("net.toml", text));
    CHECK(std::get<Dense>(graph.nodes[0].op).weights.real == Reals{1, -1, 2, -2, 3, -3});
}
