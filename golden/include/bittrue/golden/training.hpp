// One training step by the letter of chapter H of docs/numerics.md, in unbounded integers.
#pragma once

#include <vector>

#include "bittrue/model/training.hpp"

namespace bittrue::golden {

/// Computes every tensor of a step and updates `state`. `draws`, if given, replaces those of H13 (one vector per layer;
/// the LFSR then keeps its state). The network must be valid.
[[nodiscard]] StepTrace training_step(const TrainingNetwork& network, TrainingState& state, const TrainingBatch& batch,
                                      LearningRate rate, const std::vector<std::vector<std::int32_t>>* draws = nullptr);

}  // namespace bittrue::golden
