// E5: counts by output channel. Hazards: a kernel that counts a group's events for its first channel, images behind the
// last one, known counts that are added once per group instead of once per channel, threads that forget some.
#include <catch2/catch.hpp>

#include "bittrue/emulator/plan.hpp"
#include "bittrue/golden/golden.hpp"
#include "block/chains.hpp"
#include "block/compare.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr FixedType kInput{.format = {.width = 8, .integer = 8, .is_signed = false}};

// Three neurons over one input, weights 1, 2 and -3, with accumulators of -128..127 and results of 0..255.
Graph three_neurons(int weight_width) {
    Dense op{.weights = {.dims = {1, 3}, .raw = {1, 2, -3}}};
    op.weights.type.format = {.width = weight_width, .integer = weight_width};
    op.accumulator.type = {.format = {.width = 8, .integer = 8}, .overflow = Overflow::Sat};
    Graph graph;
    graph.input = {.shape = make_map(Layout::Vector, 1, 1, 1), .type = kInput};
    FixedType result = kInput;
    result.overflow = Overflow::Sat;
    graph.nodes.push_back({.name = "neurons", .inputs = {"input"}, .op = op, .result = result});
    validate(graph);
    return graph;
}

std::vector<ChannelEvents> channels_of(const RunResult& result) {
    return result.layers.back().events.channels;
}

const RunOptions kCounting{.count_channels = true};

}  // namespace

TEST_CASE("E5: an overflow belongs to the channel whose word is made") {
    const InputBatch batch{.images = 3, .dims = {1}, .values = {100, 100, 0}};
    const EventCounts none{.conversions = 3};
    const std::vector<ChannelEvents> expected{
        {.accumulator = none, .result = none},
        {.accumulator = {.conversions = 3, .above = 2, .saturations = 2}, .result = none},
        {.accumulator = {.conversions = 3, .below = 2, .saturations = 2},
         .result = {.conversions = 3, .below = 2, .saturations = 2}}};
    const Graph graph = three_neurons(8);
    CHECK(channels_of(golden::make_engine(graph)->run(batch, kCounting)) == expected);
    for (const emulator::Isa isa : emulator::available_isas())
        CHECK(channels_of(emulator::make_engine_for(graph, isa)->run(batch, kCounting)) == expected);
}

TEST_CASE("E5: layers that run image by image count by channel, too") {
    const InputBatch batch{.images = 3, .dims = {1}, .values = {100, 100, 0}};
    const Graph graph = three_neurons(60);
    REQUIRE(emulator::plan_of(graph).layers[0].groups.empty());
    const auto exact = channels_of(golden::make_engine(graph)->run(batch, kCounting));
    CHECK(exact == channels_of(golden::make_engine(three_neurons(8))->run(batch, kCounting)));
    CHECK(exact == channels_of(emulator::make_engine(graph)->run(batch, kCounting)));
}

TEST_CASE("E5: over the channels the counts of each class add up to the layer's, on every instruction set") {
    Random random(90);
    for (int i = 0; i < 60; ++i) {
        const Graph graph = random_chain(random, i % 2 == 0 ? 8 : 20);
        const InputBatch batch = random_batch(random, graph, static_cast<std::size_t>(random.integer(1, 140)));
        for (const emulator::Isa isa : emulator::available_isas()) {
            const auto engine = emulator::make_engine_for(graph, isa);
            const RunResult one = engine->run(batch, {.threads = 1, .count_channels = true});
            const RunResult all = engine->run(batch, kCounting);
            const RunResult plain = engine->run(batch, {});
            for (std::size_t k = 0; k < one.layers.size(); ++k) {
                LayerEvents events = one.layers[k].events;
                REQUIRE(events == all.layers[k].events);
                ChannelEvents sum;
                for (const ChannelEvents& channel : events.channels) sum += channel;
                const bool linear = k > 0 && (std::holds_alternative<Dense>(graph.nodes[k - 1].op) ||
                                              std::holds_alternative<Conv2d>(graph.nodes[k - 1].op));
                const auto count = static_cast<std::size_t>(linear ? one.layers[k].shape.channels() : 0);
                REQUIRE(events.channels.size() == count);
                if (linear) REQUIRE(sum == ChannelEvents{events.product, events.accumulator, events.result});
                events.channels.clear();
                REQUIRE(events == plain.layers[k].events);
            }
        }
    }
}

TEST_CASE("E5: nothing is counted by channel unless asked for, nor where events are not counted") {
    const Graph graph = three_neurons(8);
    const InputBatch batch{.images = 1, .dims = {1}, .values = {1}};
    for (const auto& engine : {golden::make_engine(graph), emulator::make_engine(graph)}) {
        CHECK(channels_of(engine->run(batch, {})).empty());
        CHECK(channels_of(engine->run(batch, {.count_events = false, .count_channels = true})).empty());
        CHECK(channels_of(engine->run(batch, kCounting)).size() == 3);
    }
}
