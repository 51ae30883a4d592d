// Places in a batch tensor, and where a layer's words stand.
#pragma once

#include "training/numbers.hpp"

namespace bittrue::golden {

struct Place {
    int image = 0;
    int channel = 0;
    int row = 0;
    int column = 0;
};

[[nodiscard]] inline Integer& at(BatchTensor& tensor, const Place& p) {
    return tensor.at(p.image, p.channel, p.row, p.column);
}
[[nodiscard]] inline const Integer& at(const BatchTensor& tensor, const Place& p) {
    return tensor.at(p.image, p.channel, p.row, p.column);
}

// Calls visit(place) for every element, the column fastest.
template <typename Visit>
void for_places(const BatchTensor& tensor, Visit visit) {
    for (int image = 0; image < tensor.images; ++image) {
        for (int channel = 0; channel < tensor.shape.channels; ++channel) {
            for (int row = 0; row < tensor.shape.rows; ++row) {
                for (int column = 0; column < tensor.shape.columns; ++column) {
                    visit(Place{.image = image, .channel = channel, .row = row, .column = column});
                }
            }
        }
    }
}

// H13: [row][column][in][out] and [in][out], the last index fastest.
[[nodiscard]] std::size_t conv_index(const TrainingLayer& layer, int row, int column, int in, int out);
[[nodiscard]] std::size_t dense_index(const TrainingLayer& layer, int in, int out);

// The place in the sums of the first maximum, in row-major order, of the window of a pooled place. Without a pool the
// window is the place itself.
[[nodiscard]] Place first_maximum(const TrainingLayer& layer, const BatchTensor& sums, const Place& pooled);

}  // namespace bittrue::golden
