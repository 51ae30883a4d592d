// The settings of training that commands share: those of the network file, then those of options.
#pragma once

#include <string>

#include "bittrue/model/graph.hpp"

namespace bittrue::cli {

// Empty options leave what the network file's [training] says. InputError: --bits cannot be read.
[[nodiscard]] TrainingSettings training_settings(const Graph& graph, const std::string& bits,
                                                 const std::string& zero_scale, const std::string& store);

}  // namespace bittrue::cli
