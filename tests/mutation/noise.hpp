// Dumps without a cause: equal ones, random bit flips, undefined words; and flips on top of a fault.
#pragma once

#include <vector>

#include "judge.hpp"

namespace bittrue::mutation {

struct Trial {
    std::string name{};
    std::function<Row()> run{};
};
[[nodiscard]] std::vector<Trial> equal_trials();
[[nodiscard]] std::vector<Trial> noise_trials();

}  // namespace bittrue::mutation
