// The windows of a pooling layer, clipped to the map.
#pragma once

#include <algorithm>

#include "layer.hpp"

namespace bittrue::emulator {

// The part of one window that lies inside the map, and how many positions lie outside.
struct PoolWindow {
    std::int64_t y_begin = 0, y_end = 0, x_begin = 0, x_end = 0;
    std::int64_t padded = 0;
};

class PoolGeometry {
public:
    PoolGeometry(const LayerSetup& setup, std::array<int, 2> pool, std::array<int, 2> stride, Padding padding)
        : in_shape_(setup.shape()), out_shape_(setup.node.shape), pool_(pool), stride_(stride), padding_(padding) {}

    [[nodiscard]] const Shape& in() const { return in_shape_; }
    [[nodiscard]] const Shape& out() const { return out_shape_; }
    [[nodiscard]] std::int64_t size() const { return std::int64_t{pool_[0]} * pool_[1]; }

    [[nodiscard]] std::int64_t step_x() const { return stride_[1]; }

    [[nodiscard]] PoolWindow at(std::int64_t out_y, std::int64_t out_x) const {
        const std::int64_t top = out_y * stride_[0] - padding_.top;
        const std::int64_t left = out_x * stride_[1] - padding_.left;
        PoolWindow w{.y_begin = std::max<std::int64_t>(top, 0),
                     .y_end = std::min(top + pool_[0], in_shape_.height()),
                     .x_begin = std::max<std::int64_t>(left, 0),
                     .x_end = std::min(left + pool_[1], in_shape_.width())};
        w.padded = size() - (w.y_end - w.y_begin) * (w.x_end - w.x_begin);
        return w;
    }

private:
    Shape in_shape_, out_shape_;
    std::array<int, 2> pool_, stride_;
    Padding padding_;
};

}  // namespace bittrue::emulator
