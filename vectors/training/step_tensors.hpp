// The boundaries of one training step, in the order in which they are computed.
#pragma once

#include <string>
#include <vector>

#include "training/tensor_types.hpp"

namespace bittrue::training {

// "step7.", in front of every name.
[[nodiscard]] std::string step_prefix(std::uint64_t number);

// `before` is the number of the step in front of it in the set; none: its weights and states come from outside.
[[nodiscard]] std::vector<VectorLayer> step_tensors(const TrainingNetwork& network, const TensorTypes& types,
                                                    const TrainedStep& step, std::optional<std::uint64_t> before);

}  // namespace bittrue::training
