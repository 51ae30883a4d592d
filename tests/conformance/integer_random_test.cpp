// Random models with quantisers as integer networks: any scale, sign, rounding, join and pool.
#include "conformance/integer_networks.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE(
    "integer network: random chains with any scale, sign, rounding and batch normalisation equal exact rationals") {
    const char* modes[] = {"ROUND", "HALF_UP", "HALF_DOWN", "UP", "DOWN", "CEIL", "FLOOR"};
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const bool ties = seed % 4 == 0;  // scales that are powers of two and simple numbers, so that ties happen
        const auto scale = [&](double low, double high) {
            return ties ? std::ldexp(1.0, static_cast<int>(numbers.at(-4, -1))) : numbers.positive(1, low, high)[0];
        };
        const bool per_channel = seed % 3 == 0;
        const bool bipolar = seed % 5 == 0;
        const FloatModel model = imported({-1, 6}, [&](OnnxWriter& w) {
            w.constant("w1r", {6, 8}, numbers.reals(48, 1.5)).constant("w2r", {8, 5}, numbers.reals(40, 1.5));
            quant(w, "w1r", "w1", per_channel ? numbers.positive(8, 0.05, 0.3) : Reals{scale(0.05, 0.3)}, 0, 4, 1,
                  "ROUND", per_channel ? Ints{1, 8} : Ints{});
            quant(w, "w2r", "w2", {scale(0.05, 0.3)}, 0, bipolar ? 1 : 3, 1);
            quant(w, "x", "xq", {scale(0.05, 0.2)}, 0, 6, 1, modes[seed % 7]);
            w.node({"MatMul", {"xq", "w1"}, {"a"}});
            w.constant("g", {8}, ties ? Reals{1, -1, 0.5, -0.25, 2, 1, 0, -2} : numbers.reals(8, 2))
                .constant("b", {8}, ties ? Reals{0.5, 0.25, 0, -1, 1, 0, 0.75, -0.125} : numbers.reals(8, 1))
                .constant("m", {8}, ties ? Reals(8) : numbers.reals(8, 1))
                .constant("v", {8}, ties ? Reals(8, 1) : numbers.positive(8, 0.5, 2));
            w.node({"BatchNormalization", {"a", "g", "b", "m", "v"}, {"n"}, {{"epsilon", 0.0}}});
            if (seed % 2 == 0) w.node({"Relu", {"n"}, {"r"}});
            const std::string from = seed % 2 == 0 ? "r" : "n";
            quant(w, from, "h", seed % 6 == 5 ? numbers.positive(8, 0.05, 0.4) : Reals{scale(0.05, 0.4)},
                  seed % 7 == 6 ? 3 : 0, bipolar ? 1 : 4, seed % 2 == 0 && !bipolar ? 0 : 1, modes[(seed / 7) % 7],
                  seed % 6 == 5 ? Ints{1, 8} : Ints{});
            w.node({"MatMul", {"h", "w2"}, {"c"}});
            quant(w, "c", "y", {0.25}, 0, 8, 1, modes[seed % 7]);
        });
        const IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 60, 5);
        compare_exactly(model, network, images.exact, images.batch);
    }
}

TEST_CASE("integer network: residual sums and concatenations of different scales are exact") {
    for (std::uint64_t seed = 100; seed < 120; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const FloatModel model = imported({-1, 6}, [&](OnnxWriter& w) {
            w.constant("w1r", {6, 6}, numbers.reals(36, 1)).constant("w2r", {12, 4}, numbers.reals(48, 1));
            quant(w, "w1r", "w1", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "w2r", "w2", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "x", "xq", numbers.positive(1, 0.05, 0.2), 0, 5, 1);
            w.node({"MatMul", {"xq", "w1"}, {"a"}});
            quant(w, "a", "h", numbers.positive(1, 0.05, 0.2), 0, 5, 1);
            w.node({"Add", {"h", "xq"}, {"s"}});
            w.node({"Relu", {"s"}, {"sr"}});
            w.node({"Concat", {"h", "sr"}, {"cat"}, {{"axis", std::int64_t{1}}}});
            w.node({"MatMul", {"cat", "w2"}, {"c"}});
            quant(w, "c", "y", {0.5}, 0, 6, 1);
        });
        IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 40, 5);
        compare_exactly(model, network, images.exact, images.batch);
    }
}

TEST_CASE("integer network: convolutions, pools, per-channel scales and MultiThreshold give the float run's numbers") {
    for (std::uint64_t seed = 200; seed < 216; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const FloatModel model = imported({-1, 2, 7, 7}, [&](OnnxWriter& w) {
            w.constant("w1r", {4, 2, 3, 3}, numbers.reals(72, 1)).constant("w2r", {4, 1, 2, 2}, numbers.reals(16, 1));
            w.constant("w3r", {36, 3}, numbers.reals(108, 1)).constant("b1", {4}, numbers.reals(4, 1));
            quant(w, "w1r", "w1", numbers.positive(4, 0.05, 0.3), 0, 4, 1, "ROUND", {4, 1, 1, 1});
            quant(w, "w2r", "w2", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "w3r", "w3", numbers.positive(1, 0.05, 0.3), 0, 4, 1);
            quant(w, "x", "xq", numbers.positive(1, 0.05, 0.2), 0, 5, 1);
            w.node({"Conv", {"xq", "w1", "b1"}, {"a"}, {{"pads", Ints{1, 1, 1, 1}}}});
            w.node({"MaxPool", {"a"}, {"p"}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{1, 1}}}});
            w.constant("g", {4}, numbers.reals(4, 2)).constant("b", {4}, numbers.reals(4, 1));
            w.constant("m", {4}, numbers.reals(4, 1)).constant("v", {4}, numbers.positive(4, 0.5, 2));
            w.node({"BatchNormalization", {"p", "g", "b", "m", "v"}, {"n"}});
            quant(w, "n", "h", numbers.positive(1, 0.1, 0.4), 0, 4, 1);
            w.node({"Conv", {"h", "w2"}, {"c"}, {{"group", std::int64_t{4}}}});
            Reals t = numbers.reals(4 * 3, 2);
            for (std::size_t i = 0; i < 4; ++i)
                std::sort(t.begin() + static_cast<std::ptrdiff_t>(3 * i),
                          t.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
            w.constant("t", {4, 3}, t);
            w.node({"MultiThreshold",
                    {"c", "t"},
                    {"k"},
                    {{"out_scale", 1.0}, {"out_bias", -1.0}, {"out_dtype", "INT3"}},
                    "",
                    "qonnx.custom_op.general"});
            w.node({"AveragePool", {"k"}, {"q"}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{1, 1}}}});
            w.node({"Flatten", {"q"}, {"f"}});
            w.node({"MatMul", {"f", "w3"}, {"z"}});
            quant(w, "z", "y", {0.25}, 0, 6, 1);
        });
        const IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 30, 5);
        const RunResult run = checked_run(network.graph, images.batch);
        const LayerResult& out = layer_of(run, network.graph.output);
        const explore::FloatRun floats = explore::run_float(model, images.batch);
        const std::vector<double>& expected = values_of(floats, model.output);
        REQUIRE(out.words.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(number_of(out, i) == Exact(expected[i]));
    }
}

TEST_CASE(
    "integer network: QuantizeLinear and DequantizeLinear around layers, and QLinearMatMul, are integers already") {
    for (std::uint64_t seed = 300; seed < 312; ++seed) {
        INFO("seed " << seed);
        Numbers numbers(seed);
        const double out_scale = numbers.positive(1, 0.02, 0.2)[0];
        const FloatModel model = imported({-1, 5}, [&](OnnxWriter& w) {
            Reals weights;
            for (int i = 0; i < 20; ++i) weights.push_back(numbers.at(-127, 127));
            w.constant("xs", {}, numbers.positive(1, 0.01, 0.1))
                .constant("xz", {}, {numbers.at(90, 160)}, OnnxType::UInt8);
            w.constant("w", {5, 4}, weights, OnnxType::Int8).constant("ws", {}, numbers.positive(1, 0.005, 0.02));
            w.constant("wz", {}, {0}, OnnxType::Int8);
            w.constant("ys", {}, {out_scale}).constant("yz", {}, {numbers.at(90, 160)}, OnnxType::UInt8);
            w.node({"QuantizeLinear", {"x", "xs", "xz"}, {"xq"}});
            if (seed % 2 == 0) {
                w.node({"DequantizeLinear", {"xq", "xs", "xz"}, {"xd"}});
                w.node({"DequantizeLinear", {"w", "ws", "wz"}, {"wd"}});
                w.node({"MatMul", {"xd", "wd"}, {"m"}}).node({"QuantizeLinear", {"m", "ys", "yz"}, {"q"}});
            } else {
                w.node({"QLinearMatMul", {"xq", "xs", "xz", "w", "ws", "wz", "ys", "yz"}, {"q"}});
            }
            w.node({"DequantizeLinear", {"q", "ys", "yz"}, {"y"}});
        });
        const IntegerNetwork network = integers_of(model, "ap_fixed<8,3>");
        const Images images = random_images(numbers, model.input_shape, 60, 5);
        const RunResult run = checked_run(network.graph, images.batch);
        const LayerResult& out = layer_of(run, network.graph.output);
        const explore::FloatRun floats = explore::run_float(model, images.batch);
        const std::vector<double>& expected = values_of(floats, model.output);
        REQUIRE(out.words.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const double number = network.scale[0] * static_cast<double>(number_of(out, i)) + network.offset[0];
            // Whole numbers of the scale, so half of one tells them apart.
            REQUIRE(std::abs(number - expected[i]) < out_scale / 1e6);
        }
    }
}

TEST_CASE("integer network: what is no integer is refused by the layer's name, with what to do") {
    const auto refusal = [](const std::function<void(OnnxWriter&)>& fill) {
        const FloatModel model = imported({-1, 4}, fill);
        return error_of([&] { static_cast<void>(integers_of(model, "ap_fixed<8,3>")); });
    };
    const Reals w = ramp(16, 0.1);
    CHECK_THAT(refusal([&](OnnxWriter& f) {
                   f.constant("w", {4, 4}, w).node({"MatMul", {"x", "w"}, {"y"}, {}, "fc"});
               }),
               Catch::Contains("layer 'fc' (MatMul): has weights that are no multiples of a step") &&
                   Catch::Contains("bittrue quantize"));
    const auto quantised = [&](OnnxWriter& f) {
        f.constant("wr", {4, 4}, w);
        quant(f, "wr", "w", {0.3}, 0, 4, 1);
        f.node({"MatMul", {"x", "w"}, {"a"}, {}, "fc"});
    };
    CHECK_THAT(refusal([&](OnnxWriter& f) {
                   quantised(f), f.node({"Sigmoid", {"a"}, {"s"}, {}, "curve"}), quant(f, "s", "y", {0.3}, 0, 4, 1);
               }),
               Catch::Contains("layer 'curve' (Sigmoid): stands inside of the network and has no exact integers"));
    CHECK_THAT(refusal([&](OnnxWriter& f) { quantised(f), quant(f, "a", "y", {0.0003}, 0, 16, 1); }),
               Catch::Contains("quantises to 65536 levels"));
    CHECK_THAT(
        refusal([&](OnnxWriter& f) {
            quantised(f), f.constant("al", {1}, {0.3}).node({"LeakyRelu", {"a"}, {"l"}, {{"alpha", 0.3}}, "leaky"});
            f.node({"MatMul", {"l", "w"}, {"y"}, {}, "fc2"});
        }),
        Catch::Contains("layer 'fc2' (MatMul): reads what layer 'leaky' makes of integers without a quantiser"));
}
