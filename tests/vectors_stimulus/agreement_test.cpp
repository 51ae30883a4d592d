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
        const Graph graph = random_graph(random, max_nodes);
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
    CHECK(ops.size() == 13);
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
