#include "training/visit.hpp"

namespace bittrue::golden {

std::size_t conv_index(const TrainingLayer& layer, int row, int column, int in, int out) {
    auto i = static_cast<std::size_t>(row);
    i = i * static_cast<std::size_t>(layer.kernel_columns) + static_cast<std::size_t>(column);
    i = i * static_cast<std::size_t>(layer.input.channels) + static_cast<std::size_t>(in);
    return i * static_cast<std::size_t>(layer.sums.channels) + static_cast<std::size_t>(out);
}

std::size_t dense_index(const TrainingLayer& layer, int in, int out) {
    return static_cast<std::size_t>(in) * static_cast<std::size_t>(layer.sums.channels) + static_cast<std::size_t>(out);
}

Place first_maximum(const TrainingLayer& layer, const BatchTensor& sums, const Place& pooled) {
    const Place corner{.image = pooled.image,
                       .channel = pooled.channel,
                       .row = pooled.row * layer.pool_rows,
                       .column = pooled.column * layer.pool_columns};
    Place best = corner;
    for (int r = 0; r < layer.pool_rows; ++r) {
        for (int c = 0; c < layer.pool_columns; ++c) {
            Place place = corner;
            place.row += r;
            place.column += c;
            if (at(sums, place) > at(sums, best)) best = place;
        }
    }
    return best;
}

}  // namespace bittrue::golden
