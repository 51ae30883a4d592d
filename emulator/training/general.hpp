// One training step number by number in the order of chapter H: for accumulators that may overflow, numbers beyond the
// lanes of the fast engine, and as what the fast engine is tested against.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bittrue/emulator/training.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

struct StepInput {
    std::span<const std::uint8_t> pixels;
    std::span<const std::uint8_t> labels;
    LearningRate rate;
    const std::vector<std::vector<std::int32_t>>* draws = nullptr;
};

// Fills all of `trace`.
StepSummary general_step(const TrainingNetwork& network, TrainingState& state, const StepInput& input,
                         StepTrace& trace);

Trainer::Score general_score(const TrainingNetwork& network, const TrainingState& state,
                             std::span<const std::uint8_t> pixels, std::span<const std::uint8_t> labels);

}  // namespace bittrue::emulator::training
