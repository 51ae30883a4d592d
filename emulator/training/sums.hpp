// The three kinds of sums of a step, term by term in the order of the rules.
#pragma once

#include <cstddef>
#include <cstdint>

#include "training/general_forward.hpp"

namespace bittrue::emulator::training {

// H4: the sums of one image.
void sums_of(const TrainingLayer& layer, const std::int32_t* a, const std::int32_t* q, Accumulator& sum,
             std::int64_t* out);

// H9: from the deltas of one image to its d at the layer's input.
void errors_back(const TrainingLayer& layer, const std::int32_t* delta, const std::int32_t* q, Accumulator& sum,
                 std::int64_t* d);

// H10: g of all images, in the order of the weights.
void gradients_of(const TrainingLayer& layer, const std::int32_t* a, const std::int32_t* deltas, std::size_t images,
                  Accumulator& sum, std::int64_t* g);

}  // namespace bittrue::emulator::training
