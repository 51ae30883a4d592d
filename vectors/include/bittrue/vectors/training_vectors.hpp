// Golden vectors of training: every tensor of every step, as a vector set. docs/training_vectors.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/training.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

/// A step that an engine made.
struct TrainedStep {
    std::uint64_t number = 0;  // in the run, from 0 on
    TrainingBatch batch{};
    LearningRate rate{};
    StepTrace trace{};
};

/// What stands in an exponent's place where a tensor of zeros has none (H11).
inline constexpr int kNoExponent = -128;

/// The tensors of the steps in the order in which they are computed, as "step0.qfc.errors": first all of a step's
/// forward pass, then per layer from the last to the first its errors, gradients and update. Every tensor has an axis
/// of one in front, where a vector set has its images. Types are the same in all steps. `layer`, if not empty, leaves
/// what a design of this layer reads and computes. InputError: no such layer, a sum that needs more than 64 bits.
[[nodiscard]] VectorSet training_vectors(const TrainingNetwork& network, const std::vector<TrainedStep>& steps,
                                         const std::string& layer = {});

/// NAME.sv: sizes, formats, learning rates and names of the set of one dense layer, for its RTL and testbench.
/// InputError: no identifier, a layer that is not dense, steps of different batches.
[[nodiscard]] SetFile make_training_package(const TrainingNetwork& network, const std::vector<TrainedStep>& steps,
                                            const std::string& layer, const std::string& name);

}  // namespace bittrue
