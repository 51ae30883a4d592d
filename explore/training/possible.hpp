// Whether a run can have come to where a checkpoint says it is.
#pragma once

#include "training/checkpoint.hpp"

namespace bittrue::explore {

/// InputError with what cannot be: steps, images, counts or NaN that do not fit the network, its data and each other.
void require_possible(const Checkpoint& checkpoint, const RunSize& size, const TrainingNetwork& network);

}  // namespace bittrue::explore
