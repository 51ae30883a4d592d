// The mutation suite of the diagnosis against its limits, and the suite's own integer model against the golden engine.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "hls4ml_check.hpp"
#include "suite.hpp"

using namespace bittrue;
using namespace bittrue::mutation;

namespace {

constexpr double kSeconds = 5;  // of a layer: other tests may run at the same time

}  // namespace

TEST_CASE("the integer model of the suite gives the golden engine's words where nothing is wrong") {
    int layers = 0;
    for (const std::string& name : stand_names()) {
        const Stand& stand = stand_of(name);
        for (const Node& node : stand.graph.nodes) {
            const bool sums = std::holds_alternative<Dense>(node.op) || std::holds_alternative<Conv2d>(node.op);
            if (!sums || node.result.overflow == Overflow::WrapSm || node.result.saturated_bits != 0) continue;
            INFO(name << " " << node.name);
            const TensorWords words = integer_layer(node, stand.right.at(node.inputs.front()), {});
            CHECK(words.words == stand.right.at(node.name).words);
            ++layers;
        }
    }
    CHECK(layers > 30);
}

TEST_CASE("mutation suite: causes are named as often as promised, and nothing right is accused") {
    set_seconds(kSeconds);
    const auto rows = run_suite(
        "", [](const Row& row) { fmt::print("{}", print_row(row)); }, 2);
    const Summary summary = summarize(rows);
    fmt::print("{}", print_summary(summary));
    CHECK(summary.singles - summary.tied >= 60);
    CHECK(summary.doubles >= 20);
    const std::vector<std::string> missed = missed_limits(summary);
    CAPTURE(missed);
    CHECK(missed.empty());
}

TEST_CASE("hls4ml: a wrong setting of the network file is named by the first verdict on its C simulation") {
    check_hls4ml(5, 25);  // every fifth; all of them in mutation_hls4ml
}
