// Hazards: a proof that relies on words that come nevertheless (from outside, in the lanes behind the last image, out
// of a layer's padding), a declared range that one engine sees and the other does not. They look like a wrong word of
// an image at the end of the range, or an image that only one engine refuses.
#include "bittrue/emulator/ranges.hpp"

#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/emulator/plan.hpp"
#include "bittrue/emulator/stages.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "block/chains.hpp"
#include "block/compare.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

i128 between(Random& random, i128 low, i128 high) {
    return low + static_cast<i128>(random.bits() % static_cast<std::uint64_t>(high - low + 1));
}

// Ends at words or, half of them, a little outside of them.
Graph with_range(Random& random, Graph graph) {
    const FixedType& type = graph.input.type;
    const i128 low = between(random, range_min(type), range_max(type));
    const i128 high = between(random, low, range_max(type));
    const int frac = type.format.frac();
    const double beyond = random.one_in(2) ? std::ldexp(0.25, -frac) : 0;
    graph.input.range = ValueRange{value_of(low, frac) - beyond, value_of(high, frac) + beyond};
    validate(graph);
    return graph;
}

// Any words within the range, its ends more often.
InputBatch batch_within(Random& random, const Graph& graph, std::size_t images) {
    const InputRaws raws = input_raws(graph.input);
    InputBatch batch{.images = images, .dims = graph.input.shape.dims};
    for (std::size_t i = 0; i < images * static_cast<std::size_t>(graph.input.shape.count()); ++i) {
        i128 raw = between(random, raws.low, raws.high);
        if (random.one_in(3)) raw = random.one_in(2) ? raws.low : raws.high;
        batch.values.push_back(value_of(raw, graph.input.type.format.frac()));
    }
    return batch;
}

template <class Make>
void compare(std::uint64_t seed, int cases, Make make) {
    Random random(seed);
    for (int i = 0; i < cases; ++i) {
        const Graph graph = with_range(random, make(random));
        const auto images = static_cast<std::size_t>(random.one_in(4) ? 65 : random.integer(1, 5));
        const std::string found = compare_with_golden(graph, batch_within(random, graph, images));
        INFO("seed " << seed << ", case " << i);
        if (!found.empty()) FAIL(found);
    }
}

template <class Run>
std::string refusal(Run run) {
    try {
        (void)run();
    } catch (const InputError& e) {
        return e.what();
    }
    return "accepted";
}

WordBatch as_words(const InputBatch& batch, const FixedType& type) {
    WordBatch words{.images = batch.images, .dims = batch.dims, .bytes = word_bytes(type.format)};
    for (const double value : batch.values) {
        const auto word = static_cast<std::int64_t>(std::ldexp(value, type.format.frac()));
        for (int b = 0; b < words.bytes; ++b) words.data.push_back(static_cast<std::byte>(word >> (8 * b)));
    }
    return words;
}

FixedType type_of_bits(int width, int integer, bool is_signed, Overflow overflow = Overflow::Sat) {
    return {.format = {.width = width, .integer = integer, .is_signed = is_signed}, .overflow = overflow};
}

// 8-bit inputs, 4 weights of 100 lsb, an accumulator of 16 bits at the products' lsb: the sums go to 400 times the
// largest input.
Graph dense_of_hundreds(const FixedType& input) {
    Graph graph;
    graph.input = {.shape = {.layout = Layout::Vector, .dims = {4}}, .type = input};
    Dense dense{.weights = {.dims = {4, 1}, .raw = {100, 100, 100, 100}, .type = type_of_bits(8, 8, true)}};
    dense.accumulator.type = type_of_bits(16, 16, true);
    graph.nodes.push_back({.name = "dense", .inputs = {"input"}, .op = dense, .result = type_of_bits(16, 16, true)});
    return graph;
}

emulator::ChannelGroup only_group(const Graph& graph, const std::string& layer) {
    for (const emulator::LayerPlan& plan : emulator::plan_of(graph, {.count_events = false}).layers) {
        if (plan.name != layer) continue;
        REQUIRE(plan.groups.size() == 1);
        return plan.groups.front();
    }
    throw std::logic_error("no layer " + layer);
}

}  // namespace

TEST_CASE("I3: random layers with declared ranges equal golden on every instruction set") {
    compare(180, 250, [](Random& random) { return random_graph(random, 1); });
}

TEST_CASE("I3: random networks with declared ranges equal golden on every instruction set") {
    compare(181, 150, [](Random& random) { return random_graph(random, 6); });
}

TEST_CASE("I3: fused chains with declared ranges equal golden on every instruction set") {
    compare(182, 150, [](Random& random) { return random_chain(random, 8); });
    compare(183, 60, [](Random& random) { return random_chain(random, 28); });
}

TEST_CASE("I3: an image with one word outside is refused by both engines in the same words") {
    Random random(184);
    int refused = 0;
    for (int i = 0; i < 60; ++i) {
        const Graph graph = with_range(random, random_graph(random, 2));
        const FixedType& type = graph.input.type;
        const InputRaws raws = input_raws(graph.input);
        InputBatch batch = batch_within(random, graph, 130);
        const bool below = random.one_in(2) ? raws.low > range_min(type) : raws.high == range_max(type);
        const i128 raw = below ? raws.low - 1 : raws.high + 1;
        if (raw < range_min(type) || raw > range_max(type)) continue;
        const std::size_t size = batch.values.size() / batch.images;
        const auto at = static_cast<std::size_t>(random.integer(0, static_cast<int>(batch.values.size()) - 1));
        const std::size_t later = std::min(batch.values.size() - 1, at + 70 * size);  // of another block, maybe
        batch.values[at] = batch.values[later] = value_of(raw, type.format.frac());
        const auto golden = golden::make_engine(graph);
        const std::string expected = refusal([&] { return golden->run(batch, {}); });
        CAPTURE(i, expected);
        CHECK_THAT(expected, Catch::Contains("image " + std::to_string(at / size) + " has the value ") &&
                                 Catch::Contains(" at index " + std::to_string(at % size) + ", ") &&
                                 Catch::Contains("outside of the declared range") &&
                                 Catch::Contains("wider 'range' in [input]"));
        const WordBatch words = as_words(batch, type);
        CHECK(refusal([&] { return golden->run(words, {}); }) == expected);
        for (const emulator::Isa isa : emulator::available_isas()) {
            const auto engine = emulator::make_engine_for(graph, isa);
            CHECK(refusal([&] { return engine->run(batch, {.count_events = false}); }) == expected);
            CHECK(refusal([&] { return engine->run(words, {}); }) == expected);
        }
        ++refused;
    }
    CHECK(refused > 20);
}

TEST_CASE("I3: a declared range of 64-bit unsigned words is compared as numbers, not as patterns") {
    Graph graph;
    const FixedType type = type_of_bits(64, 64, false);
    graph.input = {.shape = {.layout = Layout::Vector, .dims = {2}}, .type = type, .range = ValueRange{1, 0x1p63}};
    graph.nodes.push_back({.name = "same", .inputs = {"input"}, .op = Quantize{}, .result = type});
    validate(graph);
    const auto run = [&](const InputBatch& batch) {
        const std::string golden = refusal([&] { return golden::make_engine(graph)->run(batch, {}); });
        CHECK(refusal([&] { return emulator::make_engine(graph)->run(batch, {}); }) == golden);
        return golden;
    };
    CHECK(run({.images = 1, .dims = {2}, .values = {1, 0x1p63}}) == "accepted");
    CHECK_THAT(run({.images = 1, .dims = {2}, .values = {1, 0x1.8p63}}), Catch::Contains("at index 1"));
    CHECK_THAT(run({.images = 1, .dims = {2}, .values = {0, 1}}), Catch::Contains("the value 0 at index 0"));
}

TEST_CASE("I3: the word that SAT_SYM never gives is refused, because proofs do without it") {
    Graph graph = dense_of_hundreds(type_of_bits(8, 8, true, Overflow::SatSym));
    validate(graph);
    const InputBatch lowest{.images = 2, .dims = {4}, .values = {-127, 0, 0, 0, 1, 2, 3, -128}};
    const WordBatch words = as_words(lowest, graph.input.type);
    const std::string expected = refusal([&] { return golden::make_engine(graph)->run(words, {}); });
    CHECK_THAT(expected, Catch::Contains("image 1 has the word -128 at index 3, which no cast into") &&
                             Catch::Contains("its words are -127 to 127"));
    CHECK(refusal([&] { return emulator::make_engine(graph)->run(words, {}); }) == expected);
    CHECK(refusal([&] { return emulator::make_engine(graph)->run(lowest, {}); }) == "accepted");  // the cast saturates
}

TEST_CASE("a layer that the input's format leaves ordered is bounded by the declared range") {
    Graph graph = dense_of_hundreds(type_of_bits(8, 8, true));
    validate(graph);
    const emulator::ChannelGroup by_format = only_group(graph, "dense");
    CHECK(by_format.proof == emulator::Proof::Ordered);
    CHECK_THAT(by_format.why_not, Catch::Contains("may reach"));
    graph.input.range = ValueRange{-82, 81};  // 81 * 400 = 32400, 82 * 400 = 32800
    CHECK(only_group(graph, "dense").proof == emulator::Proof::Ordered);
    graph.input.range = ValueRange{-81, 81};
    CHECK(only_group(graph, "dense").proof == emulator::Proof::Bounded);
    graph.input.range = ValueRange{60, 81};  // a partial sum is empty or ends early: from 0 to 32400
    CHECK(only_group(graph, "dense").proof == emulator::Proof::Bounded);
    graph.input.range = ValueRange{60, 82};
    CHECK(only_group(graph, "dense").proof == emulator::Proof::Ordered);
}

TEST_CASE("SAT_SYM, a relu, a clipped relu and a narrow cast in front bound a layer that its format leaves ordered") {
    const FixedType wide = type_of_bits(8, 8, true);
    const auto proof = [&](Graph graph) {
        validate(graph);
        return only_group(graph, "dense").proof;
    };
    const auto behind = [&](Operation op, const FixedType& to, double low, double high) {
        Graph graph = dense_of_hundreds(wide);
        graph.input.range = ValueRange{low, high};
        graph.nodes.insert(graph.nodes.begin(),
                           {.name = "before", .inputs = {"input"}, .op = std::move(op), .result = to});
        graph.nodes.back().inputs = {"before"};
        return graph;
    };
    CHECK(proof(behind(Relu{}, wide, -128, 81)) == emulator::Proof::Bounded);
    CHECK(proof(behind(Relu{}, wide, -128, 82)) == emulator::Proof::Ordered);
    CHECK(proof(behind(ClippedRelu{.max = 81}, wide, -128, 127)) == emulator::Proof::Bounded);
    CHECK(proof(behind(ClippedRelu{.max = 82}, wide, -128, 127)) == emulator::Proof::Ordered);
    CHECK(proof(behind(Quantize{}, type_of_bits(7, 7, true), -128, 127)) == emulator::Proof::Bounded);
    // 4 inputs of at most 127 with the weights 100, 100, 58, 0: 32766; with -128 it is -33024.
    const auto exact = [](const FixedType& type) {
        Graph graph = dense_of_hundreds(type);
        std::get<Dense>(graph.nodes[0].op).weights.raw = {100, 100, 58, 0};
        return graph;
    };
    CHECK(proof(exact(type_of_bits(8, 8, true, Overflow::SatSym))) == emulator::Proof::Bounded);
    CHECK(proof(exact(type_of_bits(8, 8, true, Overflow::Sat))) == emulator::Proof::Ordered);
}

TEST_CASE("a part refuses words of a known tensor that its proofs exclude") {
    Graph graph = dense_of_hundreds(type_of_bits(8, 8, true));
    graph.input.range = ValueRange{-1, 1};
    graph.nodes.insert(graph.nodes.begin(),
                       {.name = "relu", .inputs = {"input"}, .op = Relu{}, .result = graph.input.type});
    graph.nodes.back().inputs = {"relu"};
    validate(graph);
    const auto stages = emulator::make_stages(graph);
    const WordBatch good = as_words({.images = 2, .dims = {4}, .values = {0, 1, 1, 0, 0, 1, 1, 1}}, graph.input.type);
    const WordBatch bad = as_words({.images = 2, .dims = {4}, .values = {0, 1, 1, 0, 0, 1, 1, 2}}, graph.input.type);
    const std::uint32_t both[] = {0, 1}, first[] = {0};
    const auto run = [&](std::size_t known, const WordBatch& words, std::span<const std::uint32_t> images) {
        const WordBatch* const all[] = {&words};
        return stages->part({.known = {known}, .wanted = {2}})->run(all, images);
    };
    CHECK(run(0, good, both).wanted.front().word(1, type_of_bits(16, 16, true).format) == 300);
    CHECK_NOTHROW(run(0, bad, first));
    CHECK_THROWS_WITH(run(0, bad, both), Catch::Contains("image 1 has the value 2 at index 3"));
    CHECK_NOTHROW(run(1, good, both));
    CHECK_THROWS_AS(run(1, bad, both), std::logic_error);
    const auto range = stages->sum_range(1, std::get<Dense>(graph.nodes[1].op).accumulator);
    REQUIRE(range);
    CHECK(range->run(good, both).back().high == 300);
    CHECK_THROWS_AS(range->run(bad, both), std::logic_error);
}
