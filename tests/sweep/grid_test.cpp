// Axes to configurations: stable ids, what a width changes, what is refused; and the wide accumulators.
#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/sweep.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"
#include "sweep/example.hpp"

using namespace bittrue;
using namespace bittrue::explore;

TEST_CASE("a grid has layers outermost and widths innermost, with ids of what varies") {
    const Graph graph = test::example_network();
    SweepAxes axes{.widths = {8, 12}, .overflows = {Overflow::Wrap, Overflow::Sat}};
    axes.layers = {"dense", "conv2d"};
    axes.orders = {parse_order("interleave:4")};
    axes.products = {ProductChoice::Accumulator};
    const auto grid = make_grid(graph, axes);
    REQUIRE(grid.size() == 8);
    CHECK(grid[0].id == "w8/WRAP/interleave:4/accumulator@dense");
    CHECK(grid[1].id == "w12/WRAP/interleave:4/accumulator@dense");
    CHECK(grid[2].id == "w8/SAT/interleave:4/accumulator@dense");
    CHECK(grid[7].id == "w12/SAT/interleave:4/accumulator@conv2d");
    CHECK(make_grid(graph, {.widths = {9}}).front().id == "w9");
}

TEST_CASE("a width keeps the lsb or the integer bits, and layers that are not named keep all") {
    const Graph graph = test::example_network();
    SweepAxes axes{.widths = {10}, .layers = {"dense"}};
    auto specs = make_grid(graph, axes).front().specs;
    CHECK(specs[1].type.format == Format{.width = 10, .integer = -3, .is_signed = true});
    CHECK(specs[0] == specs_of(graph)[0]);
    axes.keep = Keep::Integer;
    specs = make_grid(graph, axes).front().specs;
    CHECK(specs[1].type.format == Format{.width = 10, .integer = 7, .is_signed = true});
}

TEST_CASE("a product of the accumulator's type goes with it") {
    Graph graph = test::example_network();
    auto own = specs_of(graph);
    own[0].product = own[0].type;
    own[1].product = parse_type("ap_fixed<9,3>");
    graph = with_specs(graph, own);
    const auto specs = make_grid(graph, {.widths = {11}, .overflows = {Overflow::Wrap}}).front().specs;
    CHECK(specs[0].product == specs[0].type);
    CHECK(specs[0].type.format.width == 11);
    CHECK(specs[1].product == parse_type("ap_fixed<9,3>"));
    const auto exact = make_grid(graph, {.widths = {11}, .products = {ProductChoice::Exact}}).front().specs;
    CHECK_FALSE(exact[0].product.has_value());
    CHECK_FALSE(exact[1].product.has_value());
}

TEST_CASE("a bias cast of the accumulator's type goes with it, and the wide accumulators cast no such bias") {
    Graph graph = test::example_network();
    auto own = specs_of(graph);
    own[0].bias_cast = own[0].type;
    own[1].bias_cast = parse_type("ap_fixed<9,3>");
    graph = with_specs(graph, own);
    const auto specs = make_grid(graph, {.widths = {11}, .overflows = {Overflow::Wrap}}).front().specs;
    CHECK(specs[0].bias_cast == specs[0].type);
    CHECK(specs[0].type.format.width == 11);
    CHECK(specs[1].bias_cast == parse_type("ap_fixed<9,3>"));
    CHECK(with_width(own[0], 7, Keep::Frac).bias_cast == with_width(own[0], 7, Keep::Frac).type);
    CHECK_FALSE(wide_specs(graph)[0].bias_cast.has_value());
    CHECK(wide_specs(graph)[1].bias_cast == parse_type("ap_fixed<9,3>"));
}

TEST_CASE("orders are read and printed, with the usual moment of quantising left out") {
    for (const char* text : {"sequential", "sequential:end", "interleave:4", "interleave:4:fold", "fold:8",
                             "fold:8:step", "cascade:3", "partial:2", "partial:2:end", "tree", "tree:end"})
        CHECK(print_order(parse_order(text)) == text);
    CHECK(parse_order("fold:8:fold") == parse_order("fold:8"));
    for (const char* text : {"", "fold", "tree:fold", "cascade:2:step", "sequential:2", "fold:0", "round"})
        CHECK_THROWS_AS(parse_order(text), InputError);
}

TEST_CASE("what a grid cannot be is refused with the reason") {
    const Graph graph = test::example_network();
    CHECK_THROWS_WITH(make_grid(graph, {}), Catch::Contains("8:32"));
    CHECK_THROWS_WITH(make_grid(graph, {.widths = {0}}), Catch::Contains("1 to 64"));
    CHECK_THROWS_WITH(make_grid(graph, {.widths = {8, 8}}), Catch::Contains("'w8' occurs twice"));
    CHECK_THROWS_WITH(make_grid(graph, {.widths = {8}, .layers = {"relu"}}),
                      Catch::Contains("'conv2d', 'dense', 'dense_1'"));
    CHECK_THROWS_AS(make_grid(graph, {.widths = {8}, .roundings = {Rounding::RndConvOdd}}), InputError);
}

TEST_CASE("wide accumulators of random networks drop no bit and never overflow") {
    int checked = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        testing::Random random(seed);
        const Graph graph = testing::random_graph(random, 5);
        auto specs = wide_specs(graph);
        for (AccumulatorSpec& spec : specs) spec.product.reset();
        for (AccumulatorSpec& spec : specs) spec.bias_cast.reset();
        Graph wide = with_specs(graph, specs);
        wide = with_specs(wide, wide_specs(wide));
        const RunResult run = emulator::make_engine(wide)->run(testing::random_batch(random, wide, 20), {});
        for (const std::size_t node : accumulating_nodes(wide)) {
            const EventCounts& counts = run.layers[node + 1].events.accumulator;
            INFO("seed " << seed << " layer " << wide.nodes[node].name);
            CHECK(counts.conversions > 0);
            CHECK(counts.inexact == 0);
            CHECK(counts.overflows() == 0);
            ++checked;
        }
    }
    CHECK(checked > 100);
}
