// A training run told: JSON for programs, a page for people.
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/train.hpp"
#include "bittrue/model/training_settings.hpp"

namespace bittrue::explore {

struct TrainReport {
    std::string version{}, data{};
    const TrainingNetwork* network = nullptr;
    const TrainOptions* options = nullptr;
    const TrainLog* log = nullptr;
};

/// Settings, seed, `epochs` with a list of layers each, and the story of the first NaN. A NaN loss is null.
[[nodiscard]] std::string train_json(const TrainReport& report);

/// One file without references: loss and accuracy, saturated weights, dead tensors, error and gradient scales per
/// layer.
[[nodiscard]] std::string train_page(const TrainReport& report);

}  // namespace bittrue::explore
