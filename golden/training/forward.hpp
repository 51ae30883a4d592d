// H3 to H5: from pixels to the outputs of the last layer.
#pragma once

#include "training/numbers.hpp"

namespace bittrue::golden {

[[nodiscard]] BatchTensor input_words(const TrainingNetwork& network, const TrainingBatch& batch);  // H3

// H4. The sums of a layer, before its pool; a: the activations in front of it, q: H2.
[[nodiscard]] Summed<BatchTensor> layer_sums(const TrainingLayer& layer, const BatchTensor& a,
                                             const std::vector<Integer>& q);
[[nodiscard]] BatchTensor max_pool(const TrainingLayer& layer, const BatchTensor& sums);
[[nodiscard]] BatchTensor activations(const BatchTensor& pooled, int fx, int activation_bits);
[[nodiscard]] BatchTensor outputs(const BatchTensor& sums, int fx);  // p

// H5. One where the class is the image's label, at the frac of p.
[[nodiscard]] Integer target(int category, int label, int fx);
[[nodiscard]] Integer loss(const BatchTensor& p, const std::vector<std::uint8_t>& labels, int fx);  // frac 2 * fx
[[nodiscard]] int answer(const BatchTensor& p, int image);

}  // namespace bittrue::golden
