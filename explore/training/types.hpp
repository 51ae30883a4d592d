// Widths of chapter H that the types of a network follow from.
#pragma once

#include <bit>
#include <cstdint>

#include "bittrue/model/training.hpp"

namespace bittrue::explore {

// fw of H2.
inline int weight_frac(const TrainingBits& bits, int scale) {
    return scale + (bits.weights > 1 ? bits.weights - 1 : 0);
}

// Bits of a signed word that holds every sum of H4: fan_in terms of at most (S(W)-1, or 1) * (S(A)-1, or 1).
inline int sum_width(const TrainingBits& bits, int fan_in) {
    const auto largest = [](int b) { return b == 1 ? std::uint64_t{1} : (std::uint64_t{1} << (b - 1)) - 1; };
    const std::uint64_t most = largest(bits.weights) * largest(bits.activations) * static_cast<std::uint64_t>(fan_in);
    return static_cast<int>(std::bit_width(most)) + 1;
}

}  // namespace bittrue::explore
