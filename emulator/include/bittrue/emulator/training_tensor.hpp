// One tensor of a training step from the words that it is computed from, by the rules of chapter H or by others.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/model/training_tensor.hpp"

namespace bittrue::emulator {

/// Words of the tensor; a single one for Loss, exponents (kNoStepExponent where there is none) and LfsrAfter.
/// `sources` holds what the tensor reads, in the sizes of the layer: otherwise std::logic_error.
[[nodiscard]] std::vector<std::int64_t> training_tensor(const TrainingNetwork& network, std::size_t layer,
                                                        StepTensor tensor, const StepSources& sources,
                                                        const StepRules& rules = {});

inline constexpr int kNoStepExponent = -128;  // as in vector sets

}  // namespace bittrue::emulator
