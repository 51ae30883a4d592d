// From gradients to stored weights: H10, H12 and H14.
#pragma once

#include <cstdint>
#include <span>

#include "bittrue/emulator/training.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

// n of H10 is half-even(g * rate.raw * 2^-shift).
[[nodiscard]] int gradient_shift(const TrainingNetwork& network, std::size_t layer, LearningRate rate, int exponent);

// Updates all weights of a layer, whatever its numbers; `gradients` are not all zero, or `exponent` is none. `scaled`
// and `steps`, if not empty, receive n and the steps.
void update_layer(const TrainingNetwork& network, std::size_t layer, LearningRate rate, std::optional<int> exponent,
                  std::span<const std::int64_t> gradients, std::span<const std::uint16_t> draws,
                  std::span<std::int32_t> weights, StepSummary::Layer& summary, std::span<std::int64_t> scaled,
                  std::span<std::int32_t> steps);

}  // namespace bittrue::emulator::training
