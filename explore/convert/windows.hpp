// What a layer with weights multiplies, row by row: one row of a matrix per output position and image.
#pragma once

#include <span>
#include <vector>

#include "structure.hpp"

namespace bittrue::explore {

// A dense layer has one position, its row is the input; a convolution has a row per output position and group, its
// columns in the order of the weights' axes (kernel row, kernel column, channel of the group).
class Windows {
public:
    Windows(const Operation& op, const Shape& in, const Shape& out);

    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] std::size_t positions() const { return positions_; }
    [[nodiscard]] std::size_t groups() const { return groups_; }
    [[nodiscard]] std::size_t outputs() const { return outputs_; }  // of a group

    void row(std::span<const double> image, std::size_t position, std::size_t group, double* to) const;
    // Index of an output in its image.
    [[nodiscard]] std::size_t output(std::size_t position, std::size_t group, std::size_t channel) const;

private:
    const Conv2d* conv_ = nullptr;
    Shape in_{}, out_{};
    std::size_t columns_ = 0, positions_ = 1, groups_ = 1, outputs_ = 0;
};

}  // namespace bittrue::explore
