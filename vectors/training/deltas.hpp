// H7, H8: what a layer's errors become at its sums.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/model/training.hpp"

namespace bittrue::training {

// [image][channel][row][column] of the sums. `fx` is the sums' frac.
[[nodiscard]] std::vector<std::int64_t> deltas_of(const TrainingLayer& layer, const LayerStep& step, bool is_last,
                                                  int fx);

}  // namespace bittrue::training
