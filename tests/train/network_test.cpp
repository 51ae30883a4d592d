// Which networks can be trained, and that a trained one runs as training computed.
#include <catch2/catch.hpp>

#include "bittrue/emulator/training.hpp"
#include "bittrue/explore/train_network.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/network_save.hpp"
#include "train/small.hpp"

using namespace bittrue;
using namespace bittrue::explore;
using test::replaced;
using test::small_network;

namespace {

TrainableNetwork trainable(const std::string& text, const TrainingSettings& settings = {}) {
    return trainable_network(parse_network(text, "net.toml"), settings, "net.toml");
}

std::string refusal(const std::string& text, const TrainingSettings& settings = {}) {
    try {
        (void)trainable(text, settings);
    } catch (const InputError& e) {
        return e.what();
    }
    return "taken";
}

TrainingBatch noise(std::size_t images, std::size_t pixels, std::uint64_t seed) {
    TrainingBatch batch;
    for (std::size_t i = 0; i < images * pixels; ++i) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        batch.pixels.push_back(static_cast<std::uint8_t>(seed >> 56U));
    }
    for (std::size_t i = 0; i < images; ++i) batch.labels.push_back(static_cast<std::uint8_t>(i % 3));
    return batch;
}

InputBatch values_of(const Graph& graph, const TrainingBatch& batch) {
    InputBatch in{.images = batch.labels.size(), .dims = graph.input.shape.dims, .values = {}};
    for (const std::uint8_t pixel : batch.pixels) in.values.push_back(pixel_value(pixel, graph.input));
    return in;
}

}  // namespace

TEST_CASE("train: the layers of a chain with their shapes, scales and names") {
    const TrainableNetwork t = trainable(small_network());
    REQUIRE(t.network.layers.size() == 2);
    const TrainingLayer& conv = t.network.layers[0];
    CHECK(conv.name == "conv");
    CHECK(conv.input == MapShape{1, 6, 6});
    CHECK(conv.sums == MapShape{2, 4, 4});
    CHECK(conv.output == MapShape{2, 2, 2});
    CHECK(conv.scale == 1);
    CHECK(conv.forward.width == 0);
    CHECK(t.network.layers[1].input == MapShape{2, 2, 2});
    CHECK(t.network.layers[1].sums == MapShape{3, 1, 1});
    CHECK(t.nodes == std::vector<std::size_t>{0, 4});
    CHECK_FALSE(t.channels_last);
}

TEST_CASE("H15: an accumulator of the file is taken over where it may overflow, and no other") {
    const TrainingAccumulator narrow = trainable(small_network("ap_fixed<4,2>")).network.layers[0].forward;
    CHECK(narrow.width == 4);
    CHECK_FALSE(narrow.saturate);
    CHECK(trainable(small_network("ap_fixed<4,2,AP_TRN,AP_SAT>")).network.layers[0].forward.saturate);
    CHECK(trainable(small_network("ap_fixed<9,3>")).network.layers[0].forward.width == 0);  // finer, and wide enough
    TrainingSettings other;
    other.bits.weights = 4;  // the file's types belong to other bits
    CHECK(trainable(small_network("ap_fixed<4,2>"), other).network.layers[0].forward.width == 0);
}

TEST_CASE("train: what it cannot train is named with layer, operation and remedy") {
    const std::string net = small_network();
    CHECK_THAT(refusal(replaced(net, "op = \"relu\"", "op = \"quantize\"")),
               Catch::Contains("layer 'act' (quantize): cannot be trained"));
    CHECK_THAT(refusal(replaced(net, "max = 1", "max = 2")),
               Catch::Contains("layer 'end' (clipped_relu): has another max than 1"));
    CHECK_THAT(refusal(replaced(net, "op = \"max_pool\"", "op = \"max_pool\"\npool = 1\nstride = 2")),
               Catch::Contains("layer 'pool' (max_pool): has windows that overlap"));
    CHECK_THAT(refusal(small_network("ap_fixed<4,3>")),
               Catch::Contains("layer 'conv' (conv2d): has the accumulator ap_fixed<4,3>"));
    CHECK_THAT(refusal(small_network("ap_fixed<4,2,AP_TRN,AP_SAT_SYM>")),
               Catch::Contains("training knows WRAP and SAT"));
    CHECK_THAT(refusal(replaced(small_network("ap_fixed<4,2>"), "terms = \"kernel\"", "terms = \"input\"")),
               Catch::Contains("terms = \"kernel\""));
    const auto end = net.find("[[layer]]\nname = \"end\"");
    CHECK_THAT(refusal(net.substr(0, end)), Catch::Contains("ends without a clipped_relu"));
    std::string biased = net;
    CHECK_THAT(refusal(replaced(biased, "bias = false", "bias = { real = [0.5, 0.5] }\nbias_type = \"ap_fixed<4,2>\"")),
               Catch::Contains("layer 'conv' (conv2d): has a bias"));
    const auto act = net.find("[[layer]]\nname = \"act\"");
    const auto flat = net.find("[[layer]]\nname = \"flat\"");
    CHECK_THAT(refusal(net.substr(0, act) + net.substr(flat)),
               Catch::Contains("layer 'flat' (flatten): stands between"));
    const auto pool = net.find("[[layer]]\nname = \"pool\"");
    const std::string swapped =
        net.substr(0, pool) + net.substr(act, flat - act) + net.substr(pool, act - pool) + net.substr(flat);
    CHECK_THAT(refusal(swapped), Catch::Contains("layer 'pool' (max_pool): does not stand right behind a conv2d"));
    std::string rows_first =
        replaced(net, "shape = [1, 6, 6]\nlayout = \"chw\"", "shape = [6, 6, 1]\nlayout = \"hwc\"");
    CHECK_THAT(refusal(rows_first), Catch::Contains("order = \"chw\""));
    CHECK(refusal(replaced(rows_first, "op = \"flatten\"", "op = \"flatten\"\norder = \"chw\"")) == "taken");
}

TEST_CASE("H2 to H5: a trained graph runs in golden as a training step computed, for all bits") {
    const Graph graph = parse_network(small_network("ap_fixed<4,2>"), "net.toml");
    const TrainingBatch batch = noise(24, 36, 7);
    for (int w = 1; w <= 8; ++w) {
        for (int a = 1; a <= 8; ++a) {
            TrainingSettings settings;
            settings.bits.weights = w;
            settings.bits.activations = a;
            settings.bits.gradients = 2 + (w + a) % 15;
            CAPTURE(w, a, settings.bits.gradients);
            const TrainableNetwork t = trainable_network(graph, settings, "net.toml");
            const TrainingState state = initial_state(t.network, 5);
            TrainingState stepped = state;
            StepTrace trace;
            emulator::Trainer(t.network, 1).step(stepped, batch.pixels, batch.labels, {}, &trace);
            const Graph trained = trained_graph(graph, t, settings, weight_values(t.network, state));
            const RunResult run = golden::make_engine(trained)->run(values_of(trained, batch), {.keep_layers = true});
            const auto widened = [](const std::vector<std::int32_t>& v) {
                return std::vector<std::int64_t>(v.begin(), v.end());
            };
            CHECK(run.layers[0].words == widened(trace.input));
            CHECK(run.layers[1].words == trace.layers[0].sums);
            CHECK(run.layers[3].words == widened(trace.layers[0].activations));
            CHECK(run.layers[5].words == trace.layers[1].sums);
            CHECK(run.layers[6].words == widened(trace.layers[1].activations));
        }
    }
}

TEST_CASE("a network file keeps its training table, and its arrays may bear the layers' names") {
    const Graph graph = parse_network(small_network("ap_fixed<5,3>", R"([training]
bits = { weights = 2, activations = 1, gradients = 10, errors = 6, randomizer = 5 }
learning_rate = "ap_ufixed<6,0>"
randomizer = { width = 8, taps = "0xb8" }
store = "wrap"
zero_scale = "nan"
gradient_accumulator = { width = 20, overflow = "saturate" }
[[training.layer]]
name = "fc"
error_accumulator = { width = 12 }
)"),
                                      "net.toml");
    REQUIRE(graph.training);
    const TrainingSettings& s = *graph.training;
    CHECK(print_training_bits(s.bits) == "2/1/10/6/5");
    CHECK(s.rate_width == 6);
    CHECK(s.rate_frac == 6);
    CHECK(s.randomizer.taps == 0xb8);
    CHECK(s.store == WeightStore::Wrap);
    CHECK(s.zero_scale == ZeroScale::Nan);
    const TrainableNetwork t = trainable_network(graph, s, "net.toml");
    CHECK(t.network.layers[0].gradient.width == 20);
    CHECK(t.network.layers[0].gradient.saturate);
    CHECK(t.network.layers[0].error.width == 0);
    CHECK(t.network.layers[1].error.width == 12);
    const NetworkText text = network_text(graph, "w.npz", ArrayNames::Layer);
    REQUIRE(text.arrays.size() == 2);
    CHECK(text.arrays[0].name == "conv");
    CHECK(network_text(graph, "w.npz", ArrayNames::LayerAndRole).arrays[0].name == "conv/weights");
    const std::string table =
        text.text.substr(text.text.find("[training]"), text.text.find("[[layer]]") - text.text.find("[training]"));
    const Graph again = parse_network(small_network("ap_fixed<5,3>", table), "net.toml");
    CHECK(network_text(again, "w.npz", ArrayNames::Layer).text == text.text);
}

TEST_CASE("the first layer has no error accumulator of its own, because nothing goes back from it") {
    const Graph graph = parse_network(
        small_network("ap_fixed<5,3>",
                      "[training]\n[[training.layer]]\nname = \"conv\"\nerror_accumulator = { width = 12 }\n"),
        "net.toml");
    REQUIRE(graph.training);
    CHECK_THROWS_WITH(trainable_network(graph, *graph.training, "net.toml"),
                      Catch::Contains("layer 'conv'") && Catch::Contains("error_accumulator"));
}

TEST_CASE("a training table says what is wrong with it") {
    const auto with = [](const std::string& line) {
        try {
            (void)parse_network(small_network("ap_fixed<5,3>", "[training]\n" + line + "\n"), "net.toml");
        } catch (const InputError& e) {
            return std::string(e.what());
        }
        return std::string("taken");
    };
    CHECK_THAT(with("bit = 3"), Catch::Contains("bits"));
    CHECK_THAT(with("bits = { weights = 9 }"), Catch::Contains("8"));
    CHECK_THAT(with("randomizer = { width = 8 }"), Catch::Contains("taps"));
    CHECK_THAT(with("randomizer = { width = 8, taps = \"0x38\" }"), Catch::Contains("bit 7"));
    CHECK_THAT(with("randomizer = { width = 4, taps = \"0x9\" }"), Catch::Contains("8"));
    CHECK_THAT(with("learning_rate = \"ap_fixed<8,1>\""), Catch::Contains("unsigned"));
    CHECK_THAT(with("error_accumulator = { width = 1 }"), Catch::Contains("2 to 63"));
    CHECK_THAT(with("[[training.layer]]\nname = \"act\""), Catch::Contains("'act' is no dense or conv2d layer"));
    CHECK(with("bits = { weights = 8 }") == "taken");
}
