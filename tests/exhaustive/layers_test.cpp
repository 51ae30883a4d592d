// Random networks over every operation and layout: parameters, words, events and ranges of every layer of the emulator
// equal golden's.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

std::string describe(const EventCounts& c) {
    return fmt::format("conversions {} inexact {} above {} below {} saturations {}", c.conversions, c.inexact, c.above,
                       c.below, c.saturations);
}

std::string describe(const LayerResult& l) {
    std::string channels;
    for (const ChannelEvents& c : l.events.channels)
        channels +=
            fmt::format("\n  channel {} {} {}", describe(c.product), describe(c.accumulator), describe(c.result));
    return fmt::format(
        "{} {} [{}] words {}\n    weights     {}\n    product     {}\n    accumulator {}\n    result      {}\n    min "
        "{} max {}{}",
        l.name, print_type(l.type), print_dims(l.shape.dims), l.words, describe(l.events.weights),
        describe(l.events.product), describe(l.events.accumulator), describe(l.events.result), print_raw(l.min_raw),
        print_raw(l.max_raw), channels);
}

bool equal(const LayerResult& a, const LayerResult& b) {
    return a.name == b.name && a.type == b.type && a.shape == b.shape && a.words == b.words && a.events == b.events &&
           a.min_raw == b.min_raw && a.max_raw == b.max_raw;
}

// Empty when equal, else the first difference.
std::string difference(const RunResult& expected, const RunResult& actual) {
    if (expected.images != actual.images || expected.layers.size() != actual.layers.size())
        return "images or layers differ in number";
    for (std::size_t k = 0; k < expected.layers.size(); ++k) {
        if (equal(expected.layers[k], actual.layers[k])) continue;
        return "golden:   " + describe(expected.layers[k]) + "\nemulator: " + describe(actual.layers[k]);
    }
    return {};
}

std::string difference(const std::vector<ParameterWords>& expected, const std::vector<ParameterWords>& actual) {
    if (expected.size() != actual.size()) return "parameters differ in number";
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const ParameterWords& e = expected[i];
        const ParameterWords& a = actual[i];
        if (e.layer == a.layer && e.role == a.role && e.tensor.dims == a.tensor.dims &&
            e.tensor.format == a.tensor.format && e.tensor.words == a.tensor.words) {
            continue;
        }
        return fmt::format("golden:   {} {} {}\nemulator: {} {} {}", e.layer, e.role, e.tensor.words, a.layer, a.role,
                           a.tensor.words);
    }
    return {};
}

void compare(Random& random, int cases, int max_nodes, std::set<std::string>& ops) {
    for (int i = 0; i < cases; ++i) {
        const Graph graph = random_graph(random, max_nodes);
        for (const Node& node : graph.nodes) ops.insert(op_name(node.op));
        const InputBatch batch = random_batch(random, graph, static_cast<std::size_t>(random.integer(1, 3)));
        INFO("case " << i << "\n"
                     << testing::describe(graph) << fmt::format("batch {} values {}", batch.images, batch.values));
        const auto golden = golden::make_engine(graph);
        const auto emulator = emulator::make_engine(graph);
        std::string different = difference(golden->parameters(), emulator->parameters());
        if (!different.empty()) FAIL(different);
        const RunOptions options{
            .keep_layers = !random.one_in(4), .threads = random.integer(1, 2), .count_channels = true};
        different = difference(golden->run(batch, options), emulator->run(batch, options));
        if (!different.empty()) FAIL(different);
    }
}

}  // namespace

TEST_CASE("L, W, I, T, E: random single layers, emulator equals golden in words, events and ranges", "[exhaustive]") {
    Random random(40);
    std::set<std::string> ops;
    compare(random, 20000, 1, ops);
    CHECK(ops.size() == 21);
}

TEST_CASE("L, W, I, T, E: random networks of several layers, emulator equals golden in words, events and ranges",
          "[exhaustive]") {
    Random random(41);
    std::set<std::string> ops;
    compare(random, 5000, 7, ops);
    CHECK(ops.size() == 21);
}
