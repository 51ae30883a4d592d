// Diagnosis of a set of `bittrue train-vectors`: how its steps were made, and which of their tensors is wrong.
#pragma once

#include <string>

#include "bittrue/model/graph.hpp"
#include "bittrue/verify/training_diagnosis.hpp"

namespace bittrue::cli {

// From the network and from what the set says of its bits and learning rates. What it does not say (--store,
// --zero-scale) is as it gives the set's own words. InputError where nothing gives them.
[[nodiscard]] TrainingSetup training_setup(const Graph& graph, const VectorSet& expected, const std::string& network);

}  // namespace bittrue::cli
