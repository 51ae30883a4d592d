// What a diagnosis of training computes with: one tensor of a step from the words that it reads. verify knows no
// engine; the program passes one that is made of the emulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bittrue/model/training_tensor.hpp"

namespace bittrue {

class TrainingDatapath {
public:
    TrainingDatapath() = default;
    TrainingDatapath(const TrainingDatapath&) = delete;
    TrainingDatapath& operator=(const TrainingDatapath&) = delete;
    virtual ~TrainingDatapath() = default;

    // Words of the tensor by these rules; a single one for the loss, exponents (-128 where there is none) and the
    // LFSR's state.
    [[nodiscard]] virtual std::vector<std::int64_t> tensor(const TrainingNetwork& network, std::size_t layer,
                                                           StepTensor tensor, const StepSources& sources,
                                                           const StepRules& rules) const = 0;
};

}  // namespace bittrue
