// Which change of a rule gives the words that the dump has, over all steps of one tensor.
#pragma once

#include <chrono>
#include <vector>

#include "training/candidates.hpp"

namespace bittrue::training_detail {

// One step's tensor as the dump has it, beside what the rule gives for what it read.
struct StepCase {
    const StepPlace* place = nullptr;
    StepSources from{};
    Words expected{}, actual{};
    std::int64_t different = 0;
};

struct StepSearch {
    std::vector<Hypothesis> hypotheses{};                // the best first; counts over all cases
    std::vector<std::vector<std::int64_t>> explained{};  // [hypothesis][case] wrong words that it gives
    std::vector<std::vector<std::int64_t>> spoiled{};
    std::int64_t tried = 0, pairs_tried = 0;
    bool out_of_time = false;
};

// `cases` are of one layer and kind, at least one has a wrong word; all words of each are known.
[[nodiscard]] StepSearch search(const TrainingNetwork& network, const std::vector<StepCase>& cases, Format format,
                                StepReader& reader, const DiagnoseOptions& options,
                                std::chrono::steady_clock::time_point end);

}  // namespace bittrue::training_detail
