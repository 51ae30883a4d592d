// Parts of a network with replaced accumulators give what a whole run of the changed network gives.
#include "bittrue/emulator/stages.hpp"

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "block/chains.hpp"
#include "exhaustive/random_graph.hpp"
#include "exhaustive/random_mac.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

WordBatch words_of_layer(const LayerResult& layer, std::size_t images) {
    WordBatch words{.images = images, .dims = layer.shape.dims, .bytes = word_bytes(layer.type.format)};
    for (const std::int64_t word : layer.words)
        for (int b = 0; b < words.bytes; ++b) words.data.push_back(static_cast<std::byte>(word >> (8 * b)));
    return words;
}

InputBatch one_of(const InputBatch& batch, std::size_t image) {
    const std::size_t size = batch.values.size() / batch.images;
    const auto begin = batch.values.begin() + static_cast<std::ptrdiff_t>(image * size);
    return {.images = 1, .dims = batch.dims, .values = {begin, begin + static_cast<std::ptrdiff_t>(size)}};
}

AccumulatorSpec* accumulator_of(Node& node) {
    if (auto* dense = std::get_if<Dense>(&node.op)) return &dense->accumulator;
    if (auto* conv = std::get_if<Conv2d>(&node.op)) return &conv->accumulator;
    return nullptr;
}

AccumulatorSpec other_accumulator(Random& random, const AccumulatorSpec& spec) {
    AccumulatorSpec other = spec;
    other.type.format.width = random.integer(3, 20);
    other.type.format.integer = other.type.format.width - spec.type.format.frac();
    other.type.format.is_signed = true;
    other.type.overflow = random.one_in(2) ? Overflow::Sat : Overflow::Wrap;
    other.type.saturated_bits = 0;
    return other;
}

}  // namespace

TEST_CASE(
    "a part with a replaced accumulator gives the words and events of the changed network for a subset of images") {
    Random random(95);
    for (int i = 0; i < 60; ++i) {
        const Graph graph = random_chain(random, 10);
        Graph changed = graph;
        std::vector<std::size_t> linear;
        for (std::size_t n = 0; n < graph.nodes.size(); ++n)
            if (accumulator_of(changed.nodes[n]) != nullptr) linear.push_back(n);
        const std::size_t node =
            linear[static_cast<std::size_t>(random.integer(0, static_cast<int>(linear.size()) - 1))];
        AccumulatorSpec& spec = *accumulator_of(changed.nodes[node]);
        spec = other_accumulator(random, spec);

        const std::size_t images = 150;
        const InputBatch batch = random_batch(random, graph, images);
        const RunResult before = emulator::make_engine(graph)->run(batch, {.keep_layers = true});
        std::vector<WordBatch> words;
        for (const LayerResult& layer : before.layers) words.push_back(words_of_layer(layer, images));
        std::vector<std::uint32_t> subset;
        for (std::uint32_t image = 0; image < images; ++image)
            if (random.one_in(2)) subset.push_back(image);
        InputBatch some{.images = subset.size(), .dims = batch.dims};
        const std::size_t size = batch.values.size() / images;
        for (const std::uint32_t image : subset)
            some.values.insert(some.values.end(), batch.values.begin() + static_cast<std::ptrdiff_t>(image * size),
                               batch.values.begin() + static_cast<std::ptrdiff_t>((image + 1) * size));
        const RunResult expected = emulator::make_engine(changed)->run(some, {.keep_layers = true});

        emulator::PartRequest request{.known = {}, .wanted = {node + 1}, .replaced = {{node, spec}}};
        request.count_events = random.one_in(2);
        std::vector<const WordBatch*> known;
        for (std::size_t t = 0; t <= node; ++t) {
            request.known.push_back(t);
            known.push_back(&words[t]);
        }
        if (node + 1 != graph.nodes.size()) request.wanted.push_back(graph.nodes.size());
        const auto stages = emulator::make_stages(graph);
        const auto part = stages->part(request);
        for (int again = 0; again < 2; ++again) {  // the second run uses the memory of the first
            const emulator::PartResult found = part->run(known, subset);
            INFO("case " << i << "\n" << testing::describe(changed));
            for (std::size_t k = 0; k < request.wanted.size(); ++k) {
                const LayerResult& layer = expected.layers[request.wanted[k]];
                REQUIRE(found.wanted[k].data == words_of_layer(layer, subset.size()).data);
            }
            for (std::size_t t = node + 1; request.count_events && t < expected.layers.size(); ++t)
                REQUIRE(found.events[t] == expected.layers[t].events);
            if (!request.count_events) continue;
            const auto engine = emulator::make_engine(changed);
            for (std::size_t image = 0; image < subset.size(); image += 7) {
                const LayerEvents alone = engine->run(one_of(some, image), {}).layers[node + 1].events;
                const bool overflows = alone.product.overflows() + alone.accumulator.overflows() > 0;
                REQUIRE(found.overflowed[node + 1].at(image) == (overflows ? 1 : 0));
            }
        }
    }
}

TEST_CASE("the range of an image's sums fits an accumulator of just so many bits") {
    Random random(97);
    int checked = 0, declined = 0;
    for (int i = 0; i < 150; ++i) {
        const Graph graph = random_chain(random, 8);
        std::size_t node = 0;
        Graph changed = graph;
        while (accumulator_of(changed.nodes[node]) == nullptr) ++node;
        AccumulatorSpec& spec = *accumulator_of(changed.nodes[node]);
        spec.type.format.is_signed = true;
        spec.type.overflow = Overflow::Sat;
        spec.type.saturated_bits = 0;
        spec.bias_cast.reset();  // its overflows count, too, whatever the width
        const auto stages = emulator::make_stages(graph);
        const auto range = stages->sum_range(node, spec);
        ++(range ? checked : declined);
        if (!range) continue;
        const InputBatch batch = random_batch(random, graph, 70);
        const RunResult before = emulator::make_engine(graph)->run(batch, {.keep_layers = true});
        const std::size_t input = static_cast<std::size_t>(node_index(graph, graph.nodes[node].inputs[0]) + 1);
        const WordBatch words = words_of_layer(before.layers[input], batch.images);
        const auto extents = range->run(words, std::vector<std::uint32_t>{0, 69});
        INFO("case " << i << "\n" << testing::describe(changed));
        for (std::size_t k = 0; k < 2; ++k) {
            int width = 1;
            const auto fits = [&](int w) {
                return -(i128{1} << (w - 1)) <= extents[k].low && extents[k].high < i128{1} << (w - 1);
            };
            while (!fits(width)) ++width;
            if (width > 60) continue;
            for (const int w : {width, width - 1}) {
                if (w == 0) continue;
                spec.type.format = {.width = w, .integer = w - spec.type.format.frac(), .is_signed = true};
                if (emulator::make_stages(changed)->sum_range(node, spec) == nullptr) continue;  // a product is cast
                const RunResult run = emulator::make_engine(changed)->run(one_of(batch, 69 * k), {});
                const std::uint64_t overflows = run.layers[node + 1].events.accumulator.overflows();
                CHECK((overflows > 0) == (w < width));
            }
        }
    }
    CHECK(checked > 10);
    CHECK(declined > 10);
}

TEST_CASE("a part that cannot be computed from what is known is refused") {
    Random random(96);
    const Graph graph = random_chain(random, 8);
    const auto stages = emulator::make_stages(graph);
    CHECK_THROWS_AS(stages->part({.known = {}, .wanted = {graph.nodes.size()}}), std::logic_error);
    const auto part = stages->part({.wanted = {1}});
    const WordBatch none{.images = 0, .dims = graph.input.shape.dims, .bytes = word_bytes(graph.input.type.format)};
    const WordBatch* known[] = {&none};
    const std::uint32_t beyond[] = {0};
    CHECK(part->run(known, {}).wanted[0].data.empty());
    CHECK_THROWS_AS(part->run(known, beyond), std::logic_error);
}
