// The type of every tensor of a training step (docs/training_vectors.md): the value its rule of chapter H gives it.
#pragma once

#include <vector>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/vectors/training_vectors.hpp"

namespace bittrue::training {

class TensorTypes {
public:
    // The largest batch and learning rate of the steps decide widths.
    TensorTypes(const TrainingNetwork& network, const std::vector<TrainedStep>& steps);

    [[nodiscard]] FixedType pixels() const;
    [[nodiscard]] FixedType labels() const;
    [[nodiscard]] FixedType input() const;
    [[nodiscard]] FixedType loss() const;
    [[nodiscard]] FixedType sums(std::size_t layer) const;
    [[nodiscard]] FixedType activations(std::size_t layer) const;
    [[nodiscard]] FixedType errors() const;                       // deltas, too
    [[nodiscard]] FixedType error_sums(std::size_t layer) const;  // d of H9, which no boundary shows
    [[nodiscard]] FixedType gradients(std::size_t layer) const;
    [[nodiscard]] FixedType scaled() const;
    [[nodiscard]] FixedType draws() const;
    [[nodiscard]] FixedType steps() const;
    [[nodiscard]] FixedType weights() const;
    [[nodiscard]] FixedType lfsr() const;
    [[nodiscard]] static FixedType exponent();

private:
    const TrainingNetwork& network_;
    i128 images_ = 0;
    i128 largest_scaled_ = 0;  // no |n| of H10 is larger
};

}  // namespace bittrue::training
