// Small networks whose corners are known by hand.
#include "bittrue/vectors/coverage.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "vectors_stimulus/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const CoverageItem& item(const CoverageReport& report, const std::string& layer, const std::string& place,
                         const std::string& goal) {
    for (const LayerCoverage& l : report.layers) {
        for (const CoverageItem& i : l.items) {
            if (l.layer == layer && i.place == place && i.goal == goal) return i;
        }
    }
    throw std::logic_error("no item " + layer + " " + place + " " + goal);
}

CoverageReport coverage_of(const Graph& graph, const Words& raws) {
    const CoverageReport report = measure_coverage(graph, batch_of(graph, raws), emulator::make_engine);
    CHECK(coverage_json(report) == coverage_json(measure_coverage(graph, batch_of(graph, raws), golden::make_engine)));
    return report;
}

constexpr std::uint64_t hits(const CoverageItem& i) {
    return i.hits;
}

}  // namespace

TEST_CASE("coverage: ties, edges and overflows of a requantiser are counted") {
    // s8.2 into s4.0, RND: raws are quarters.
    const Graph graph = one_layer(vector_of(1), fixed(8, 6), Quantize{}, fixed(4, 4, Rounding::Rnd, Overflow::Sat));
    const auto report = coverage_of(graph, {2, -2, 6, 28, 30, 32, -32, -34, -35, -1, 0, 3});
    const auto count = [&](const char* goal) { return hits(item(report, "layer", "result", goal)); };
    CHECK(count("tie, positive") == 3);  // 0.5, 1.5, 7.5
    CHECK(count("tie, negative") == 2);  // -0.5, -8.5
    CHECK(count("exact") == 4);          // 7, 8, -8, 0
    CHECK(count("rounded, positive") == 4);
    CHECK(count("rounded, negative") == 4);
    CHECK(count("largest word") == 1);           // 7
    CHECK(count("one above the largest") == 2);  // 7.5 and 8
    CHECK(count("above") == 2);
    CHECK(count("above by rounding alone") == 1);  // 7.5
    CHECK(count("smallest word") == 2);            // -8, and -8.5 goes up
    CHECK(count("one below the smallest") == 1);   // -8.75
    CHECK(count("below by rounding alone") == 1);
    CHECK(count("below") == 1);
    CHECK(count("negative rounded to zero") == 2);  // -0.5 and -0.25
    CHECK(count("zero") == 1);
    CHECK(item(report, "layer", "result", "tie, positive").first_image == 0);
    CHECK(item(report, "layer", "result", "above").first_image == 4);
    const CoverageItem& never = item(report, "layer", "result", "just below the next word");
    CHECK_FALSE(never.reachable);
    CHECK(never.why == "RND never does this");
}

TEST_CASE("coverage: a result with as many fraction bits as its accumulator has no tie, and says why") {
    Dense op{.weights = words({2, 1}, {3, -5}, fixed(4, 4))};
    op.accumulator.type = fixed(12, 12);
    const Graph graph = one_layer(vector_of(2), fixed(4, 4), op, fixed(8, 8, Rounding::Rnd, Overflow::Sat));
    const auto report = coverage_of(graph, {7, -8, -8, 7, 0, 0});
    const CoverageItem& tie = item(report, "layer", "result", "tie, positive");
    CHECK_FALSE(tie.reachable);
    CHECK(tie.why == "the number has no more fraction bits (0) than the type (0): nothing is dropped");
    const CoverageItem& above = item(report, "layer", "result", "above");
    CHECK_FALSE(above.reachable);
    CHECK(above.why == "the number stays within -59 .. 61");
    // 3*7 + 5*8 = 61 and -3*8 - 5*7 = -59: both bounds were reached.
    CHECK(hits(item(report, "layer", "accumulator", "largest sum, channel 0")) == 1);
    CHECK(hits(item(report, "layer", "accumulator", "smallest sum, channel 0")) == 1);
    CHECK(report.layers[1].accumulator_reach_per_mille == 1000);
    CHECK(report.layers[1].sums == 2);
    CHECK(report.layers[1].sums_hit == 2);
    CHECK(hits(item(report, "layer", "product", "largest product")) == 1);  // -8 * -5
}

TEST_CASE("coverage: a running sum that leaves its accumulator and comes back is seen at the step") {
    Dense op{.weights = words({3, 1}, {1, 1, 1}, fixed(4, 4))};
    op.accumulator.type = fixed(4, 4, Rounding::Trn, Overflow::Wrap);
    const Graph graph = one_layer(vector_of(3), fixed(4, 4), op, fixed(6, 6));
    const auto report = coverage_of(graph, {7, 1, -2});  // 7, 8 wraps to -8, -10 wraps to 6
    const auto count = [&](const char* goal) { return hits(item(report, "layer", "accumulator", goal)); };
    CHECK(count("largest word") == 1);
    CHECK(count("one above the largest") == 1);
    CHECK(count("above") == 1);
    CHECK(count("below") == 1);
    CHECK(count("sign change") == 1);
    CHECK(report.layers[1].accumulator_reach_per_mille == 285);  // 6 of 21
}

TEST_CASE("coverage: most negative times most negative needs both words") {
    Dense op{.weights = words({2, 1}, {-8, 7}, fixed(4, 4))};
    op.accumulator.type = fixed(12, 12);
    const auto goal = "most negative times most negative";
    const Graph graph = one_layer(vector_of(2), fixed(4, 4), op, fixed(12, 12));
    CHECK(hits(item(coverage_of(graph, {7, -8}), "layer", "product", goal)) == 0);
    CHECK(hits(item(coverage_of(graph, {-8, 0}), "layer", "product", goal)) == 1);
    op.weights = words({2, 1}, {-7, 7}, fixed(4, 4));
    const auto without = coverage_of(one_layer(vector_of(2), fixed(4, 4), op, fixed(12, 12)), {-8, 0});
    CHECK(item(without, "layer", "product", goal).why == "no weight is the most negative word");
    const auto positive = coverage_of(one_layer(vector_of(2), ufixed(4, 4), op, fixed(12, 12)), {0, 0});
    CHECK(item(positive, "layer", "product", goal).why == "inputs are unsigned");
}

TEST_CASE("coverage: padding counts as read only where something beside it is not zero") {
    Conv2d op{.weights = words({3, 3, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}, fixed(4, 4))};
    op.padding = {1, 1, 1, 1};
    op.accumulator.type = fixed(12, 12);
    const Graph graph = one_layer(make_map(Layout::Hwc, 1, 4, 4), fixed(4, 4), op, fixed(12, 12));
    Words raws(16, 0);
    raws[0] = 1;
    const auto report = coverage_of(graph, raws);
    CHECK(hits(item(report, "layer", "padding", "top left corner")) == 1);
    CHECK(hits(item(report, "layer", "padding", "top border")) == 2);
    CHECK(hits(item(report, "layer", "padding", "left border")) == 2);
    CHECK(hits(item(report, "layer", "padding", "bottom border")) == 0);
    CHECK(item(report, "layer", "padding", "bottom right corner").reachable);
}

TEST_CASE("coverage: the winner of a max pool, ties and the padding of hls4ml") {
    const Shape shape = make_map(Layout::Hwc, 1, 2, 2);
    const auto report = coverage_of(one_layer(shape, fixed(4, 4), MaxPool{}, fixed(4, 4)), {1, 2, 0, 0, 3, 3, 0, 0});
    CHECK(hits(item(report, "layer", "window", "largest alone at row 0, column 1")) == 1);
    CHECK(hits(item(report, "layer", "window", "largest alone at row 1, column 1")) == 0);
    CHECK(hits(item(report, "layer", "window", "several largest")) == 1);
    CHECK_FALSE(item(report, "layer", "window", "the padding is the largest").reachable);
    MaxPool padded{.padding = {1, 1, 1, 1}, .pad_rule = PoolPadding::Msb};
    const auto msb = coverage_of(one_layer(shape, ufixed(4, 4), padded, ufixed(4, 4)), {7, 7, 9, 7});
    CHECK(hits(item(msb, "layer", "window", "the padding is the largest")) == 0);
    CHECK(hits(item(msb, "layer", "window", "several largest")) == 3);  // three corners of the padding, all 8
}

TEST_CASE("coverage: a table knows the words at the edges of each bin") {
    // 4 entries over -8 .. 8, words of one fraction bit: bins of 4, the middle one twice as wide, the ends clamped.
    Lookup op{.table = {.entries = words({4}, {-8, -3, 2, 7}, fixed(4, 4)), .origin = "rom"}, .span = 16};
    const Graph graph = one_layer(vector_of(1), fixed(6, 5), op, fixed(4, 4));
    const auto report = coverage_of(graph, {-7, 7, 8, 31});
    CHECK(hits(item(report, "layer", "table", "bin 2")) == 2);
    CHECK(hits(item(report, "layer", "table", "bin 2, lowest word")) == 1);
    CHECK(hits(item(report, "layer", "table", "bin 2, highest word")) == 1);
    CHECK(hits(item(report, "layer", "table", "bin 3, lowest word")) == 1);
    CHECK(hits(item(report, "layer", "table", "bin 3, highest word")) == 1);
    CHECK(hits(item(report, "layer", "table", "bin 1")) == 0);
    CHECK(hits(item(report, "layer", "table", "below the first bin")) == 0);
    CHECK(hits(item(report, "layer", "table", "above the last bin")) == 1);  // 15.5 would be bin 5
    CHECK(report.layers[1].table_bins == 12);
    CHECK(report.layers[1].table_bins_hit == 6);
}

TEST_CASE("coverage: division of an average, with its ties") {
    AveragePool op{.accumulator = fixed(8, 8), .divide = Rounding::RndConv};
    const Graph graph = one_layer(make_map(Layout::Hwc, 1, 2, 2), fixed(4, 4), op, fixed(8, 8));
    const auto report = coverage_of(graph, {1, 1, 0, 0, -1, -1, -1, -3, 1, 2, 3, 2, 1, 0, 0, 0});
    CHECK(hits(item(report, "layer", "average of 4", "tie, positive")) == 1);  // 2 / 4
    CHECK(hits(item(report, "layer", "average of 4", "tie, negative")) == 1);  // -6 / 4
    CHECK(hits(item(report, "layer", "average of 4", "exact")) == 1);          // 8 / 4
    CHECK(hits(item(report, "layer", "average of 4", "rounded, positive")) == 2);
    CHECK(hits(item(report, "layer", "accumulator", "exact")) == 16);
}

TEST_CASE("coverage prints what is missing and is valid JSON") {
    const Graph graph = one_layer(vector_of(1), fixed(8, 6), Quantize{}, fixed(4, 4, Rounding::Rnd, Overflow::Sat));
    const auto report = coverage_of(graph, {2, 0});
    const std::string text = print_coverage(report);
    CHECK(text.find("arithmetic coverage of 2 images: ") == 0);
    CHECK(text.find("\nmissing:\n") != std::string::npos);
    CHECK(text.find("  layer  result: tie, negative\n") != std::string::npos);
    CHECK(text.find("tie, positive, 1 times") == std::string::npos);
    const std::string all = print_coverage(report, true);
    CHECK(all.find("  layer  result: tie, positive, 1 times, first in image 0\n") != std::string::npos);
    CHECK(all.find("  layer  result: just below the next word, impossible: RND never does this\n") !=
          std::string::npos);
    const auto json = nlohmann::json::parse(coverage_json(report));
    CHECK(json["images"] == 2);
    CHECK(json["covered"] == report.covered());
    CHECK(json["reachable"] == report.reachable());
    CHECK(json["layers"][1]["layer"] == "layer");
    CHECK(json["layers"][1]["goals"].size() == report.layers[1].items.size());
}

TEST_CASE("coverage refuses sums of more than 120 bits and names the layer") {
    Dense op{.weights = words({1, 1}, {1}, fixed(64, 64))};
    op.accumulator.type = fixed(64, 64);
    const Graph graph = one_layer(vector_of(1), fixed(60, 60), op, fixed(8, 8));
    CHECK_THROWS_WITH(measure_coverage(graph, batch_of(graph, {1}), golden::make_engine),
                      Catch::StartsWith("layer 'layer': an exact sum needs ") && Catch::Contains("no more than 120"));
}

TEST_CASE("coverage stops where it is told to") {
    const Graph graph = one_layer(vector_of(1), fixed(8, 6), Quantize{}, fixed(4, 4));
    const std::atomic<bool> cancel = true;
    CHECK_THROWS_AS(measure_coverage(graph, batch_of(graph, {1}), emulator::make_engine, &cancel), Interrupted);
}
