// The tensors of training steps, each judged on the words that it was computed from; docs/training_vectors.md.
#pragma once

#include <string>
#include <vector>

#include "bittrue/verify/diagnose.hpp"
#include "bittrue/verify/training_datapath.hpp"

namespace bittrue {

// The names are those of `bittrue train-vectors`: "step0.qfc.errors".
[[nodiscard]] bool is_training_set(const VectorSet& set);

// How the steps of a set were made, beyond their tensors.
struct TrainingSetup {
    TrainingNetwork network{};
    // Learning rates that a step may have had, the likelier first: the set has none, and of these each step's is the
    // first that gives its scaled gradients.
    std::vector<LearningRate> rates{};
};

// Empty where every tensor of the set is what the setup gives for the tensors that it reads; else the first that is
// not.
[[nodiscard]] std::string strange_tensor(const TrainingSetup& setup, const VectorSet& set,
                                         const TrainingDatapath& datapath);

// Of every tensor that both sides have and that the report compared. A tensor that the dump has no words of is computed
// from those that it has. `options.seconds` is for the steps of one tensor; there are no telling vectors. InputError
// where `expected` is not of this setup.
[[nodiscard]] DiagnosisReport diagnose_training(const TrainingSetup& setup, const VectorSet& expected,
                                                const VectorSet& actual, const DiffReport& report,
                                                const TrainingDatapath& datapath, const DiagnoseOptions& options = {});

}  // namespace bittrue
