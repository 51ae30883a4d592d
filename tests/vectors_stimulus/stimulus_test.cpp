// Constructed images: they reach what they were made for, on networks as people use them.
#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/coverage.hpp"
#include "bittrue/vectors/digits.hpp"
#include "exhaustive/random_graph.hpp"
#include "vectors_stimulus/networks.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

CoverageReport coverage_of(const Graph& graph, const InputBatch& batch) {
    return measure_coverage(graph, batch, emulator::make_engine);
}

// What a report misses, in a line each; empty if nothing.
std::string missing(const CoverageReport& report) {
    std::string text;
    for (const LayerCoverage& layer : report.layers) {
        for (const CoverageItem& i : layer.items) {
            if (i.reachable && i.hits == 0) text += i.layer + " " + i.place + ": " + i.goal + "\n";
        }
    }
    return text;
}

InputBatch image_of(const InputBatch& batch, std::int64_t image) {
    const auto size = static_cast<std::ptrdiff_t>(element_count(batch.dims));
    const auto begin = batch.values.begin() + image * size;
    return {.images = 1, .dims = batch.dims, .values = {begin, begin + size}};
}

// Runs every image alone and asks whether it does what the goals say of it.
void check_promises(const Graph& graph, const Stimulus& s) {
    REQUIRE(s.made_for.size() == s.batch.images);
    std::vector<CoverageReport> reports;
    for (std::size_t i = 0; i < s.batch.images; ++i)
        reports.push_back(coverage_of(graph, image_of(s.batch, static_cast<std::int64_t>(i))));
    for (const StimulusGoal& goal : s.goals) {
        CAPTURE(goal.layer, goal.place, goal.goal, goal.image, goal.why_not);
        REQUIRE(goal.reached == goal.why_not.empty());
        if (!goal.reached) continue;
        REQUIRE(goal.image >= 0);
        REQUIRE(goal.image < static_cast<std::int64_t>(s.batch.images));
        bool hit = false;
        for (const LayerCoverage& layer : reports[static_cast<std::size_t>(goal.image)].layers) {
            for (const CoverageItem& i : layer.items)
                hit |= i.layer == goal.layer && i.place == goal.place && i.goal == goal.goal && i.hits > 0;
        }
        REQUIRE(hit);
    }
}

bool equal(const Stimulus& a, const Stimulus& b) {
    return a.batch.images == b.batch.images && a.batch.values == b.batch.values && a.made_for == b.made_for;
}

}  // namespace

TEST_CASE("I3: stimulus keeps within the declared range, whole networks and layers alone") {
    Random random(71);
    for (int i = 0; i < 12; ++i) {
        Graph graph = random_graph(random, 3, true);
        const FixedType& type = graph.input.type;
        const double lsb = value_of(1, type.format.frac());
        const double middle = value_of((range_min(type) + range_max(type)) / 2, type.format.frac());
        graph.input.range = ValueRange{middle - lsb, middle + 2.5 * lsb};
        validate(graph);
        CAPTURE(i, testing::describe(graph));
        const StimulusOptions options{.max_images = 40, .search_images = 64};
        const Stimulus s = make_stimulus(graph, emulator::make_engine, options);
        REQUIRE(s.batch.images > 0);
        CHECK_NOTHROW(golden::make_engine(graph)->run(s.batch, {}));  // refuses others
        check_promises(graph, s);
        if (graph.nodes.front().inputs.size() > 1) continue;
        const Graph alone = extract_layer(graph, graph.nodes.front().name, emulator::make_engine);
        CHECK(alone.input.range == graph.input.range);
        CHECK_NOTHROW(golden::make_engine(alone)->run(make_stimulus(alone, emulator::make_engine, options).batch, {}));
    }
}

TEST_CASE("stimulus: every reachable goal, sum and table bin of every layer of the 8-bit example, each layer alone") {
    const Graph cnn = load_network(kCnn);
    for (const Node& node : cnn.nodes) {
        const Graph layer = extract_layer(cnn, node.name, emulator::make_engine);
        const Stimulus s = make_stimulus(layer, emulator::make_engine);
        CAPTURE(node.name, s.batch.images);
        CHECK(missing(coverage_of(layer, s.batch)).empty());
    }
}

TEST_CASE(
    "stimulus: every reachable goal, sum and table bin of every layer of an hls4ml-style network, each layer alone") {
    const Graph network = parse_network(kHls4mlStyle, kExamples + "mnist-cnn/hls4ml.toml");
    for (const Node& node : network.nodes) {
        const Graph layer = extract_layer(network, node.name, emulator::make_engine);
        const Stimulus s = make_stimulus(layer, emulator::make_engine);
        CAPTURE(node.name, s.batch.images);
        CHECK(missing(coverage_of(layer, s.batch)).empty());
    }
}

TEST_CASE("stimulus: every reachable goal of a dense layer in every schedule") {
    for (const char* schedule : {"sequential", "interleave:4", "fold:5", "cascade:3", "partial:4", "tree"}) {
        for (const QuantizeAt quantize : {QuantizeAt::Step, QuantizeAt::Fold, QuantizeAt::End}) {
            for (const BiasPosition bias : {BiasPosition::First, BiasPosition::Last}) {
                const auto graph = dense_in_schedule(schedule, quantize, bias);
                if (!graph) continue;
                const Stimulus s = make_stimulus(*graph, emulator::make_engine);
                CAPTURE(schedule, quantize, bias, s.batch.images);
                CHECK(missing(coverage_of(*graph, s.batch)).empty());
            }
        }
    }
}

TEST_CASE("stimulus of the whole 8-bit example reaches far more of its goals than 200 digits do") {
    const Graph cnn = load_network(kCnn);
    const CoverageReport digits = coverage_of(cnn, input_from_digits(make_digits(200, 1), cnn.input));
    const Stimulus s = make_stimulus(cnn, emulator::make_engine, {.search_images = 1024});
    const CoverageReport made = coverage_of(cnn, s.batch);
    INFO(print_coverage(made));
    CHECK(digits.reachable() == 166);
    CHECK(digits.covered() == 125);
    CHECK(made.reachable() == 166);
    CHECK(made.covered() >= 154);
    // The worst sums by the signs of the weights: at their bounds where the input is free, far out elsewhere.
    CHECK(digits.layers[1].sums_hit == 0);
    CHECK(made.layers[1].sums_hit == 4);
    CHECK(digits.layers[5].accumulator_reach_per_mille < 300);
    CHECK(made.layers[5].accumulator_reach_per_mille > 500);
}

TEST_CASE("stimulus: each image of a layer alone does what it was made for") {
    const Graph cnn = load_network(kCnn);
    for (const char* name : {"conv2d", "conv2d_relu", "dense_1"}) {
        const Graph layer = extract_layer(cnn, name, emulator::make_engine);
        check_promises(layer, make_stimulus(layer, emulator::make_engine));
    }
}

TEST_CASE("stimulus: each image of random networks does what it was made for") {
    Random random(80);
    std::size_t images = 0;
    for (int k = 0; k < 60; ++k) {
        const Graph graph = random_graph(random, 4, true);
        INFO(describe(graph));
        const Stimulus s = make_stimulus(graph, emulator::make_engine, {.search_images = 64});
        images += s.batch.images;
        check_promises(graph, s);
    }
    CHECK(images > 250);
}

TEST_CASE("stimulus: single layers of random formats reach 96 in 100 of what is not proved impossible") {
    Random random(81);
    std::size_t covered = 0, reachable = 0;
    for (int k = 0; k < 600; ++k) {
        const Graph graph = random_graph(random, 1, true);
        const CoverageReport report =
            coverage_of(graph, make_stimulus(graph, emulator::make_engine, {.search_images = 0}).batch);
        covered += report.covered();
        reachable += report.reachable();
    }
    CAPTURE(covered, reachable);
    CHECK(covered * 100 >= reachable * 96);
}

TEST_CASE("stimulus depends on the seed alone") {
    Random random(82);
    bool seeds_differ = false;
    for (int k = 0; k < 20; ++k) {
        const Graph graph = random_graph(random, 4, true);
        const StimulusOptions options{.seed = 5, .search_images = 64};
        const Stimulus s = make_stimulus(graph, emulator::make_engine, options);
        CHECK(equal(s, make_stimulus(graph, emulator::make_engine, options)));
        CHECK(equal(s, make_stimulus(graph, golden::make_engine, options)));
        seeds_differ |= !equal(s, make_stimulus(graph, emulator::make_engine, {.seed = 6, .search_images = 64}));
    }
    CHECK(seeds_differ);
}

TEST_CASE("stimulus keeps to its limit of images and says which goals that cost") {
    const Graph cnn = load_network(kCnn);
    const Graph layer = extract_layer(cnn, "dense", emulator::make_engine);
    const Stimulus s = make_stimulus(layer, emulator::make_engine, {.max_images = 12});
    CHECK(s.batch.images == 12);
    std::size_t limited = 0;
    for (const StimulusGoal& goal : s.goals)
        limited += goal.why_not.find("the limit of 12 images was reached first") == 0 ? 1U : 0U;
    CHECK(limited > 200);
}

TEST_CASE("stimulus names the proof for a goal that nothing can reach") {
    const Graph cnn = load_network(kCnn);
    const Graph layer = extract_layer(cnn, "conv2d", emulator::make_engine);
    const Stimulus s = make_stimulus(layer, emulator::make_engine);
    std::string why;
    bool impossible = false;
    for (const StimulusGoal& goal : s.goals) {
        if (goal.layer == "conv2d" && goal.place == "accumulator" && goal.goal == "tie, positive") {
            why = goal.why_not;
            impossible = !goal.possible;
        }
    }
    CHECK(impossible);
    CHECK(why == "the number has no more fraction bits (14) than the type (14): nothing is dropped");
}

TEST_CASE("stimulus stops where it is told to") {
    const std::atomic<bool> cancel = true;
    CHECK_THROWS_AS(make_stimulus(load_network(kCnn), emulator::make_engine, {.cancel = &cancel}), Interrupted);
}

TEST_CASE("a layer alone gives the words that it gives in its network") {
    const Graph cnn = load_network(kCnn);
    const RunResult whole =
        emulator::make_engine(cnn)->run(input_from_digits(make_digits(5, 3), cnn.input), {.keep_layers = true});
    for (const Node& node : cnn.nodes) {
        const Graph layer = extract_layer(cnn, node.name, emulator::make_engine);
        CAPTURE(node.name);
        REQUIRE(layer.nodes.size() == 1);
        CHECK(layer.input.name == node.inputs.front());
        const LayerResult& in = whole.layers[static_cast<std::size_t>(node_index(cnn, node.inputs.front()) + 1)];
        InputBatch batch{.images = 5, .dims = in.shape.dims};
        for (const std::int64_t word : in.words)
            batch.values.push_back(std::ldexp(static_cast<double>(word), -in.type.format.frac()));
        const LayerResult& expected = whole.layers[static_cast<std::size_t>(node_index(cnn, node.name) + 1)];
        for (const EngineFactory& make : {EngineFactory(emulator::make_engine), EngineFactory(golden::make_engine)}) {
            const RunResult alone = make(layer)->run(batch, {});
            CHECK(alone.layers.back().words == expected.words);
            CHECK(alone.layers.back().events.accumulator == expected.events.accumulator);
            CHECK(alone.layers.back().events.result == expected.events.result);
            CHECK(alone.layers.front().events.result.inexact == 0);
        }
    }
}

TEST_CASE("a layer that does not exist, or has several inputs, cannot be extracted") {
    const Graph cnn = load_network(kCnn);
    CHECK_THROWS_WITH(extract_layer(cnn, "conv2", emulator::make_engine),
                      Catch::Contains("layer 'conv2': the network has no such layer; it has conv2d, conv2d_relu"));
    Graph sum;
    sum.input = {.shape = {Layout::Vector, {2}}};
    sum.nodes = {{.name = "a", .inputs = {"input"}, .op = Quantize{}},
                 {.name = "b", .inputs = {"input", "a"}, .op = Add{}}};
    validate(sum);
    CHECK_THROWS_WITH(extract_layer(sum, "b", emulator::make_engine),
                      Catch::Contains("layer 'b': it has 2 inputs; only a layer with one input"));
}
