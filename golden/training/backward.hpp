// H6 to H10: errors, from the last layer to the first, and gradients.
#pragma once

#include "training/numbers.hpp"

namespace bittrue::golden {

struct Errors {
    BatchTensor words;            // e, value e / S(E)
    std::optional<int> exponent;  // k; none for a tensor of zeros, whose e are 0 (H11)
};

[[nodiscard]] Errors quantized_errors(const BatchTensor& d, int frac, int error_bits);  // H6

// H7: the errors of the last layer, p its outputs, and its deltas.
[[nodiscard]] BatchTensor last_deltas(const BatchTensor& errors, const BatchTensor& sums, int fx);
[[nodiscard]] Errors last_errors(const BatchTensor& p, const std::vector<std::uint8_t>& labels, int fx, int error_bits);

// H8: d is 0 where the activation was clipped; the errors pass where v > 0, then each to the maximum of its window.
[[nodiscard]] BatchTensor unclipped(const BatchTensor& d, const BatchTensor& pooled, int fx, int activation_bits);
[[nodiscard]] BatchTensor deltas(const TrainingLayer& layer, const BatchTensor& errors, const BatchTensor& sums);

// H9: d of the layer in front, at the layer's input shape.
[[nodiscard]] Summed<BatchTensor> going_back(const TrainingLayer& layer, const BatchTensor& delta,
                                             const std::vector<Integer>& q);

// H10: g in the order of the weights.
[[nodiscard]] Summed<std::vector<Integer>> gradients(const TrainingLayer& layer, const BatchTensor& a,
                                                     const BatchTensor& delta);

}  // namespace bittrue::golden
