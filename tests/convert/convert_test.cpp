// Conversions of small networks: what they promise of words, formats and accumulators.
#include "bittrue/explore/convert.hpp"

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/explain_conversion.hpp"
#include "bittrue/explore/fingerprint.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "convert/models.hpp"
#include "equalize.hpp"
#include "fit.hpp"
#include "grid_choice.hpp"

using namespace bittrue;
using namespace bittrue::test;
using namespace bittrue::explore;

namespace {

ConvertOptions with_bits(int bits) {
    ConvertOptions o;
    o.bits = {.input = bits, .weight = bits, .bias = bits, .activation = bits, .output = bits};
    return o;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    REQUIRE(a.size() == b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace

TEST_CASE("every word between layers has the bits that were asked for, and both engines agree on all of them") {
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        for (const int bits : {3, 8}) {
            const FloatModel model = small_cnn(seed, seed % 2 == 0);
            const InputBatch batch = random_batch(seed, model.input_shape, 70);
            const Conversion done = convert(model, batch, with_bits(bits));
            CHECK(done.graph.input.type.format.width == bits);
            for (std::size_t i = 0; i < done.graph.nodes.size(); ++i) {
                const Node& node = done.graph.nodes[i];
                INFO(node.name);
                if (done.roles[i] != Role::Wide) CHECK(node.result.format.width == bits);
            }
            const RunOptions all{.keep_layers = true, .progress = {}};
            const RunResult fast = emulator::make_engine(done.graph)->run(batch, all);
            const RunResult slow = golden::make_engine(done.graph)->run(batch, all);
            for (std::size_t i = 0; i < fast.layers.size(); ++i) {
                CHECK(fast.layers[i].words == slow.layers[i].words);
                CHECK(fast.layers[i].events == slow.layers[i].events);
            }
        }
    }
}

TEST_CASE("accumulators that are sized by proof never overflow, and wide results lose nothing") {
    for (std::uint32_t seed = 1; seed <= 8; ++seed) {
        const FloatModel model = small_cnn(seed, false);
        const Conversion done = convert(model, random_batch(seed, model.input_shape, 50), with_bits(5));
        const RunResult run =
            emulator::make_engine(done.graph)->run(random_batch(seed + 100, model.input_shape, 500), {.progress = {}});
        for (std::size_t i = 0; i < done.roles.size(); ++i) {
            CHECK(run.layers[i + 1].events.accumulator.overflows() == 0);
            CHECK(run.layers[i + 1].events.accumulator.inexact == 0);
            if (done.roles[i] != Role::Wide) continue;
            CHECK(run.layers[i + 1].events.result.overflows() == 0);
            CHECK(run.layers[i + 1].events.result.inexact == 0);
        }
    }
}

TEST_CASE("no tensor gets a format of which the upper half is never needed") {
    for (std::uint32_t seed = 70; seed < 82; ++seed) {
        const FloatModel model = small_cnn(seed, seed % 2 == 0);
        const InputBatch batch = random_batch(seed, model.input_shape, 4);
        const FloatRun run = run_float(model, batch, {.keep_layers = true, .progress = {}});
        ConvertOptions options = with_bits(seed % 3 == 0 ? 4 : 8);
        options.equalize = false;  // else the results are other numbers
        const Conversion done = convert(model, batch, options);
        const auto half_empty = [](const WordFormat& format, const std::vector<double>& values) {
            return format.frac < Numbers(values).choose(format.bits, Calibration::Max, 100, format.is_signed).frac;
        };
        INFO(seed);
        CHECK(!half_empty(done.input, run.layers[0].values));
        for (std::size_t i = 0; i < done.layers.size(); ++i)
            if (done.roles[i] == Role::Converter && i + 1 < done.layers.size())
                CHECK(!half_empty(done.layers[i].result, run.layers[i + 1].values));
    }
}

TEST_CASE("a conversion does not depend on the number of threads") {
    const FloatModel model = small_cnn(11, true);
    const InputBatch batch = random_batch(11, model.input_shape, 60);
    ConvertOptions one = with_bits(4), four = with_bits(4);
    one.threads = 1, four.threads = 4;
    const Conversion a = convert(model, batch, one), b = convert(model, batch, four);
    CHECK(fingerprint(a.graph) == fingerprint(b.graph));
    CHECK(a.error == b.error);
}

TEST_CASE("the joint search is never worse on its own images than where it started") {
    for (std::uint32_t seed = 20; seed < 26; ++seed) {
        const FloatModel model = small_cnn(seed, seed % 2 == 0);
        const InputBatch batch = random_batch(seed, model.input_shape, 80);
        ConvertOptions joint = with_bits(4), mse = with_bits(4);
        mse.calibration = Calibration::Mse;
        CHECK(convert(model, batch, joint).error < convert(model, batch, mse).error);
    }
}

TEST_CASE("scaled channels are the same function") {
    for (const Scaling scaling : {Scaling::Tensor, Scaling::Activation, Scaling::Weight, Scaling::Step}) {
        const FloatModel model = small_cnn(5, false);
        const InputBatch batch = random_batch(5, model.input_shape, 30);
        const FloatRun run = run_float(model, batch, {.keep_layers = true, .progress = {}});
        FloatModel scaled = model;
        CHECK(equalize(scaled, structure_of(model), run, scaling, 8, std::vector<int>(model.layers.size(), 3)) == 2);
        CHECK(std::get<Conv2d>(scaled.layers[0].op).weights.real != std::get<Conv2d>(model.layers[0].op).weights.real);
        CHECK(largest_difference(run_float(scaled, batch).layers.back().values, run.layers.back().values) < 1e-12);
    }
}

TEST_CASE("weights that are rounded together make a smaller error than the nearest words") {
    std::mt19937 random(9);
    const FloatModel model = small_cnn(9, false);
    const Operation& op = model.layers[4].op;  // 16 inputs, 12 outputs
    std::vector<double> inputs, targets;
    const std::size_t images = 200;
    for (std::size_t i = 0; i < images; ++i) {  // what images have: neighbours are alike
        double last = 0;
        for (std::size_t k = 0; k < 16; ++k) inputs.push_back(last = std::abs(0.9 * last + draw(random, 0.5)));
    }
    const auto sums = [&](const std::vector<double>& weights, const std::vector<double>& bias) {
        std::vector<double> all;
        for (std::size_t i = 0; i < images; ++i)
            for (std::size_t o = 0; o < 12; ++o) {
                double sum = bias[o];
                for (std::size_t k = 0; k < 16; ++k) sum += inputs[i * 16 + k] * weights[k * 12 + o];
                all.push_back(sum);
            }
        return all;
    };
    targets = sums(weights_of(op)->real, (*bias_of(op))->real);
    const LayerFormats formats{.weight = {3, 2, true}, .bias = {8, 6, true}, .result = {}};
    const auto error = [&](const LayerWords& words) {
        std::vector<double> weights, bias;
        for (const std::int64_t w : words.weights) weights.push_back(static_cast<double>(w) / 4);
        for (const std::int64_t b : words.bias) bias.push_back(static_cast<double>(b) / 64);
        const std::vector<double> got = sums(weights, bias);
        double sum = 0;
        for (std::size_t i = 0; i < got.size(); ++i) sum += (got[i] - targets[i]) * (got[i] - targets[i]);
        return sum;
    };
    const FitTask task{.op = op,
                       .windows = Windows(op, vector_of(16), vector_of(12)),
                       .inputs = inputs,
                       .targets = targets,
                       .images = images};
    FitTask biases = task;
    biases.fit = false;
    const double nearest = error(nearest_words(op, formats)), corrected = error(fit_words(biases, formats)),
                 fitted = error(fit_words(task, formats));
    CHECK(corrected < nearest);
    CHECK(fitted < 0.6 * corrected);
}

TEST_CASE("the windows of a convolution are what it multiplies") {
    std::mt19937 random(4);
    Conv2d conv{.weights = random_reals(random, {2, 3, 2, 4}, 1)};
    conv.groups = 2;
    conv.stride = {2, 1};
    conv.dilation = {1, 2};
    conv.padding = {.top = 1, .bottom = 0, .left = 2, .right = 1};
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        const Shape in = make_map(layout, 4, 5, 6), out = make_map(layout, 4, 3, 5);
        const FloatModel model = one_layer(conv, in, out);
        const InputBatch batch = random_batch(8, in, 1);
        const std::vector<double> expected = run_float(model, batch).layers.back().values;
        const Windows windows(model.layers[0].op, in, out);
        std::vector<double> got(expected.size()), row(windows.columns());
        for (std::size_t g = 0; g < windows.groups(); ++g)
            for (std::size_t p = 0; p < windows.positions(); ++p) {
                windows.row(batch.values, p, g, row.data());
                for (std::size_t o = 0; o < windows.outputs(); ++o) {
                    double sum = 0;
                    for (std::size_t k = 0; k < row.size(); ++k) sum += row[k] * conv.weights.real[k * 4 + g * 2 + o];
                    got[windows.output(p, g, o)] = sum;
                }
            }
        CHECK(largest_difference(got, expected) < 1e-12);
    }
}

TEST_CASE("a budget of weight bits is kept, and one that nothing can keep is refused") {
    const FloatModel model = small_cnn(31, false);
    const InputBatch batch = random_batch(31, model.input_shape, 50);
    ConvertOptions options = with_bits(8);
    options.budget = Budget{1500};  // 324 weights and 21 biases have 2,760 bits
    const Conversion done = convert(model, batch, options);
    CHECK(done.weight_bits == weight_bits(done.graph));
    CHECK(done.weight_bits <= 1500);
    CHECK(done.weight_bits > 1500 - 192);  // one bit less of the largest layer would have been too much
    options.budget = Budget{400};
    CHECK_THROWS_WITH(convert(model, batch, options), Catch::Contains("words of 1 bit"));
}

TEST_CASE("the naive conversion has one format for everything") {
    const FloatModel model = small_cnn(2, false);
    const Graph graph = convert_naively(model, with_bits(8));
    CHECK(graph.input.type == WordFormat{8, 7, true}.type());
    CHECK(std::get<Conv2d>(graph.nodes[0].op).weights.type == WordFormat{8, 7, true}.type());
    CHECK(graph.nodes.back().result == WordFormat{8, 7, true}.type());
}

TEST_CASE("a model that was quantised in training is converted with a note on the exact way") {
    FloatModel model = small_cnn(6, false);
    const InputBatch batch = random_batch(6, model.input_shape, 20);
    const auto notes = [&] {
        return explain_conversion(model, convert(model, batch, with_bits(8)), with_bits(8), batch, {}).notes;
    };
    CHECK(notes().empty());
    model.layers[4].weight_type = WordFormat{4, 3, true}.type();
    REQUIRE(notes().size() == 1);
    CHECK(notes()[0].find("init --exact") != std::string::npos);
}

TEST_CASE("an explanation has a row for the input and for every layer with formats of its own") {
    const FloatModel model = small_cnn(6, true);
    const InputBatch batch = random_batch(6, model.input_shape, 64);
    const ConvertOptions options = with_bits(6);
    const Conversion done = convert(model, batch, options);
    const ConversionReport report = explain_conversion(model, done, options, batch, {});
    std::vector<std::string> names;
    for (const auto& row : report.layers) names.push_back(row.layer);
    CHECK(names == std::vector<std::string>{"x", "conv", "conv_relu", "hidden", "hidden_relu", "out", "softmax"});
    CHECK(report.float_good == 64);
    for (const auto& row : report.layers) {
        INFO(row.layer);
        CHECK(row.good_only_this.has_value());
        CHECK(row.good_all_but_this.has_value());
        CHECK(row.ours.sqnr_db > 10);
    }
    CHECK(report.ours.weight_bits == (72 + 4 + 192 + 12 + 60 + 5) * 6);
}

TEST_CASE("a layer with few bits among layers with many costs what it costs alone") {
    const FloatModel model = small_cnn(6, false);
    const InputBatch batch = random_batch(6, model.input_shape, 200);
    ConvertOptions options = with_bits(14);
    options.calibration = Calibration::Max;
    const auto rows = [&] {
        return explain_conversion(model, convert(model, batch, options), options, batch, {}).layers;
    };
    for (const auto& row : rows()) {
        INFO(row.layer);
        CHECK(row.good_only_this == 200);
        CHECK(row.good_all_but_this == 200);
    }
    options.bits.output = 1;  // of five logits, signed: -1 or 0
    const std::vector<LayerConversion> coarse = rows();
    CHECK(coarse.back().layer == "out");
    CHECK(*coarse.back().good_only_this < 200);
    CHECK(coarse.back().good_all_but_this == 200);
    CHECK(coarse.front().good_only_this == 200);
    CHECK(coarse.front().good_all_but_this == coarse.back().good_only_this);
}

TEST_CASE("what cannot be converted is refused by name") {
    const InputBatch batch = random_batch(1, hwc(6, 6, 2), 4);
    FloatModel quantised = small_cnn(1, false);
    quantised.layers[1].op = Quantize{};
    quantised.layers[1].quantizer = FloatQuantizer{.scale = {0.3}};
    CHECK_THROWS_WITH(convert(quantised, batch, with_bits(8)), Catch::Contains("conv_relu"));
    CHECK_THROWS_AS(convert(small_cnn(1, false), batch, with_bits(17)), InputError);
    CHECK_THROWS_AS(convert(small_cnn(1, false), random_batch(1, vector_of(3), 4), with_bits(8)), InputError);
    CHECK_THROWS_AS(convert(FloatModel{.file = "arrays.npz"}, batch, with_bits(8)), InputError);
}
