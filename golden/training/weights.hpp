// What a step does with the weights of one layer: the words used, the draws, the rounded steps, the store.
#pragma once

#include "training/numbers.hpp"

namespace bittrue::golden {

struct UsedWeights {
    std::vector<Integer> q;  // in the order of H13
    int frac = 0;            // fw
};

[[nodiscard]] UsedWeights used_weights(const std::vector<std::int32_t>& stored, const TrainingBits& bits,
                                       int scale);  // H2

// H13: `count` draws; the state goes on.
[[nodiscard]] std::vector<std::int32_t> draw(const Randomizer& randomizer, int bits, std::size_t count,
                                             std::uint64_t& state);

[[nodiscard]] Integer stochastic_step(const Integer& n, const Integer& draw, const TrainingBits& bits);  // H12

// H14; w is w - step.
[[nodiscard]] Integer stored(const Integer& w, WeightStore store, int gradient_bits);

}  // namespace bittrue::golden
