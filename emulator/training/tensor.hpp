// What the tensors of a step share when each is computed by itself.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/model/int128.hpp"
#include "bittrue/model/training_tensor.hpp"

namespace bittrue::emulator::training {

using Words = std::vector<std::int64_t>;

// v * 2^-shift in this mode; what is far beyond 64 bits stays so.
[[nodiscard]] i128 rounded(i128 v, int shift, Rounding rounding);
// The lowest bits as a word.
[[nodiscard]] std::int64_t wrapped(i128 v, int bits, bool is_signed);

// H1 by one of its rules; none for zeros.
[[nodiscard]] std::optional<int> scale_of(const Words& numbers, int frac, StepRules::Scale rule);

// H10, H12, H13, H14.
[[nodiscard]] Words scaled_of(const TrainingNetwork& network, std::size_t layer, const StepSources& from,
                              const StepRules& rules);
[[nodiscard]] Words draws_of(const TrainingNetwork& network, std::size_t count, std::uint64_t& state,
                             StepRules::Random rule);
[[nodiscard]] Words steps_of(const TrainingNetwork& network, const StepSources& from, StepRules::Chance rule);
[[nodiscard]] Words stored_weights(const TrainingNetwork& network, const StepSources& from, const StepRules& rules);

}  // namespace bittrue::emulator::training
