#include "compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"

namespace bittrue::testing {
namespace {

std::string describe(const EventCounts& c) {
    return fmt::format("{}/{}/{}/{}/{}", c.conversions, c.inexact, c.above, c.below, c.saturations);
}

std::string describe(const LayerEvents& e) {
    return fmt::format("weights {} product {} accumulator {} result {}", describe(e.weights), describe(e.product),
                       describe(e.accumulator), describe(e.result));
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
    const RunOptions options{.keep_layers = way.keep_layers, .threads = way.threads, .count_events = way.count_events};
    const auto engine = emulator::make_engine_for(graph, way.isa);
    return way.words ? engine->run(emulator::words_of(batch, graph.input.type), options) : engine->run(batch, options);
}

InputBatch one_image(const InputBatch& batch, std::size_t image) {
    const std::size_t size = batch.values.size() / batch.images;
    InputBatch one{.images = 1, .dims = batch.dims};
    const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(image * size);
    one.values.assign(first, first + static_cast<std::ptrdiff_t>(size));
    return one;
}

std::string differs(const Graph& graph, const InputBatch& batch, const Way& way) {
    const RunResult golden = golden::make_engine(graph)->run(batch, {.keep_layers = true});
    return difference(golden, run(graph, batch, way), way);
}

// The first layers of the network, cut behind node `last`.
Graph prefix(const Graph& graph, std::size_t last) {
    Graph cut = graph;
    cut.nodes.resize(last + 1);
    cut.output = cut.nodes.back().name;
    validate(cut);
    return cut;
}

std::string shrink(const Graph& graph, const InputBatch& batch, const Way& way, std::string difference) {
    Graph smallest = graph;
    InputBatch fewest = batch;
    for (std::size_t last = 0; last + 1 < graph.nodes.size(); ++last) {
        const Graph cut = prefix(graph, last);
        const std::string found = differs(cut, batch, way);
        if (found.empty()) continue;
        smallest = cut;
        difference = found;
        break;
    }
    for (std::size_t image = 0; image < batch.images && batch.images > 1; ++image) {
        const std::string found = differs(smallest, one_image(batch, image), way);
        if (found.empty()) continue;
        fewest = one_image(batch, image);
        difference = found;
        break;
    }
    std::string text =
        fmt::format("{}\n{}\n{}{} images", print(way), difference, testing::describe(smallest), fewest.images);
    if (fewest.images == 1) text += fmt::format(" {}", fewest.values);
    return text;
}

}  // namespace

std::string print(const Way& way) {
    return fmt::format("{}, {}, {}, {} threads, {}", emulator::print_isa(way.isa),
                       way.keep_layers ? "layers kept" : "output only",
                       way.count_events ? "events counted" : "no events", way.threads, way.words ? "words" : "reals");
}

std::vector<Way> all_ways() {
    std::vector<Way> ways;
    int i = 0;
    for (const emulator::Isa isa : emulator::available_isas())
        for (const bool keep : {false, true})
            for (const bool count : {true, false}) {
                ways.push_back({isa, keep, count, 1 + i % 2, i / 2 % 2 == 0});
                ++i;
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
        const LayerEvents expected = way.count_events ? g.events : LayerEvents{.weights = g.events.weights};
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
    const RunResult golden = golden::make_engine(graph)->run(batch, {.keep_layers = true});
    for (const Way& way : all_ways()) {
        const std::string found = difference(golden, run(graph, batch, way), way);
        if (!found.empty()) return shrink(graph, batch, way, found);
    }
    return {};
}

}  // namespace bittrue::testing
