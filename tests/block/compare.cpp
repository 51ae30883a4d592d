#include "compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "block/shrink.hpp"

namespace bittrue::testing {
namespace {

std::string describe(const EventCounts& c) {
    return fmt::format("{}/{}/{}/{}/{}", c.conversions, c.inexact, c.above, c.below, c.saturations);
}

std::string describe(const LayerEvents& e) {
    return fmt::format("weights {} product {} accumulator {} result {}", describe(e.weights), describe(e.product),
                       describe(e.accumulator), describe(e.result));
}

std::string first_channel(const LayerEvents& expected, const LayerEvents& actual) {
    if (expected.channels.size() != actual.channels.size())
        return fmt::format("{} channels instead of {}", actual.channels.size(), expected.channels.size());
    const auto print = [](const ChannelEvents& e) {
        return fmt::format("product {} accumulator {} result {}", describe(e.product), describe(e.accumulator),
                           describe(e.result));
    };
    for (std::size_t c = 0; c < expected.channels.size(); ++c)
        if (expected.channels[c] != actual.channels[c])
            return fmt::format("channel {}: golden counts {}, emulator {}", c, print(expected.channels[c]),
                               print(actual.channels[c]));
    return {};
}

std::string first_word(const LayerResult& expected, const LayerResult& actual) {
    if (expected.words.size() != actual.words.size())
        return fmt::format("{} words instead of {}", actual.words.size(), expected.words.size());
    for (std::size_t i = 0; i < expected.words.size(); ++i) {
        if (expected.words[i] == actual.words[i]) continue;
        const auto size = static_cast<std::size_t>(expected.shape.count());
        return fmt::format("image {} element {}: golden {}, emulator {}", i / size, i % size, expected.words[i],
                           actual.words[i]);
    }
    return {};
}

RunResult run(const Graph& graph, const InputBatch& batch, const Way& way) {
    const RunOptions options{.keep_layers = way.keep_layers,
                             .threads = way.threads,
                             .count_events = way.count_events,
                             .count_channels = way.count_channels};
    const auto engine = emulator::make_engine_for(graph, way.isa);
    return way.words ? engine->run(emulator::words_of(batch, graph.input.type), options) : engine->run(batch, options);
}

RunResult run_golden(const Graph& graph, const InputBatch& batch) {
    return golden::make_engine(graph)->run(batch, {.keep_layers = true, .count_channels = true});
}

std::string shrunk(const Graph& graph, const InputBatch& batch, const Way& way) {
    const Failing least = shrink({graph, batch}, [&](const Graph& g, const InputBatch& b) {
        return difference(run_golden(g, b), run(g, b, way), way);
    });
    return print(way) + "\n" + print(least);
}

}  // namespace

std::string print(const Way& way) {
    return fmt::format("{}, {}, {}, {} threads, {}", emulator::print_isa(way.isa),
                       way.keep_layers ? "layers kept" : "output only",
                       way.count_channels ? "channels counted"
                       : way.count_events ? "events counted"
                                          : "no events",
                       way.threads, way.words ? "words" : "reals");
}

std::vector<Way> all_ways() {
    std::vector<Way> ways;
    int k = 0;
    for (const emulator::Isa isa : emulator::available_isas()) {
        for (const int keep : {0, 1})
            for (const int count : {1, 0})
                ways.push_back({.isa = isa,
                                .keep_layers = keep == 1,
                                .count_events = count == 1,
                                .threads = 1 + (k + keep + count) % 2,
                                .words = (k + keep) % 2 == 0,
                                .count_channels = count == 1 && (k / 2 + keep) % 2 == 0});
        ++k;
    }
    return ways;
}

std::string difference(const RunResult& golden, const RunResult& emulator, const Way& way) {
    if (golden.images != emulator.images || golden.layers.size() != emulator.layers.size())
        return "images or layers differ in number";
    for (std::size_t k = 0; k < golden.layers.size(); ++k) {
        const LayerResult& g = golden.layers[k];
        const LayerResult& e = emulator.layers[k];
        if (g.name != e.name || g.type != e.type || g.shape != e.shape)
            return fmt::format("layer {} is '{}' instead of '{}'", k, e.name, g.name);
        if (!e.words.empty() || way.keep_layers) {
            const std::string word = first_word(g, e);
            if (!word.empty()) return fmt::format("layer '{}': {}", g.name, word);
        }
        LayerEvents expected = way.count_events ? g.events : LayerEvents{.weights = g.events.weights};
        if (!way.count_channels) expected.channels.clear();
        const std::string channel = first_channel(expected, e.events);
        if (!channel.empty()) return fmt::format("layer '{}', {}", g.name, channel);
        if (expected != e.events)
            return fmt::format("layer '{}': golden counts {}, emulator {}", g.name, describe(expected),
                               describe(e.events));
        const i128 low = way.count_events ? g.min_raw : 0, high = way.count_events ? g.max_raw : 0;
        if (low != e.min_raw || high != e.max_raw)
            return fmt::format("layer '{}': golden {}..{}, emulator {}..{}", g.name, print_raw(low), print_raw(high),
                               print_raw(e.min_raw), print_raw(e.max_raw));
    }
    return {};
}

std::string compare_with_golden(const Graph& graph, const InputBatch& batch) {
    const RunResult golden = run_golden(graph, batch);
    for (const Way& way : all_ways()) {
        const std::string found = difference(golden, run(graph, batch, way), way);
        if (!found.empty()) return shrunk(graph, batch, way);
    }
    return {};
}

}  // namespace bittrue::testing
