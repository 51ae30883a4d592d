// [training] of a network file, read and written.
#pragma once

#include <string>

#include "bittrue/model/training_settings.hpp"
#include "import/toml_section.hpp"

namespace bittrue::detail {

[[nodiscard]] TrainingSettings read_training(TomlSection section, Dialect dialect);

// The whole table, every choice spelled out, as read_training reads it.
[[nodiscard]] std::string training_text(const TrainingSettings& settings);

}  // namespace bittrue::detail
