// Faults in the training RTL, simulated: which tensor is wrong for what the hardware read, and why.
#include "bittrue/verify/training_diagnosis.hpp"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "training_datapath.hpp"
#include "training_faults.hpp"

using namespace bittrue;
using namespace bittrue::test;

TEST_CASE("every fault in the training RTL is blamed on the tensor that is wrong for what it read, and named") {
    const TrainingRun& run = busy_run();
    TrainingSetup setup{.network = run.network};
    for (const TrainedStep& step : run.steps) setup.rates.push_back(step.rate);
    const auto datapath = cli::make_training_datapath();
    std::size_t blamed = 0, alone = 0, named = 0;
    for (const TrainingFault& fault : training_faults()) {
        const Folder folder;
        mutate(fault, folder / "rtl");
        const TrainingReplay played = replay(Simulator::Icarus, run, folder / "rtl");
        INFO(fault.what);
        REQUIRE(played.report.has_value());
        const DiagnosisReport report =
            diagnose_training(setup, played.golden, played.dump, *played.report, *datapath, {.seconds = 20});
        const LayerDiagnosis* first = report.first();
        REQUIRE(first != nullptr);
        blamed += without_step(first->layer) == without_step(fault.tensor) ? 1U : 0U;
        // A module that serves several tensors is wrong in each.
        std::set<std::string> wrong;
        for (const LayerDiagnosis& tensor : report.layers) {
            if (tensor.verdict != Verdict::Equal) wrong.insert(without_step(tensor.layer));
        }
        alone += wrong.size() == 1 ? 1U : 0U;
        named += first->verdict == Verdict::Explained ? 1U : 0U;
        fmt::print("{}: {} [{}]\n", fault.what, first->sentence, fmt::join(wrong, ", "));
    }
    fmt::print("{} of {} blamed, {} on one tensor alone, {} explained\n", blamed, training_faults().size(), alone,
               named);
    CHECK(blamed == training_faults().size());
    CHECK(named == training_faults().size());
}
