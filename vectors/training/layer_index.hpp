// A layer of training by its name.
#pragma once

#include <string>

#include "bittrue/model/training.hpp"

namespace bittrue::training {

// InputError names the layers that there are.
[[nodiscard]] std::size_t layer_index(const TrainingNetwork& network, const std::string& layer);

}  // namespace bittrue::training
