// The engine around the layers: threads, kept layers, refusal of unusable batches, cancelling.
#include <atomic>
#include <limits>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "exhaustive/random.hpp"
#include "golden/one_layer.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// Convolution, relu, flatten, dense: saturating accumulators whose order matters.
Graph small_network(Random& random) {
    const auto weights = [&](Dims dims) {
        std::vector<std::int64_t> raw;
        for (std::int64_t i = 0; i < element_count(dims); ++i) raw.push_back(random.integer(-8, 7));
        return raw_parameter(std::move(dims), std::move(raw));
    };
    Conv2d conv{.weights = weights({3, 3, 1, 2}), .bias = weights({2})};
    conv.accumulator.type = integers(7);
    Dense dense{.weights = weights({32, 5})};
    dense.accumulator.type = integers(8);
    Graph graph{.name = "small", .input = {.shape = make_map(Layout::Hwc, 1, 6, 6), .type = integers(4)}};
    graph.nodes.push_back({.name = "conv", .inputs = {"input"}, .op = conv, .result = integers(6)});
    graph.nodes.push_back({.name = "relu", .inputs = {"conv"}, .op = Relu{}, .result = integers(5, false)});
    graph.nodes.push_back({.name = "flat", .inputs = {"relu"}, .op = Flatten{}, .result = integers(5, false)});
    graph.nodes.push_back({.name = "dense", .inputs = {"flat"}, .op = dense, .result = integers(6)});
    validate(graph);
    return graph;
}

InputBatch batch_of(Random& random, std::size_t images) {
    InputBatch batch{.images = images, .dims = {6, 6, 1}};
    for (std::size_t i = 0; i < images * 36; ++i) batch.values.push_back(random.integer(-8, 7));
    return batch;
}

}  // namespace

TEST_CASE("golden engine: words and counts do not depend on the threads or on the batch", "[golden]") {
    Random random(7);
    const Graph graph = small_network(random);
    const InputBatch batch = batch_of(random, 23);
    const auto engine = golden::make_engine(graph);
    const RunResult one = engine->run(batch, {.keep_layers = true, .threads = 1});
    const RunResult four = engine->run(batch, {.keep_layers = true, .threads = 4});
    REQUIRE(one.layers.size() == 5);
    CHECK(one.layers[1].events.accumulator.overflows() > 0);
    std::vector<LayerEvents> singles(5);
    std::vector<std::vector<std::int64_t>> words(5);
    for (std::size_t i = 0; i < batch.images; ++i) {
        InputBatch single{.images = 1, .dims = batch.dims};
        const auto first = batch.values.begin() + static_cast<std::ptrdiff_t>(i * 36);
        single.values.assign(first, first + 36);
        const RunResult r = engine->run(single, {.keep_layers = true});
        for (std::size_t k = 0; k < 5; ++k) {
            words[k].insert(words[k].end(), r.layers[k].words.begin(), r.layers[k].words.end());
            singles[k].accumulator += r.layers[k].events.accumulator;
            singles[k].result += r.layers[k].events.result;
        }
    }
    for (std::size_t k = 0; k < 5; ++k) {
        CAPTURE(one.layers[k].name);
        CHECK(one.layers[k].words == four.layers[k].words);
        CHECK(one.layers[k].words == words[k]);
        CHECK(one.layers[k].events == four.layers[k].events);
        CHECK(one.layers[k].events == singles[k]);
        CHECK(one.layers[k].min_raw == four.layers[k].min_raw);
        CHECK(one.layers[k].max_raw == four.layers[k].max_raw);
    }
}

TEST_CASE("golden engine: without keep_layers only the output's words are kept", "[golden]") {
    Random random(8);
    const Graph graph = small_network(random);
    const InputBatch batch = batch_of(random, 3);
    const auto engine = golden::make_engine(graph);
    const RunResult kept = engine->run(batch, {.keep_layers = true});
    const RunResult r = engine->run(batch, {});
    for (std::size_t k = 0; k < 4; ++k) CHECK(r.layers[k].words.empty());
    CHECK(r.layers[4].words == kept.layers[4].words);
    CHECK(r.layers[2].min_raw == kept.layers[2].min_raw);
    CHECK(r.layers[2].max_raw == kept.layers[2].max_raw);
    CHECK(r.layers[0].name == "input");
    CHECK(r.layers[0].events.result.conversions == 3 * 36);
    CHECK(engine->run(InputBatch{.images = 0, .dims = {6, 6, 1}}, {}).layers[4].words.empty());
}

TEST_CASE("golden engine: an unusable batch is refused", "[golden]") {
    Random random(9);
    const auto engine = golden::make_engine(small_network(random));
    InputBatch batch = batch_of(random, 2);
    batch.dims = {36};
    CHECK_THROWS_AS(engine->run(batch, {}), InputError);
    batch = batch_of(random, 2);
    batch.values.pop_back();
    CHECK_THROWS_AS(engine->run(batch, {}), InputError);
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        batch = batch_of(random, 2);
        batch.values[40] = bad;
        CHECK_THROWS_WITH(engine->run(batch, {}), Catch::Contains("image 1") && Catch::Contains("flat index 4"));
    }
}

TEST_CASE("golden engine: progress counts the images and cancel interrupts", "[golden]") {
    Random random(10);
    const auto engine = golden::make_engine(small_network(random));
    const InputBatch batch = batch_of(random, 9);
    std::atomic<std::size_t> most{0};
    std::atomic<int> calls{0};
    static_cast<void>(engine->run(batch, {.progress = [&](std::size_t done) {
                                      ++calls;
                                      if (done == 9) most = done;
                                  }}));
    CHECK(most == 9);
    CHECK(calls == 9);
    const std::atomic<bool> cancel{true};
    CHECK_THROWS_AS(engine->run(batch, {.cancel = &cancel}), Interrupted);
}
