// Faults that are put into copies of the training RTL, each by one change of its text.
#pragma once

#include <string>
#include <vector>

#include "training_bench.hpp"

namespace bittrue::test {

// A network in which every corner that a fault needs is met.
[[nodiscard]] const TrainingRun& busy_run();

struct TrainingFault {
    std::string what{};
    std::string file{};
    std::string from{};  // occurs once
    std::string to{};
    std::string tensor{};  // where diff must say that it is
};

[[nodiscard]] std::vector<TrainingFault> training_faults();

// Makes `folder` a copy of the RTL with the fault in it.
void mutate(const TrainingFault& fault, const std::string& folder);

// "step0.out.sums": "out.sums".
[[nodiscard]] std::string without_step(const std::string& tensor);

}  // namespace bittrue::test
