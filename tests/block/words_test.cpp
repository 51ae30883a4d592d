// Images as words: the cast of rule I2 in vectors, and batches of words through both engines.
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "exhaustive/random.hpp"
#include "exhaustive/types.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// A network that does nothing, so that only the input layer acts.
Graph passing(const FixedType& type, std::int64_t elements) {
    Graph graph;
    graph.input = {.shape = {.layout = Layout::Vector, .dims = {elements}}, .type = type};
    graph.nodes.push_back({.name = "same", .inputs = {graph.input.name}, .op = Quantize{}, .result = type});
    validate(graph);
    return graph;
}

// Ties and their neighbours, both ends of the range, tiny and huge numbers.
double awkward(Random& random, Format f) {
    constexpr double kSteps[] = {0, 0.25, 0.5, 0.75, 1, 1e-9, 0.49999999999999994, 0.5000000000000001};
    switch (random.integer(0, 9)) {
        case 0: return std::ldexp(1.0, random.integer(-1074, 1000)) * (random.one_in(2) ? 1 : -1);
        case 1: return random.one_in(2) ? 0.0 : -0.0;
        case 2: return std::ldexp(static_cast<double>(raw_max(f)) + random.pick(kSteps), -f.frac());
        case 3: return std::ldexp(static_cast<double>(raw_min(f)) - random.pick(kSteps), -f.frac());
        default: {
            const double u = random.integer(-40, 40) + random.pick(kSteps);
            return std::ldexp(random.one_in(2) ? u : -u, -f.frac());
        }
    }
}

InputBatch one_word(double value) {
    return {.images = 1, .dims = {1}, .values = {value}};
}

}  // namespace

TEST_CASE("I2: words of whole batches are those of single values, for every rounding and overflow") {
    Random random(90);
    for (int width : {1, 2, 7, 8, 9, 16, 31, 32, 33, 64}) {
        for (const Rounding rounding : kAllRoundings) {
            for (const Overflow overflow : kAllOverflows) {
                FixedType type{.format = {.width = width,
                                          .integer = width - random.integer(-3, 12),
                                          .is_signed = random.one_in(2)},
                               .rounding = rounding,
                               .overflow = overflow};
                if (rounding == Rounding::RndConvOdd) type.dialect = Dialect::Ac;
                if (!reason_invalid(type).empty()) continue;
                InputBatch batch{.images = 70, .dims = {37}};
                EventCounts expected;
                std::vector<std::int64_t> words;
                for (int i = 0; i < 70 * 37; ++i) {
                    batch.values.push_back(awkward(random, type.format));
                    const Converted one = emulator::quantize_real(batch.values.back(), type);
                    words.push_back(one.word);
                    expected.add(one.events);
                }
                const WordBatch found = emulator::words_of(batch, type);
                REQUIRE(found.bytes == word_bytes(type.format));
                for (std::size_t i = 0; i < words.size(); ++i) REQUIRE(found.word(i, type.format) == words[i]);
                REQUIRE(found.cast == expected);
            }
        }
    }
}

TEST_CASE("a batch of words gives what its values give, in both engines and with the events of its cast") {
    Random random(91);
    for (int i = 0; i < 60; ++i) {
        const int width = random.integer(1, 40);
        const FixedType type{
            .format = {.width = width, .integer = random.integer(-3, 20), .is_signed = random.one_in(2)},
            .overflow = Overflow::Sat};
        const Graph graph = passing(type, 21);
        InputBatch values{.images = 66, .dims = {21}};
        for (int k = 0; k < 66 * 21; ++k) values.values.push_back(awkward(random, type.format));
        WordBatch words = emulator::words_of(values, type);
        while (words.bytes < 8 && random.one_in(2)) {  // wider bytes than needed are words, too
            WordBatch wide{.images = 66, .dims = {21}, .bytes = 2 * words.bytes, .data = {}, .cast = words.cast};
            for (std::size_t k = 0; k < 66 * 21; ++k) {
                const auto word = static_cast<std::uint64_t>(words.word(k, type.format));
                for (int b = 0; b < wide.bytes; ++b) wide.data.push_back(static_cast<std::byte>(word >> (8 * b)));
            }
            words = wide;
        }
        const auto emulator = emulator::make_engine(graph);
        const RunResult expected = emulator->run(values, {.keep_layers = true});
        for (const RunResult& found : {emulator->run(words, {.keep_layers = true}),
                                       golden::make_engine(graph)->run(words, {.keep_layers = true})}) {
            CHECK(found.layers[0].words == expected.layers[0].words);
            CHECK(found.layers[1].words == expected.layers[1].words);
            CHECK(found.layers[0].events == expected.layers[0].events);
            CHECK(found.layers[1].events == expected.layers[1].events);
            CHECK(found.layers[1].min_raw == expected.layers[1].min_raw);
        }
    }
}

TEST_CASE("a batch of words that does not fit says what is wrong") {
    const Graph graph = passing({.format = {.width = 6, .integer = 6, .is_signed = false}}, 2);
    const auto engine = emulator::make_engine(graph);
    WordBatch batch{.images = 1, .dims = {2}, .bytes = 1, .data = {std::byte{63}, std::byte{64}}};
    CHECK_THROWS_WITH(engine->run(batch, {}), Catch::Contains("image 0 has the word 64 at index 1"));
    batch.data.pop_back();
    CHECK_THROWS_WITH(engine->run(batch, {}), Catch::Contains("need 2 bytes, there are 1"));
    batch = {.images = 1, .dims = {3}, .bytes = 1, .data = std::vector<std::byte>(3)};
    CHECK_THROWS_WITH(engine->run(batch, {}), Catch::Contains("the network's input is 2"));
    batch = {.images = 1, .dims = {2}, .bytes = 3, .data = std::vector<std::byte>(6)};
    CHECK_THROWS_WITH(engine->run(batch, {}), Catch::Contains("1, 2, 4 or 8"));
    const auto wide = emulator::make_engine(passing({.format = {.width = 12, .integer = 6}}, 2));
    batch = {.images = 1, .dims = {2}, .bytes = 1, .data = std::vector<std::byte>(2)};
    CHECK_THROWS_WITH(wide->run(batch, {}), Catch::Contains("do not hold the network's 12 bits"));
}

TEST_CASE("a value that is not finite is named in every place of a batch") {
    const FixedType type{.format = {.width = 8, .integer = 4}};
    const auto engine = emulator::make_engine(passing(type, 1));
    CHECK(engine->run(one_word(1), {}).layers[0].words.empty());
    for (const double bad :
         {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
        for (const std::size_t at : {0U, 7U, 64U, 129U}) {
            InputBatch batch{.images = 130, .dims = {1}, .values = std::vector<double>(130, 0.5)};
            batch.values[at] = bad;
            const auto message = Catch::Contains("image " + std::to_string(at) + " has a value that is not finite");
            CHECK_THROWS_WITH(engine->run(batch, {}), message);
            CHECK_THROWS_WITH(emulator::words_of(batch, type), message);
        }
    }
}
