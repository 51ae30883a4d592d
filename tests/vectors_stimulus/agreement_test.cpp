// Coverage looks inside with an arithmetic of its own; measure_coverage compares every word and every event of it with
// the engine it is given and throws where they differ. Here it is given both engines and random networks.
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/vectors/coverage.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// What was hit but had been proved impossible.
std::string impossible_hit(const CoverageReport& report) {
    for (const LayerCoverage& layer : report.layers) {
        for (const CoverageItem& item : layer.items) {
            if (item.hits > 0 && !item.reachable)
                return item.layer + " " + item.place + " " + item.goal + ": " + item.why;
        }
    }
    return {};
}

void agree(Random& random, int cases, int max_nodes) {
    std::set<std::string> ops;
    for (int i = 0; i < cases; ++i) {
        const Graph graph = random_graph(random, max_nodes, true);
        for (const Node& node : graph.nodes) ops.insert(op_name(node.op));
        const InputBatch batch = random_batch(random, graph, static_cast<std::size_t>(random.integer(1, 4)));
        INFO("case " << i << "\n" << describe(graph) << fmt::format("batch {} values {}", batch.images, batch.values));
        const CoverageReport fast =
            measure_coverage(graph, batch, [](const Graph& g) { return emulator::make_engine(g); });
        const CoverageReport exact = measure_coverage(graph, batch, golden::make_engine);
        REQUIRE(fast.layers.size() == graph.nodes.size() + 1);
        REQUIRE(coverage_json(fast) == coverage_json(exact));
        const std::string impossible = impossible_hit(fast);
        if (!impossible.empty()) FAIL(impossible);
    }
    CHECK(ops.size() == 21);
}

}  // namespace

TEST_CASE(
    "random layers: coverage has the words and event counts of both engines, and hits nothing it calls impossible") {
    Random random(70);
    agree(random, 4000, 1);
}

TEST_CASE(
    "random networks: coverage has the words and event counts of both engines, and hits nothing it calls impossible") {
    Random random(71);
    agree(random, 1000, 6);
}

TEST_CASE("L24: coverage refuses a requantisation that is no conversion of an exact number, and names its layer") {
    Graph graph{.name = "requantize"};
    graph.input = {.shape = {.layout = Layout::Vector, .dims = {1}}, .type = {.format = {.width = 8, .integer = 8}}};
    const Parameter multiplier{.dims = {1}, .raw = {5}, .type = graph.input.type};
    graph.nodes.push_back({.name = "q",
                           .inputs = {"input"},
                           .op = Requantize{.multiplier = multiplier, .shift = {3}, .rule = RequantizeRule::Float32},
                           .result = graph.input.type});
    validate(graph);
    const InputBatch batch{.images = 1, .dims = {1}, .values = {3}};
    CHECK_THROWS_WITH(measure_coverage(graph, batch, golden::make_engine), Catch::StartsWith("layer 'q': coverage"));
}
