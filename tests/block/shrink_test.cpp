// The shrinker itself, on faults that were planted: what it leaves is as small as the fault allows.
#include "block/shrink.hpp"

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "block/chains.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

RunResult run(const Graph& graph, const InputBatch& batch) {
    return golden::make_engine(graph)->run(batch, {.keep_layers = true});
}

// The first network of the seed that fails.
Failing first_failing(std::uint64_t seed, const Fails& fails) {
    Random random(seed);
    for (int i = 0; i < 1000; ++i) {
        Failing f{.graph = random_chain(random, 8)};
        f.batch = random_batch(random, f.graph, 70);
        f.why = fails(f.graph, f.batch);
        if (!f.why.empty() && f.graph.nodes.size() >= 4) return f;
    }
    FAIL("no random network has the planted fault");
    return {};
}

std::string pads(const Graph& graph, const InputBatch& /*batch*/) {
    for (const Node& node : graph.nodes) {
        const auto* conv = std::get_if<Conv2d>(&node.op);
        if (conv != nullptr && conv->padding != Padding{}) return "pads '" + node.name + "'";
    }
    return {};
}

// As a kernel whose saturation is one lsb short would.
std::string saturates_above(const Graph& graph, const InputBatch& batch) {
    const RunResult result = run(graph, batch);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const auto* conv = std::get_if<Conv2d>(&graph.nodes[i].op);
        if (conv == nullptr || conv->accumulator.type.overflow != Overflow::Sat) continue;
        if (result.layers[i + 1].events.accumulator.above > 0) return "an accumulator is above its range";
    }
    return {};
}

// Shows in the last layer, but only behind a relu that clipped something.
std::string relu_then_dense(const Graph& graph, const InputBatch& batch) {
    const RunResult result = run(graph, batch);
    bool clipped = false;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (std::holds_alternative<Relu>(graph.nodes[i].op)) {
            const auto input = static_cast<std::size_t>(node_index(graph, graph.nodes[i].inputs[0]) + 1);
            clipped = clipped || result.layers[input].min_raw < 0;
        }
        if (clipped && std::holds_alternative<Dense>(graph.nodes[i].op)) return "a dense layer behind a relu";
    }
    return {};
}

std::int64_t terms_of(const Parameter& weights) {
    return element_count(weights.dims) / weights.dims.back();
}

}  // namespace

TEST_CASE("a fault of padded convolutions shrinks to one padded tap of one channel over one image") {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const Failing least = shrink(first_failing(seed, pads), pads);
        INFO(print(least));
        REQUIRE(least.graph.nodes.size() == 1);
        const auto& conv = std::get<Conv2d>(least.graph.nodes[0].op);
        CHECK(conv.weights.dims == Dims{1, 1, 1, 1});
        CHECK(conv.padding.top + conv.padding.bottom + conv.padding.left + conv.padding.right == 1);
        CHECK_FALSE(conv.bias);
        CHECK(conv.weights.raw == std::vector<std::int64_t>{0});
        CHECK(conv.accumulator.schedule == Schedule::Sequential);
        CHECK(least.batch.images == 1);
        CHECK(least.batch.values == std::vector<double>{0});
        CHECK(least.graph.input.type.format.width == 1);
        CHECK(least.graph.nodes[0].result.format.width == 1);
    }
}

TEST_CASE("a fault of saturating accumulators shrinks to one convolution, one output and one image that saturates") {
    for (const std::uint64_t seed : {4U, 5U, 6U}) {
        const Failing least = shrink(first_failing(seed, saturates_above), saturates_above);
        INFO(print(least));
        CHECK(least.why == "an accumulator is above its range");
        REQUIRE(least.graph.nodes.size() == 1);
        const auto& conv = std::get<Conv2d>(least.graph.nodes[0].op);
        CHECK(conv.weights.dims.back() == 1);
        CHECK(terms_of(conv.weights) <= 2);
        CHECK(least.batch.images == 1);
        CHECK(least.batch.values.size() <= 2);
        CHECK(conv.accumulator.type.format.width <= 2);
    }
}

TEST_CASE("a fault that needs two layers keeps both and loses the others") {
    for (const std::uint64_t seed : {7U, 8U}) {
        const Failing first = first_failing(seed, relu_then_dense);
        const Failing least = shrink(first, relu_then_dense);
        INFO(print(least));
        CHECK(least.graph.nodes.size() == 2);
        CHECK(least.batch.images == 1);
        CHECK(least.batch.values.size() <= 2);
    }
}

TEST_CASE("what is left of a failure is printed with its reason, its layers and its values") {
    const std::string text = print(shrink(first_failing(1, pads), pads));
    CHECK_THAT(text, Catch::Contains("pads '") && Catch::Contains("conv2d") && Catch::Contains("1 images [0]"));
}
