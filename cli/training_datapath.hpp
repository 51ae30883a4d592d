// The datapath of a diagnosis of training, computed by the emulator.
#pragma once

#include <memory>

#include "bittrue/verify/training_datapath.hpp"

namespace bittrue::cli {

[[nodiscard]] std::unique_ptr<TrainingDatapath> make_training_datapath();

}  // namespace bittrue::cli
