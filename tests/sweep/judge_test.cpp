// The incremental judge must say what a full run per configuration says, for every order, rounding and overflow mode.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/explore/sweep_judge.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/digits.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::explore;
using bittrue::testing::Random;

namespace {

std::string describe(const Outcome& o) {
    std::string text = fmt::format("correct {} flips {} touched {} error {} sum {} layers", o.correct, o.flips,
                                   o.touched, o.max_error, print_raw(o.error_sum));
    for (const std::uint64_t n : o.layers_touched) text += fmt::format(" {}", n);
    return text;
}

std::vector<Outcome> outcomes_of(Judge& judge, std::span<const Configuration> configurations) {
    std::vector<Outcome> all;
    judge.judge(configurations, [&](std::size_t i, const Outcome& o) {
        CHECK(i == all.size());
        all.push_back(o);
    });
    CHECK(all.size() == configurations.size());
    return all;
}

// The number of configurations on which a full run and the incremental judge were compared; 0 where the latter
// declines.
std::size_t compare(const Trial& trial, std::span<const Configuration> configurations, JudgeOptions options = {}) {
    options.threads = 1;
    const auto fast = make_incremental_judge(trial, options);
    if (!fast) return 0;
    const auto brute = make_brute_judge(trial, {.threads = 1});
    CHECK(describe(fast->wide()) == describe(brute->wide()));
    const auto expected = outcomes_of(*brute, configurations);
    const auto got = outcomes_of(*fast, configurations);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("configuration " << configurations[i].id);
        CHECK(describe(got[i]) == describe(expected[i]));
    }
    return expected.size();
}

std::vector<int> random_labels(Random& random, const Graph& graph, std::size_t images) {
    std::vector<int> labels;
    const auto classes = static_cast<int>(shape_of(graph, graph.output).count());
    for (std::size_t i = 0; i < images; ++i) labels.push_back(random.integer(0, classes - 1));
    return labels;
}

bool accumulates(const Graph& graph) {
    return !accumulating_nodes(graph).empty();
}

}  // namespace

TEST_CASE("the incremental judge equals a full run per configuration on random networks") {
    std::size_t compared = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        Random random(seed);
        const Graph graph = testing::random_graph(random, 6);
        if (!accumulates(graph)) continue;
        const InputBatch batch = testing::random_batch(random, graph, static_cast<std::size_t>(random.integer(1, 70)));
        const std::vector<int> labels = random_labels(random, graph, batch.images);
        SweepAxes axes{.widths = {random.integer(1, 6), random.integer(7, 12), random.integer(13, 24)}};
        if (random.one_in(2)) axes.overflows = {Overflow::Sat, Overflow::Wrap, Overflow::SatZero};
        if (random.one_in(3)) axes.roundings = {Rounding::Trn, Rounding::RndConv};
        if (random.one_in(3)) axes.products = {ProductChoice::Exact, ProductChoice::Accumulator};
        if (random.one_in(4)) axes.keep = Keep::Integer;
        INFO("seed " << seed << "\n" << testing::describe(graph));
        std::vector<Configuration> grid;
        try {
            grid = make_grid(graph, axes);
        } catch (const std::exception&) {
            continue;  // a rounding or overflow mode that one layer's dialect does not have
        }
        JudgeOptions options;
        if (random.one_in(4)) options.cache_bytes = 0;
        compared += compare({.graph = graph, .batch = batch, .labels = labels}, grid, options);
    }
    INFO(compared << " configurations");
    CHECK(compared > 500);
}

TEST_CASE("the incremental judge equals a full run where the bias cast has the accumulator's type") {
    std::size_t compared = 0;
    for (std::uint64_t seed = 2000; seed < 2150; ++seed) {
        Random random(seed);
        Graph graph = testing::random_graph(random, 4);
        if (!accumulates(graph)) continue;
        auto specs = specs_of(graph);
        for (AccumulatorSpec& spec : specs) spec.bias_cast = spec.type;
        graph = with_specs(graph, specs);
        const InputBatch batch = testing::random_batch(random, graph, 20);
        INFO("seed " << seed << "\n" << testing::describe(graph));
        compared += compare({.graph = graph, .batch = batch},
                            make_grid(graph, {.widths = {3, 8, 14}, .overflows = {Overflow::Sat, Overflow::Wrap}}));
    }
    CHECK(compared > 200);
}

TEST_CASE("the incremental judge equals a full run in every order") {
    std::size_t compared = 0;
    for (std::uint64_t seed = 1000; seed < 1120; ++seed) {
        Random random(seed);
        const Graph graph = testing::random_graph(random, 4);
        if (!accumulates(graph)) continue;
        const InputBatch batch = testing::random_batch(random, graph, 20);
        SweepAxes axes{.widths = {3, 8, 14}, .overflows = {Overflow::Sat, Overflow::Wrap}};
        for (const char* order :
             {"sequential", "sequential:end", "interleave:3", "interleave:2:fold", "fold:4", "fold:3:step", "cascade:2",
              "partial:3", "partial:2:fold", "partial:2:end", "tree", "tree:end"})
            axes.orders.push_back(parse_order(order));
        INFO("seed " << seed << "\n" << testing::describe(graph));
        compared += compare({.graph = graph, .batch = batch}, make_grid(graph, axes));
    }
    CHECK(compared > 1000);
}

TEST_CASE("the incremental judge equals a full run on the example network, saturating and wrapping") {
    const Graph graph = load_network(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml");
    const Digits digits = make_digits(300, 5);
    const InputBatch batch = input_from_digits(digits, graph.input);
    const std::vector<int> labels(digits.labels.begin(), digits.labels.end());
    SweepAxes axes{.widths = {8, 11, 13, 14, 15, 16, 20}, .overflows = {Overflow::Sat, Overflow::Wrap}};
    CHECK(compare({.graph = graph, .batch = batch, .labels = labels}, make_grid(graph, axes)) == 14);
    axes = {.widths = {10, 14}, .roundings = {Rounding::Rnd, Rounding::Trn, Rounding::RndConv}, .layers = {"dense"}};
    axes.keep = Keep::Integer;
    CHECK(compare({.graph = graph, .batch = batch, .labels = labels}, make_grid(graph, axes)) == 6);
}

TEST_CASE("the incremental judge equals a full run on LeNet-5, which pools before it casts") {
    const Graph graph = load_network(std::string(BITTRUE_SOURCE_DIR) + "/examples/lenet5-wage/lenet5_wage.toml");
    const Digits digits = make_digits(80, 6);
    const InputBatch batch = input_from_digits(digits, graph.input);
    const std::vector<int> labels(digits.labels.begin(), digits.labels.end());
    const SweepAxes axes{.widths = {2, 3, 4, 5, 6, 7, 8, 9}, .overflows = {Overflow::Sat, Overflow::Wrap}};
    CHECK(compare({.graph = graph, .batch = batch, .labels = labels}, make_grid(graph, axes)) == 16);
}

TEST_CASE("a layer whose accumulator has 64 bits is judged behind one that overflows") {
    Graph graph = load_network(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml");
    auto specs = specs_of(graph);
    specs[1] = with_width(specs[1], 64, Keep::Frac);
    specs[2] = with_width(specs[2], 64, Keep::Frac);
    specs[2].type.format.is_signed = false;
    graph = with_specs(graph, specs);
    const Digits digits = make_digits(70, 8);
    const InputBatch batch = input_from_digits(digits, graph.input);
    const std::vector<int> labels(digits.labels.begin(), digits.labels.end());
    const SweepAxes axes{.widths = {8, 14, 16}, .overflows = {Overflow::Sat, Overflow::Wrap}, .layers = {"conv2d"}};
    CHECK(compare({.graph = graph, .batch = batch, .labels = labels}, make_grid(graph, axes)) == 6);
}

TEST_CASE("outcomes do not depend on the number of threads") {
    const Graph graph = load_network(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml");
    const Digits digits = make_digits(700, 9);
    const InputBatch batch = input_from_digits(digits, graph.input);
    const std::vector<int> labels(digits.labels.begin(), digits.labels.end());
    const auto grid = make_grid(graph, {.widths = {9, 12, 14, 17}, .overflows = {Overflow::Sat, Overflow::Wrap}});
    const Trial trial{.graph = graph, .batch = batch, .labels = labels};
    const auto one = outcomes_of(*make_incremental_judge(trial, {.threads = 1}), grid);
    const auto two = outcomes_of(*make_incremental_judge(trial, {.threads = 2}), grid);
    CHECK(one == two);
    const auto without_cache = outcomes_of(*make_incremental_judge(trial, {.threads = 2, .cache_bytes = 0}), grid);
    CHECK(one == without_cache);
}
