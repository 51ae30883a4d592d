// The positions of a pooling window, row by row.
#pragma once

#include <array>
#include <cstdint>

#include "elements.hpp"

namespace bittrue::golden {

// Calls visit(inside, row, column) for every position of the window of result element (y, x).
template <typename Visit>
void for_window(const Shape& in, std::array<int, 2> pool, std::array<int, 2> stride, const Padding& padding,
                std::int64_t y, std::int64_t x, Visit visit) {
    for (std::int64_t r = 0; r < pool[0]; ++r) {
        for (std::int64_t s = 0; s < pool[1]; ++s) {
            const std::int64_t row = y * stride[0] - padding.top + r;
            const std::int64_t column = x * stride[1] - padding.left + s;
            visit(row >= 0 && row < in.height() && column >= 0 && column < in.width(), row, column);
        }
    }
}

}  // namespace bittrue::golden
