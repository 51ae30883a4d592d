#include <cmath>

#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "model/keras_support.hpp"
#include "model/network_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE("a network file becomes a validated graph") {
    const NetworkFolder files;
    const Graph g = files.parse(kSmallNetwork);
    CHECK(g.name == "small");
    CHECK(g.input.name == "in");
    CHECK(g.input.shape == Shape{.layout = Layout::Hwc, .dims = {4, 4, 1}});
    CHECK(g.input.divide == 255);
    CHECK(g.input.float32);
    REQUIRE(g.nodes.size() == 6);
    CHECK(g.output == "softmax");
    const auto& conv = op_of<Conv2d>(g, "conv");
    CHECK(conv.weights.dims == Dims{3, 3, 1, 2});
    CHECK(conv.weights.real == reals({18}).reals);
    CHECK(print_type(conv.weights.type) == "ap_fixed<8,1>");
    CHECK(conv.bias->type == conv.weights.type);
    CHECK(conv.accumulator.type == parse_type("ap_fixed<16,4>"));
    CHECK_FALSE(conv.accumulator.product.has_value());
    CHECK(conv.accumulator.schedule == Schedule::Sequential);
    CHECK(g.nodes[0].inputs == std::vector<std::string>{"in"});
    CHECK(g.nodes[0].result == parse_type("ap_fixed<10,3>"));
    CHECK(g.nodes[2].result == parse_type("ap_ufixed<8,2>"));
    CHECK(g.nodes[3].result == parse_type("ap_ufixed<8,2>"));
    CHECK_FALSE(op_of<Dense>(g, "dense").bias.has_value());
    const auto& softmax = op_of<Softmax>(g, "softmax");
    CHECK(softmax.kind == SoftmaxKind::Stable);
    CHECK(softmax.difference == parse_type("ap_ufixed<9,2>"));
    CHECK(softmax.exp_table.entries.dims == Dims{512});
    CHECK(softmax.inv_table.entries.dims == Dims{1024});
    CHECK(softmax.inv_input == parse_type("ap_fixed<18,8,AP_RND,AP_SAT>"));
}

TEST_CASE("I3: a declared range is read, integers and reals alike, and absent without the key") {
    const NetworkFolder files;
    CHECK_FALSE(files.parse(kSmallNetwork).input.range.has_value());
    const auto with = [&](const std::string& range) {
        std::string text = kSmallNetwork;
        const std::string shape = "shape = [4, 4, 1]\n";
        text.insert(text.find(shape) + shape.size(), "range = " + range + "\n");
        return files.parse(text).input;
    };
    CHECK(with("[0, 1]").range == ValueRange{0, 1});
    CHECK(with("[-0.5, 0.25]").range == ValueRange{-0.5, 0.25});
    const InputRaws raws = input_raws(with("[0.126, 0.5]"));
    CHECK(raws.low == 33);  // 32.256 lsb
    CHECK(raws.high == 128);
}

TEST_CASE("every accumulator can be written") {
    const NetworkFolder files;
    const auto spec = [&](const std::string& keys) {
        return op_of<Conv2d>(files.parse(with("bias = \"conv/bias\"\n", "bias = \"conv/bias\"\n" + keys + "\n")),
                             "conv")
            .accumulator;
    };
    CHECK(spec("product = \"accumulator\"").product == parse_type("ap_fixed<16,4>"));
    CHECK(spec("product = \"ap_fixed<12,4,AP_RND>\"").product == parse_type("ap_fixed<12,4,AP_RND>"));
    CHECK(spec("terms = \"kernel\"").terms == TermOrder::Kernel);
    const AccumulatorSpec interleave = spec("schedule = \"interleave:16\"\nquantize = \"fold\"");
    CHECK(interleave.schedule == Schedule::Interleave);
    CHECK(interleave.group == 16);
    CHECK(interleave.quantize == QuantizeAt::Fold);
    CHECK(spec("schedule = \"cascade:4\"").quantize == QuantizeAt::Fold);
    CHECK(spec("schedule = \"tree\"\nquantize = \"end\"").quantize == QuantizeAt::End);
    CHECK(spec("bias_position = \"last\"\nbias_cast = \"s12.4\"").bias == BiasPosition::Last);
    CHECK(spec("bias_cast = \"s12.4\"").bias_cast == parse_type("s12.4"));
    CHECK(spec("accumulator = \"ac_fixed<20,6,true,AC_RND>\"").type == parse_type("ac_fixed<20,6,true,AC_RND>"));
    const std::string defaults =
        with("[defaults]\n", "[defaults]\nproduct = \"accumulator\"\nschedule = \"fold:2\"\nbias_cast = \"s12.4\"\n");
    const AccumulatorSpec inherited = op_of<Conv2d>(files.parse(defaults), "conv").accumulator;
    CHECK(inherited.schedule == Schedule::Fold);
    CHECK(inherited.product == inherited.type);
    CHECK(inherited.bias_cast.has_value());
    CHECK_FALSE(
        op_of<Conv2d>(
            files.parse(with("bias = \"conv/bias\"\n", "bias = \"conv/bias\"\nbias_cast = false\n", defaults)), "conv")
            .accumulator.bias_cast.has_value());
}

TEST_CASE("the dialect is that of types in neutral notation") {
    const NetworkFolder files;
    const Graph g = files.parse(with("weights = \"w.npz\"", "dialect = \"ac\"\nweights = \"w.npz\"",
                                     with("result = \"ap_fixed<10,3>\"", "result = \"s10.7\"")));
    CHECK(g.nodes[0].result.dialect == Dialect::Ac);
    CHECK(g.input.type.dialect == Dialect::Ap);
}

TEST_CASE("weights are transposed to the canonical layout") {
    const NetworkFolder files;
    const auto torch = op_of<Dense>(
        files.parse(with("weights = \"dense/kernel\"", "weights = \"dense/torch\"\nweights_layout = \"oi\"")), "dense");
    CHECK(torch.weights.dims == Dims{2, 3});
    CHECK(torch.weights.real == std::vector<double>{0.0625, 0.1875, 0.3125, 0.125, 0.25, 0.375});
    const auto conv = op_of<Conv2d>(
        files.parse(with("weights = \"conv/kernel\"", "weights = \"oihw\"\nweights_layout = \"oihw\"")), "conv");
    CHECK(conv.weights.dims == Dims{3, 3, 1, 2});
    for (std::size_t o = 0; o < 2; ++o) {
        for (std::size_t k = 0; k < 9; ++k)
            CHECK(conv.weights.real[k * 2 + o] == 0.0625 * static_cast<double>(o * 9 + k + 1));
    }
}

TEST_CASE("weights may be raw words, lists, or files of their own") {
    const NetworkFolder files;
    const auto weights = [&](const std::string& value) {
        return op_of<Dense>(files.parse(with("weights = \"dense/kernel\"", "weights = " + value)), "dense").weights;
    };
    CHECK(weights("{ array = \"raw\", raw = true }").raw == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6});
    CHECK(weights("\"raw\"").real == std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(weights("{ raw = [[-128, 127, 0], [1, \"0xff\", 3]], shape = [2, 3] }").raw ==
          std::vector<std::int64_t>{-128, 127, 0, 1, -1, 3});
    CHECK(weights("{ real = [0.5, 1, 2, 3, 4, 5], shape = [2, 3] }").real == std::vector<double>{0.5, 1, 2, 3, 4, 5});
    CHECK(weights("{ raw = [[-128, 127, 0], [1, \"0xff\", 3]] }").dims == Dims{2, 3});
    CHECK(weights("{ real = [[0.5, 1, 2], [3, 4, 5]] }").real == std::vector<double>{0.5, 1, 2, 3, 4, 5});
    CHECK(weights("{ real = [[0.5, 1], [2, 3], [4, 5]], shape = [2, 3] }").dims == Dims{2, 3});
    write_npy(files.folder().file("own.npy"), integers({2, 3}));
    CHECK(weights("{ file = \"own.npy\", raw = true }").raw.size() == 6);
    CHECK(weights("{ file = \"w.npz\", array = \"dense/kernel\" }").real.size() == 6);
    const auto dense =
        op_of<Dense>(files.parse(with("bias = false", "bias = { raw = [1, 2, 3] }\nbias_type = \"s8.2\"")), "dense");
    CHECK(dense.bias->raw == std::vector<std::int64_t>{1, 2, 3});
    CHECK(dense.bias->dims == Dims{3});
    CHECK(op_of<Dense>(files.parse(with("bias = false", "bias = false\nquantizer = \"sign\"")), "dense")
              .weights.quantizer == WeightQuantizer::Sign);
}

TEST_CASE("nested lists are arrays of as many axes") {
    const NetworkFolder files;
    const auto conv = op_of<Conv2d>(
        files.parse(with("weights = \"conv/kernel\"",
                         "weights = { raw = [[[[1, 2]], [[3, 4]], [[5, 6]]], [[[1, 2]], [[3, 4]], [[5, 6]]],\n"
                         "[[[7, 8]], [[9, 10]], [[11, 12]]]] }")),
        "conv");
    CHECK(conv.weights.dims == Dims{3, 3, 1, 2});
    CHECK(conv.weights.raw == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    const auto torch =
        op_of<Dense>(files.parse(with("weights = \"dense/kernel\"",
                                      "weights = { real = [[1, 2], [3, 4], [5, 6]] }\nweights_layout = \"oi\"")),
                     "dense");
    CHECK(torch.weights.dims == Dims{2, 3});
    CHECK(torch.weights.real == std::vector<double>{1, 3, 5, 2, 4, 6});
    CHECK(op_of<Conv2d>(files.parse(with("bias = \"conv/bias\"", "bias = { raw = [[1], [2]] }")), "conv").bias->dims ==
          Dims{2});
}

TEST_CASE("geometry of convolutions and pools") {
    const NetworkFolder files;
    const auto dense_of = [](const std::string& inputs, std::size_t numbers, const std::string& text) {
        return with("weights = \"dense/kernel\"",
                    "weights = { real = [" + joined(std::vector<std::string>(numbers, "0.5")) + "], shape = [" +
                        inputs + ", 3] }",
                    text);
    };
    const Graph g = files.parse(dense_of(
        "4", 12, with("bias = \"conv/bias\"\n", "bias = \"conv/bias\"\nstride = [1, 2]\npadding = \"same\"\n")));
    CHECK(op_of<Conv2d>(g, "conv").padding == Padding{.top = 1, .bottom = 1, .left = 0, .right = 1});
    CHECK(op_of<Conv2d>(g, "conv").stride == std::array<int, 2>{1, 2});
    const std::string chw = with("op = \"flatten\"", "op = \"flatten\"\norder = \"chw\"");
    const Graph p = files.parse(
        dense_of("8", 24,
                 with("op = \"max_pool\"",
                      "op = \"max_pool\"\npool = 2\nstride = 1\npadding = [1, 0, 0, 1]\npad_rule = \"msb\"", chw)));
    const auto& pool = op_of<MaxPool>(p, "pool");
    CHECK(pool.padding == Padding{.top = 1, .bottom = 0, .left = 0, .right = 1});
    CHECK(pool.pad_rule == PoolPadding::Msb);
    CHECK(op_of<Flatten>(p, "flat").order == Layout::Chw);
    const Graph a = files.parse(
        with("op = \"max_pool\"",
             "op = \"average_pool\"\ndivide = \"RND\"\ncount_padding = true\naccumulator = \"ap_ufixed<12,4>\""));
    CHECK(op_of<AveragePool>(a, "pool").divide == Rounding::Rnd);
    CHECK(op_of<AveragePool>(a, "pool").count_padding);
    CHECK(op_of<AveragePool>(a, "pool").accumulator == parse_type("ap_ufixed<12,4>"));
}

TEST_CASE("the other operations") {
    const NetworkFolder files;
    const auto replaced = [&](const std::string& op) { return files.parse(with("op = \"relu\"", op)); };
    CHECK(op_of<ClippedRelu>(replaced("op = \"clipped_relu\"\nmax = 6"), "relu").max == 6);
    CHECK(op_of<LeakyRelu>(replaced("op = \"leaky_relu\"\nalpha = 0.25"), "relu").alpha.real ==
          std::vector<double>{0.25});
    CHECK(op_of<LeakyRelu>(replaced("op = \"leaky_relu\"\nalpha = { raw = [3] }\nalpha_type = \"s4.3\""), "relu")
              .alpha.raw == std::vector<std::int64_t>{3});
    CHECK(std::holds_alternative<Quantize>(replaced("op = \"quantize\"").nodes[1].op));
    const auto sigmoid = op_of<Lookup>(replaced("op = \"sigmoid\"\ntable_size = 64\ntable_type = \"s12.9\""), "relu");
    CHECK(sigmoid.table.entries.real == sigmoid_table(64, parse_type("s12.9")).entries.real);
    CHECK(sigmoid.span == 16);
    CHECK(op_of<Lookup>(replaced("op = \"tanh\""), "relu").span == 8);
    const auto rom = op_of<Lookup>(
        replaced("op = \"lookup\"\ntable = { raw = [1, 2, 3, 4] }\ntable_type = \"u8.0\"\nindex = \"bits\""), "relu");
    CHECK(rom.table.entries.raw == std::vector<std::int64_t>{1, 2, 3, 4});
    CHECK(rom.index == TableIndex::Bits);
    const Graph added =
        files.parse(kSmallNetwork + "\n[[layer]]\nname = \"sum\"\nop = \"add\"\ninputs = [\"softmax\", \"dense\"]\n");
    CHECK(added.output == "sum");
    const Graph reshaped = files.parse(
        kSmallNetwork + "\n[[layer]]\nname = \"r\"\nop = \"reshape\"\nshape = [3, 1, 1]\nlayout = \"chw\"\n");
    CHECK(reshaped.nodes.back().shape == Shape{.layout = Layout::Chw, .dims = {3, 1, 1}});
}

TEST_CASE("the kinds of softmax") {
    const NetworkFolder files;
    const auto softmax = [&](const std::string& keys) {
        return op_of<Softmax>(files.parse(with("op = \"softmax\"", "op = \"softmax\"\n" + keys)), "softmax");
    };
    CHECK(softmax("kind = \"latency\"").exp_table.entries.real ==
          latency_exp_table(1024, parse_type("ap_fixed<18,8,AP_RND,AP_SAT>"), parse_type("ap_fixed<10,3>").format)
              .entries.real);
    CHECK(softmax("kind = \"legacy\"\nexp_table_size = 256").exp_table.entries.dims == Dims{256});
    CHECK(softmax("kind = \"argmax\"").exp_table.entries.dims.empty());
    const Softmax own = softmax(
        "difference = \"ap_ufixed<7,5>\"\nexp_table_size = 128\nexp_table_type = \"s12.4\"\naccumulator = "
        "\"s20.8\"\ninv_input = \"s16.8\"\ninv_table_size = 32");
    CHECK(own.exp_table.entries.real ==
          stable_exp_table(128, parse_type("s12.4"), parse_type("ap_ufixed<7,5>").format).entries.real);
    CHECK(own.inv_table.entries.real ==
          inverse_table(32, own.inv_table.entries.type, parse_type("s16.8").format).entries.real);
    CHECK(own.accumulator == parse_type("s20.8"));
}

TEST_CASE("batch normalisation is folded when the network is loaded") {
    const NetworkFolder files;
    const std::string norm =
        "batch_norm = { gamma = \"stats\", mean = \"stats\", variance = \"stats\", epsilon = 0.5 }\n";
    const auto conv =
        op_of<Conv2d>(files.parse(with("bias = \"conv/bias\"\n", "bias = \"conv/bias\"\n" + norm)), "conv");
    const double k = 0.0625 / std::sqrt(0.0625 + 0.5);
    CHECK(conv.weights.real[0] == 0.0625 * k);
    CHECK(conv.bias->real[0] == 0.0);
    CHECK_THAT(files.refusal(with("bias = \"conv/bias\"\n", "bias = { raw = [1, 2] }\n" + norm)),
               Catch::Contains("raw words cannot be folded"));
}

TEST_CASE("an imported model written as a network file loads as the same layers") {
    const TemporaryFolder folder;
    const std::vector<std::string> layers{input("[null, 6, 5, 1]"),
                                          layer("Conv2D", "c", R"("strides": [1, 1], "padding": "same")"),
                                          layer("BatchNormalization", "bn"),
                                          layer("LeakyReLU", "leaky", R"("alpha": 0.1)"),
                                          layer("MaxPooling2D", "p"),
                                          layer("AveragePooling2D", "q", R"("pool_size": [1, 2])"),
                                          layer("Flatten", "f"),
                                          layer("Dense", "d", R"("activation": "tanh")"),
                                          layer("ReLU", "six \"quoted\"", R"("max_value": 6.0)"),
                                          layer("Dense", "e", R"("activation": "softmax")")};
    // A name with quotes has to survive JSON as well.
    std::vector<std::string> escaped = layers;
    escaped[8] = layer("ReLU", "six \\\"quoted\\\"", R"("max_value": 6.0)");
    const KerasWeights norm{"bn",
                            {{"bn/gamma:0", {2}, {2, 0.5}},
                             {"bn/beta:0", {2}, {0.25, -1}},
                             {"bn/moving_mean:0", {2}, {0.5, 1}},
                             {"bn/moving_variance:0", {2}, {3.75, 0.5}}}};
    write_keras(folder.file("m.h5"), sequential(escaped),
                {conv_weights("c", 3, 1, 2), norm, dense_weights("d", 6, 4), dense_weights("e", 4, 3)});
    const FloatModel model = import_model(folder.file("m.h5"));
    InitOptions options;
    options.type = "s12.6";
    options.accumulator = "ac_fixed<24,10,true>";
    options.weights_file = weights_path_for(folder.file("m.h5"), folder.file("sub/net.toml"));
    CHECK(options.weights_file == "../m.h5");
    std::filesystem::create_directory(folder.path() / "sub");
    write_file(folder.file("sub/net.toml"), print_network(model, options));
    const Graph g = load_network(folder.file("sub/net.toml"));
    REQUIRE(g.nodes.size() == model.layers.size());
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
        INFO(model.layers[i].name);
        CHECK(g.nodes[i].name == model.layers[i].name);
        CHECK(g.nodes[i].inputs == model.layers[i].inputs);
        CHECK(g.nodes[i].shape == model.layers[i].shape);
        CHECK(op_name(g.nodes[i].op) == op_name(model.layers[i].op));
        CHECK(g.nodes[i].result == parse_type("s12.6"));
    }
    CHECK(g.output == model.output);
    CHECK(g.input.divide == 255);
    const auto& conv = std::get<Conv2d>(g.nodes[0].op);
    CHECK(conv.weights.real == std::get<Conv2d>(model.layers[0].op).weights.real);
    CHECK(conv.bias->real == std::get<Conv2d>(model.layers[0].op).bias->real);
    CHECK(conv.padding == std::get<Conv2d>(model.layers[0].op).padding);
    CHECK(conv.accumulator.type == parse_type("ac_fixed<24,10,true>"));
    CHECK(conv.accumulator.product == conv.accumulator.type);
    CHECK(op_of<LeakyRelu>(g, "leaky").alpha.real == std::vector<double>{0.1});
}

TEST_CASE("a file with arrays only cannot become a network file, but its arrays are listed") {
    const NetworkFolder files;
    const FloatModel model = import_model(files.folder().file("w.npz"));
    CHECK(model.layers.empty());
    CHECK(model.arrays.size() == 7);
    CHECK_THAT(error_of([&] { static_cast<void>(print_network(model, {})); }),
               Catch::Contains("conv/conv/kernel:0 (3x3x1x2)"));
}

TEST_CASE("the complete example of the documentation loads") {
    const std::string page = read_file(BITTRUE_SOURCE_DIR "/docs/network_file.md");
    const std::size_t start = page.find("```toml\n");
    REQUIRE(start != std::string::npos);
    const std::string example = page.substr(start + 8, page.find("```\n", start + 8) - start - 8);
    const Graph g = parse_network(example, BITTRUE_SOURCE_DIR "/examples/mnist-cnn/documentation.toml");
    CHECK(g.name == "mnist-cnn");
    CHECK(g.nodes.size() == 7);
    CHECK(op_of<Dense>(g, "dense").accumulator.schedule == Schedule::Interleave);
    CHECK(op_of<Softmax>(g, "dense_1_softmax").exp_table.entries.dims == Dims{128});
}
