// The RTL of a training step against golden: every tensor of steps in a row, the weights and the randomiser being the
// hardware's own from the second step on; and faults put into copies of it.
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/verify/report.hpp"
#include "training_bench.hpp"
#include "training_faults.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

void check_equal(const std::string& what, Simulator simulator, const TrainingRun& run) {
    const TrainingReplay played = replay(simulator, run);
    INFO(what << ", " << name_of(simulator) << "\n" << played.outcome.text);
    CHECK(played.outcome.status == 0);
    CHECK(played.outcome.text.find("FAIL") == std::string::npos);
    REQUIRE(played.report.has_value());
    INFO(print_report(*played.report));
    CHECK(played.report->layers.size() == 19 * run.steps.size());
    CHECK(played.report->equal());
    fmt::print("{}, {}: {} words compared\n", what, name_of(simulator), played.report->words_compared());
}

}  // namespace

TEST_CASE("a training step in Icarus gives golden's words in every tensor, for many widths") {
    check_equal("1/2/8/8/8", Simulator::Icarus, busy_run());
    check_equal("1/1/4/5/3", Simulator::Icarus,
                make_run({.weights = 1, .activations = 1, .gradients = 4, .errors = 5, .randomizer = 3}, 9, 11, 3, 5,
                         {128, 200, 64}));
    check_equal("2/4/8/8/8", Simulator::Icarus, make_run({.weights = 2, .activations = 4}, 12, 10, 4, 3, {128, 128}));
    check_equal("8/8/16/16/16", Simulator::Icarus,
                make_run({.weights = 8, .activations = 8, .gradients = 16, .errors = 16, .randomizer = 16}, 12, 10, 4,
                         2, {128, 32}));
    check_equal("4/3/6/7/5, one image, wrap", Simulator::Icarus,
                make_run({.weights = 4, .activations = 3, .gradients = 6, .errors = 7, .randomizer = 5}, 7, 6, 5, 1,
                         {128, 1024}, WeightStore::Wrap));
}

TEST_CASE("H11: gradients of zeros have no exponent and change no weight, in Icarus") {
    const TrainingRun run = make_blank_run();
    REQUIRE_FALSE(run.steps[0].trace.layers.back().gradient_exponent.has_value());
    REQUIRE(run.steps[1].trace.layers.back().gradient_exponent.has_value());
    check_equal("a blank batch first", Simulator::Icarus, run);
}

TEST_CASE("H11: errors of zeros have no exponent, in Icarus") {
    const TrainingRun run = make_exact_run();
    for (const TrainedStep& step : run.steps) {
        REQUIRE_FALSE(step.trace.layers.back().error_exponent.has_value());
        REQUIRE_FALSE(step.trace.layers.front().error_exponent.has_value());
    }
    check_equal("an exact answer", Simulator::Icarus, run);
}

TEST_CASE("H15: narrow accumulators wrap as golden's, in Icarus") {
    const TrainingRun run = make_wrapping_run();
    const LayerStep& last = run.steps[0].trace.layers.back();
    REQUIRE(last.forward_overflows > 0);
    REQUIRE(last.gradient_overflows > 0);
    REQUIRE(run.steps[0].trace.layers.front().error_overflows > 0);
    check_equal("accumulators that wrap", Simulator::Icarus, run);
}

TEST_CASE("a training step in Verilator gives golden's words in every tensor of ten steps") {
    check_equal("1/2/8/8/8", Simulator::Verilator,
                make_run({}, 30, 40, 10, 8, {128, 128, 128, 128, 640, 128, 128, 128, 128, 128}));
}

TEST_CASE("every fault in the training RTL is found by diff in the tensor where it is") {
    std::size_t found = 0;
    for (const TrainingFault& fault : training_faults()) {
        const Folder folder;
        mutate(fault, folder / "rtl");
        const TrainingReplay played = replay(Simulator::Icarus, busy_run(), folder / "rtl");
        INFO(fault.what);
        INFO(played.outcome.text);
        REQUIRE(played.report.has_value());
        INFO(print_report(*played.report));
        CHECK_FALSE(played.report->equal());
        CHECK(played.report->first_differing.has_value());
        if (!played.report->first_differing) continue;
        const LayerDiff& layer = played.report->layers[*played.report->first_differing];
        // Which step is the first to show a rare case (a tie, an end of a range) is up to the data.
        CHECK(without_step(layer.name) == without_step(fault.tensor));
        if (without_step(layer.name) != without_step(fault.tensor)) continue;
        ++found;
        // Where all words stand somewhere else, diff says how instead of naming one.
        CHECK(layer.first.has_value() == layer.findings.empty());
        fmt::print("{}: {}\n", fault.what,
                   layer.first ? mismatch_line(layer, *layer.first) : layer.name + ": " + layer.findings[0].text);
    }
    CHECK(found == training_faults().size());
}

TEST_CASE("verilator -Wall and iverilog -Wall have nothing to say about the training RTL") {
    const Folder folder;
    std::size_t modules = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kTrainingRtl)) {
        const std::string name = entry.path().stem().string();
        if (entry.path().extension() != ".sv" || name == "wage_fc_tb") continue;
        ++modules;
        for (const char* tool : {"verilator --lint-only -Wall --top-module {1} -y {0} {0}/{1}.sv",
                                 "iverilog -g2012 -Wall -t null -y {0} -Y .sv -s {1} {0}/{1}.sv"}) {
            const Outcome outcome = shell(folder.path(), fmt::format(fmt::runtime(tool), kTrainingRtl, name));
            INFO(name << "\n" << outcome.text);
            CHECK(outcome.status == 0);
            CHECK(outcome.text.empty());
        }
    }
    CHECK(modules == 7);
}
