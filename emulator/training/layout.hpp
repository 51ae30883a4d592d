// Which planes a layer's cells are made of, and which cells and weights its sums need.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

using FourPlanes = std::array<int, 4>;

// Sums over quads of taps at every position of a map. Cells and steps are counted in cells.
struct DotLayout {
    std::vector<FourPlanes> cells{};      // the planes of each cell, in the order in which they are built
    std::vector<int> cell_at{};           // where each of them stands
    int cells_in_all = 0;                 // also those that are never built: borders
    std::vector<int> quad_cells{};        // of each quad, from the position's first cell
    std::vector<FourPlanes> quad_rows{};  // forward: the weight rows of each quad; kNone for zeros
    std::vector<int> quad_weights{};      // backward: where in the words [row][stride] each quad's weights stand
    int row_step = 0, column_step = 0;

    static constexpr int kNone = -1;
};

// Forward: at every position of the sums. The planes are the input's elements, and `input.elements()` a plane of zeros.
[[nodiscard]] DotLayout forward_layout(const TrainingLayer& layer);
// Backward: at every position of the input. The planes are the sums' elements. Cells stand in a map with a border of
// kernel - 1, so that every position has all taps; cells are built in the order row, column, quad of outputs.
[[nodiscard]] DotLayout backward_layout(const TrainingLayer& layer, int word_stride);

[[nodiscard]] constexpr int round_up(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

}  // namespace bittrue::emulator::training
