// Weights with a format for each output channel, and the requantize layers that bring channels to one.
#include "channel_formats.hpp"

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/explain_conversion.hpp"
#include "bittrue/explore/float_engine.hpp"
#include "bittrue/golden/golden.hpp"
#include "convert/models.hpp"
#include "workbench.hpp"

using namespace bittrue;
using namespace bittrue::test;
using namespace bittrue::explore;

namespace {

// Channels of very different sizes, which is what formats of their own are for.
FloatModel uneven(FloatModel model) {
    for (FloatLayer& layer : model.layers) {
        if (!multiplies_weights(layer.op)) continue;
        Parameter& weights = *weights_of(layer.op);
        const auto channels = static_cast<std::size_t>(weights.dims.back());
        for (std::size_t i = 0; i < weights.real.size(); ++i)
            weights.real[i] *= std::exp2(-1.3 * static_cast<double>(i % channels % 4));
    }
    return model;
}

ConvertOptions options_of(PerChannel how, int bits) {
    ConvertOptions o;
    o.per_channel = how;
    o.bits = {.input = 8, .weight = bits, .bias = 8, .activation = 8, .output = 8};
    return o;
}

}  // namespace

TEST_CASE("a format for each channel gives networks on which both engines agree, in chains and branches") {
    for (const PerChannel how : {PerChannel::PowerOfTwo, PerChannel::Multiplier}) {
        for (std::uint32_t seed = 1; seed <= 4; ++seed) {
            const FloatModel model = uneven(seed % 2 == 0 ? small_cnn(seed, seed == 2) : residual_cnn(seed));
            const InputBatch batch = random_batch(seed, model.input_shape, 50);
            const Conversion done = convert(model, batch, options_of(how, seed < 3 ? 4 : 8));
            const RunOptions all{.keep_layers = true, .progress = {}};
            const InputBatch others = random_batch(seed + 70, model.input_shape, 40);
            const RunResult fast = emulator::make_engine(done.graph)->run(others, all);
            const RunResult slow = golden::make_engine(done.graph)->run(others, all);
            int rescalers = 0;
            for (std::size_t i = 0; i < done.graph.nodes.size(); ++i) {
                INFO(done.graph.nodes[i].name);
                CHECK(fast.layers[i + 1].words == slow.layers[i + 1].words);
                CHECK(fast.layers[i + 1].events == slow.layers[i + 1].events);
                if (!std::holds_alternative<Requantize>(done.graph.nodes[i].op)) continue;
                ++rescalers;
                if (done.roles[i] != Role::Wide) continue;
                CHECK(fast.layers[i + 1].events.result.overflows() == 0);
                CHECK(fast.layers[i + 1].events.result.inexact == 0);
            }
            CHECK(rescalers == (seed % 2 == 0 ? 3 : 4));
        }
    }
}

TEST_CASE("channels with formats of their own are the same function in float") {
    for (const PerChannel how : {PerChannel::PowerOfTwo, PerChannel::Multiplier}) {
        const FloatModel model = uneven(residual_cnn(9));
        const InputBatch batch = random_batch(9, model.input_shape, 20);
        const Widths widths{.input = 8,
                            .weight = std::vector<int>(model.layers.size(), 4),
                            .result = std::vector<int>(model.layers.size(), 8)};
        const FloatModel scaled = with_channel_formats(model, how, widths);
        CHECK(scaled.layers.size() == model.layers.size() + 4);
        CHECK(without_rescalers(with_rescalers(widths, scaled), scaled) == widths);
        const std::vector<double> a = run_float(model, batch).layers.back().values,
                                  b = run_float(scaled, batch).layers.back().values;
        REQUIRE(a.size() == b.size());
        for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).margin(1e-9));
    }
}

TEST_CASE("uneven channels lose less with formats of their own") {
    for (std::uint32_t seed = 11; seed < 14; ++seed) {
        const FloatModel model = uneven(residual_cnn(seed));
        const InputBatch batch = random_batch(seed, model.input_shape, 80);
        const auto error = [&](PerChannel how) {
            ConvertOptions options = options_of(how, 4);
            options.calibration = Calibration::Mse;
            return convert(model, batch, options).error;
        };
        const double one = error(PerChannel::No);
        CHECK(error(PerChannel::PowerOfTwo) < one);
        CHECK(error(PerChannel::Multiplier) < one);
    }
}

TEST_CASE("a layer that rescales shifts only where factors are powers of two, and its bits count") {
    const FloatModel model = uneven(small_cnn(15, false));
    const InputBatch batch = random_batch(15, model.input_shape, 40);
    const std::int64_t plain = (72 + 192 + 60) * 4 + (4 + 12 + 5) * 8;
    CHECK(convert(model, batch, options_of(PerChannel::No, 4)).weight_bits == plain);
    for (const PerChannel how : {PerChannel::PowerOfTwo, PerChannel::Multiplier}) {
        const Conversion done = convert(model, batch, options_of(how, 4));
        const std::int64_t multipliers = how == PerChannel::Multiplier ? 21 * kMultiplierBits : 0;
        CHECK(done.weight_bits > plain + multipliers);
        CHECK(done.weight_bits < plain + multipliers + 21 * 5);
        for (const Node& node : done.graph.nodes) {
            const auto* op = std::get_if<Requantize>(&node.op);
            if (op == nullptr) continue;
            for (const std::int64_t m : op->multiplier.raw)
                CHECK((how == PerChannel::PowerOfTwo ? m == 1 : (m >= 128 && m < 256)));
        }
    }
}

TEST_CASE("the explanation of channel formats has a row for each layer that rescales") {
    const FloatModel model = uneven(small_cnn(16, true));
    const InputBatch batch = random_batch(16, model.input_shape, 40);
    const ConvertOptions options = options_of(PerChannel::Multiplier, 8);
    const ConversionReport report = explain_conversion(model, convert(model, batch, options), options, batch, {});
    int rows = 0;
    for (const LayerConversion& row : report.layers) {
        rows += row.op == "requantize" ? 1 : 0;
        if (row.op != "input") CHECK(row.ours.sqnr_db > 15);
    }
    CHECK(rows == 3);
}

TEST_CASE("a budget narrows weights with a format for each channel") {
    const FloatModel model = uneven(residual_cnn(17));
    const InputBatch batch = random_batch(17, model.input_shape, 40);
    ConvertOptions options = options_of(PerChannel::PowerOfTwo, 8);
    options.budget = Budget{.most = 2600};
    CHECK(convert(model, batch, options).weight_bits <= 2600);
}
