// Accumulators of a width that was asked for: where their binary point stands, and what a report says of them.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/explain_conversion.hpp"
#include "bittrue/golden/golden.hpp"
#include "convert/models.hpp"
#include "partial_sums.hpp"

using namespace bittrue;
using namespace bittrue::test;
using namespace bittrue::explore;

namespace {

std::vector<FixedType> accumulators_of(const Graph& graph) {
    std::vector<FixedType> all;
    for (const Node& node : graph.nodes) {
        if (const auto* dense = std::get_if<Dense>(&node.op)) all.push_back(dense->accumulator.type);
        if (const auto* conv = std::get_if<Conv2d>(&node.op)) all.push_back(conv->accumulator.type);
    }
    return all;
}

}  // namespace

TEST_CASE("partial sums begin with the bias and go from term to term") {
    const Operation op =
        Dense{.weights = {.dims = {2, 2}, .real = {3, 1, -5, 1}}, .bias = Parameter{.dims = {2}, .real = {1, 0}}};
    const std::vector<double> images{1, 1, 0, 0.5};
    const Span span = partial_sums(op, Windows(op, vector_of(2), vector_of(2)), images, 2);
    CHECK(span.low == -1.5);  // 1 - 5 / 2
    CHECK(span.high == 4);    // 1 + 3, before -5
}

TEST_CASE("narrow accumulators drop fraction bits before they saturate, and weights keep theirs") {
    for (std::uint32_t seed = 60; seed < 66; ++seed) {
        const FloatModel model = seed % 2 == 0 ? small_cnn(seed, true) : residual_cnn(seed);
        const InputBatch batch = random_batch(seed, model.input_shape, 80);
        ConvertOptions options;
        const Conversion exact = convert(model, batch, options);
        options.accumulator = 12;
        const Conversion narrow = convert(model, batch, options);
        INFO(seed << ": " << narrow.error << " beside " << exact.error);
        CHECK(narrow.error < 3 * exact.error);
        for (const FixedType& type : accumulators_of(narrow.graph)) {
            CHECK(type.format.width == 12);
            CHECK(type.rounding == Rounding::Rnd);
            CHECK(type.overflow == Overflow::Sat);
        }
        const RunOptions all{.keep_layers = true, .progress = {}};
        const RunResult fast = emulator::make_engine(narrow.graph)->run(batch, all);
        const RunResult slow = golden::make_engine(narrow.graph)->run(batch, all);
        for (std::size_t i = 0; i < fast.layers.size(); ++i) {
            const LayerResult& layer = fast.layers[i];
            CHECK(layer.words == slow.layers[i].words);
            CHECK(layer.events == slow.layers[i].events);
            CHECK(layer.events.accumulator.overflows() * 20 <= layer.events.accumulator.conversions);
        }
    }
}

TEST_CASE("an accumulator with room for every bit rounds nothing and overflows never") {
    const FloatModel model = small_cnn(67, false);
    const InputBatch batch = random_batch(67, model.input_shape, 50);
    ConvertOptions options;
    options.accumulator = 40;
    const RunResult run = emulator::make_engine(convert(model, batch, options).graph)->run(batch, {.progress = {}});
    for (const LayerResult& layer : run.layers) {
        CHECK(layer.events.accumulator.inexact == 0);
        CHECK(layer.events.accumulator.overflows() == 0);
    }
}

TEST_CASE("a report says how often accumulators saturate and what that costs") {
    const FloatModel model = small_cnn(68, true);
    const InputBatch batch = random_batch(68, model.input_shape, 100);
    ConvertOptions options;
    options.calibration = Calibration::Max;
    options.accumulator = 8;
    Conversion done = convert(model, batch, options);
    // The hidden layer with five integer bits too few.
    auto& hidden = std::get<Dense>(done.graph.nodes[4].op);
    REQUIRE(done.layers[4].sum.has_value());
    done.layers[4].sum->frac += 5;
    hidden.accumulator.type = done.layers[4].sum->type();
    done.graph.nodes[4].result = hidden.accumulator.type;
    const ConversionReport report = explain_conversion(model, done, options, batch, {});
    const RunResult run = emulator::make_engine(done.graph)->run(batch, {.progress = {}});
    const nlohmann::json facts = nlohmann::json::parse(conversion_json(report));
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerConversion& row = report.layers[i];
        INFO(row.layer);
        CHECK(facts.at("layers").at(i).at("ours").at("sums_out_of_range") == row.ours.sums_out_of_range);
        if (row.layer != "hidden") continue;
        const EventCounts& sums = run.layers[5].events.accumulator;
        CHECK(row.ours.sums_out_of_range > 0);
        CHECK(row.ours.sums_out_of_range ==
              static_cast<double>(sums.overflows()) / static_cast<double>(sums.conversions));
        CHECK(*row.good_only_this < report.float_good);
    }
    CHECK(conversion_page(report).find("sums saturated") != std::string::npos);
}
