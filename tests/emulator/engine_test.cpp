#include <limits>
#include <mutex>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kByte = fixed(8, 4, Rounding::Rnd, Overflow::Sat);

Parameter random_words(Random& random, const Dims& dims) {
    Words raw;
    for (std::int64_t i = 0; i < element_count(dims); ++i) raw.push_back(random.word({8, 2, true}));
    return words(dims, raw, fixed(8, 2));
}

// A small network with a branch: conv, relu, pool, add, flatten, dense.
Graph small_network() {
    Random random(7);
    Graph graph;
    graph.input = {.name = "pixels", .shape = make_map(Layout::Hwc, 2, 6, 6), .type = kByte};
    Conv2d conv;
    conv.weights = random_words(random, {3, 3, 2, 4});
    conv.bias = random_words(random, {4});
    conv.padding = {1, 1, 1, 1};
    conv.accumulator.type = fixed(10, 5, Rounding::Rnd, Overflow::Sat);
    Dense dense;
    dense.weights = random_words(random, {36, 5});
    dense.accumulator.type = fixed(12, 6, Rounding::Trn, Overflow::Sat);
    MaxPool pool;
    pool.pool = pool.stride = {2, 2};
    graph.nodes.push_back({.name = "out", .inputs = {"flat"}, .op = dense, .result = kByte});
    graph.nodes.push_back({.name = "conv", .inputs = {"pixels"}, .op = conv, .result = kByte});
    graph.nodes.push_back({.name = "relu", .inputs = {"conv"}, .op = Relu{}, .result = kByte});
    graph.nodes.push_back({.name = "sum", .inputs = {"conv", "relu"}, .op = Add{}, .result = kByte});
    graph.nodes.push_back({.name = "pool", .inputs = {"sum"}, .op = pool, .result = kByte});
    graph.nodes.push_back({.name = "flat", .inputs = {"pool"}, .op = Flatten{}, .result = kByte});
    validate(graph);
    return graph;
}

InputBatch random_batch(const Graph& graph, std::size_t images) {
    Random random(8);
    Words raws;
    const std::size_t count = images * static_cast<std::size_t>(graph.input.shape.count());
    for (std::size_t i = 0; i < count; ++i) raws.push_back(random.word(graph.input.type.format));
    return batch_of(graph, raws);
}

bool equal(const RunResult& a, const RunResult& b) {
    if (a.images != b.images || a.layers.size() != b.layers.size()) return false;
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        const LayerResult &x = a.layers[i], &y = b.layers[i];
        if (x.name != y.name || !(x.shape == y.shape) || x.words != y.words || !(x.events == y.events)) return false;
        if (x.min_raw != y.min_raw || x.max_raw != y.max_raw) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("A run does not depend on the number of threads") {
    const Graph graph = small_network();
    const auto engine = emulator::make_engine(graph);
    const InputBatch batch = random_batch(graph, 100);
    const RunResult one = engine->run(batch, {.keep_layers = true, .threads = 1});
    CHECK(one.layers.back().events.overflows() > 0);
    CHECK(one.layers[1].events.accumulator.overflows() > 0);
    for (const int threads : {0, 2, 3, 8})
        CHECK(equal(one, engine->run(batch, {.keep_layers = true, .threads = threads})));
}

TEST_CASE("A run gives the same words for an image alone and in a batch") {
    const Graph graph = small_network();
    const auto engine = emulator::make_engine(graph);
    const InputBatch batch = random_batch(graph, 5);
    const RunResult all = engine->run(batch, {});
    Words one_by_one;
    for (std::size_t i = 0; i < 5; ++i) {
        InputBatch image{.images = 1, .dims = batch.dims, .values = {}};
        image.values.assign(batch.values.begin() + static_cast<std::ptrdiff_t>(i) * 72,
                            batch.values.begin() + static_cast<std::ptrdiff_t>(i + 1) * 72);
        const Words w = engine->run(image, {}).layers.back().words;
        one_by_one.insert(one_by_one.end(), w.begin(), w.end());
    }
    CHECK(all.layers.back().words == one_by_one);
}

TEST_CASE("Layers stand in graph order, and only the output's words are kept unless all are asked for") {
    const Graph graph = small_network();
    const auto engine = emulator::make_engine(graph);
    const InputBatch batch = random_batch(graph, 3);
    const RunResult brief = engine->run(batch, {});
    const RunResult full = engine->run(batch, {.keep_layers = true});
    const std::vector<std::string> names{"pixels", "conv", "relu", "sum", "pool", "flat", "out"};
    REQUIRE(brief.layers.size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK(brief.layers[i].name == names[i]);
        CHECK(full.layers[i].words.size() == 3 * static_cast<std::size_t>(full.layers[i].shape.count()));
        CHECK(brief.layers[i].words.empty() == (names[i] != "out"));
        CHECK(brief.layers[i].events == full.layers[i].events);
        CHECK(brief.layers[i].min_raw == full.layers[i].min_raw);
        CHECK(brief.layers[i].max_raw == full.layers[i].max_raw);
        CHECK(full.layers[i].events.result.conversions == full.layers[i].words.size());
    }
    CHECK(brief.layers.back().words == full.layers.back().words);
}

TEST_CASE("E4: weights are counted once, not per image") {
    Dense dense;
    dense.weights = reals({1, 3}, {0.1, 0.2, 99}, fixed(8, 4, Rounding::Rnd, Overflow::Sat));
    dense.accumulator.type = fixed(16, 8);
    const Graph graph = one_layer(vector_of(1), kByte, dense, kByte);
    const LayerResult r = run_layer(graph, {1, 2, 3, 4});
    CHECK(r.events.weights == EventCounts{3, 2, 1, 0, 1});
}

TEST_CASE("I2: the input is cast, and counted as the result of the layer named as the input") {
    const Graph graph = one_layer(vector_of(2), kByte, Quantize{}, kByte);
    const InputBatch batch{.images = 2, .dims = {2}, .values = {0.3, 100, -0.5, 1}};
    const RunResult r = emulator::make_engine(graph)->run(batch, {.keep_layers = true});
    CHECK(r.layers[0].words == Words{5, 127, -8, 16});
    CHECK(r.layers[0].events.result == EventCounts{4, 1, 1, 0, 1});
    CHECK(r.layers[0].name == "x");
}

TEST_CASE("An empty batch gives no words and no events") {
    const Graph graph = small_network();
    const RunResult r =
        emulator::make_engine(graph)->run({.images = 0, .dims = graph.input.shape.dims, .values = {}}, {});
    CHECK(r.images == 0);
    CHECK(r.layers.back().words.empty());
    CHECK(r.layers.back().min_raw == 0);
    CHECK(r.layers.back().max_raw == 0);
}

TEST_CASE("A batch that does not fit the input is refused") {
    const auto engine = emulator::make_engine(one_layer(vector_of(2), kByte, Quantize{}, kByte));
    CHECK_THROWS_AS(engine->run({.images = 1, .dims = {3}, .values = {1, 2, 3}}, {}), InputError);
    CHECK_THROWS_AS(engine->run({.images = 2, .dims = {2}, .values = {1, 2, 3}}, {}), InputError);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(engine->run({.images = 2, .dims = {2}, .values = {1, 2, 3, nan}}, {}),
                      Catch::Contains("image 1 has a value that is not finite at index 1"));
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK_THROWS_AS(engine->run({.images = 1, .dims = {2}, .values = {1, infinity}}, {}), InputError);
}

TEST_CASE("A run stops when it is cancelled and reports its progress") {
    const Graph graph = small_network();
    const auto engine = emulator::make_engine(graph);
    const InputBatch batch = random_batch(graph, 100);
    std::vector<std::size_t> told;
    std::mutex mutex;
    RunOptions options;
    options.threads = 2;
    options.progress = [&](std::size_t done) {
        const std::lock_guard lock(mutex);
        told.push_back(done);
    };
    static_cast<void>(engine->run(batch, options));
    REQUIRE_FALSE(told.empty());
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == 100);

    std::atomic<bool> cancel{true};
    options.cancel = &cancel;
    CHECK_THROWS_AS(engine->run(batch, options), Interrupted);
    cancel = false;
    CHECK(engine->run(batch, options).images == 100);
}

TEST_CASE("A layer whose exact sum exceeds 127 bits is declined by name") {
    Dense dense;
    dense.weights = words({2, 1}, {1, 1}, fixed(64, 64));
    dense.accumulator.type = fixed(64, 64);
    CHECK_THROWS_WITH(emulator::make_engine(one_layer(vector_of(2), fixed(64, 64), dense, kByte)),
                      "layer 'layer': the exact sum needs 129 bits, the emulator has 127; use --engine golden");
    dense.weights = words({2, 1}, {1, 1}, fixed(63, 63));
    dense.accumulator.type = fixed(64, 64);
    CHECK_NOTHROW(emulator::make_engine(one_layer(vector_of(2), fixed(63, 63), dense, kByte)));
    CHECK_THROWS_WITH(
        emulator::make_engine(one_layer(vector_of(1), fixed(64, 64), LeakyRelu{words({1}, {1}, fixed(64, 1))}, kByte)),
        Catch::Contains("layer 'layer': the exact sum needs 128 bits"));
    AveragePool pool;
    pool.accumulator = fixed(16, 116);  // lsb 2^100
    CHECK_THROWS_WITH(emulator::make_engine(one_layer(make_map(Layout::Hwc, 1, 2, 2), fixed(32, 2), pool, kByte)),
                      Catch::Contains("use --engine golden"));
}

TEST_CASE("Parameters are listed in graph order with their roles") {
    Graph graph = small_network();
    const auto parameters = emulator::make_engine(graph)->parameters();
    REQUIRE(parameters.size() == 3);
    CHECK(parameters[0].layer == "conv");
    CHECK(parameters[0].role == "weights");
    CHECK(parameters[0].tensor.dims == Dims{3, 3, 2, 4});
    CHECK(parameters[1].role == "bias");
    CHECK(parameters[2].layer == "out");
    CHECK(parameters[2].tensor.format == Format{8, 2, true});
}
