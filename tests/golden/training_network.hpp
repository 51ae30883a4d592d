// Small networks that are trained for a step, for cases worked by hand.
#pragma once

#include <utility>
#include <vector>

#include "bittrue/golden/training.hpp"

namespace bittrue::testing {

using Words32 = std::vector<std::int32_t>;
using Words64 = std::vector<std::int64_t>;

inline MapShape elements(int n) {
    return {.channels = n, .rows = 1, .columns = 1};
}

inline TrainingLayer dense_layer(MapShape in, int out, int scale = 0) {
    TrainingLayer layer;
    layer.input = in;
    layer.sums = elements(out);
    layer.output = elements(out);
    layer.scale = scale;
    return layer;
}

inline TrainingLayer conv_layer(MapShape in, int out, int kernel_rows, int kernel_columns, int pool_rows = 1,
                                int pool_columns = 1, int scale = 0) {
    TrainingLayer layer;
    layer.input = in;
    layer.sums = {.channels = out, .rows = in.rows - kernel_rows + 1, .columns = in.columns - kernel_columns + 1};
    layer.output = {.channels = out, .rows = layer.sums.rows / pool_rows, .columns = layer.sums.columns / pool_columns};
    layer.kernel_rows = kernel_rows;
    layer.kernel_columns = kernel_columns;
    layer.pool_rows = pool_rows;
    layer.pool_columns = pool_columns;
    layer.scale = scale;
    return layer;
}

inline TrainingNetwork network_of(std::vector<TrainingLayer> layers, TrainingBits bits = {}) {
    TrainingNetwork network;
    network.bits = bits;
    network.input = layers.front().input;
    network.layers = std::move(layers);
    return network;
}

inline TrainingState state_of(std::vector<Words32> weights) {
    const std::size_t layers = weights.size();
    return {.weights = std::move(weights),
            .lfsr = std::vector<std::uint64_t>(layers, 1),
            .nan = std::vector<bool>(layers, false)};
}

}  // namespace bittrue::testing
