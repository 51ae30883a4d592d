// The elements of a tensor and the entries of parameters that belong to their channels.
#pragma once

#include <cstdint>

#include "layer.hpp"

namespace bittrue::golden {

// Calls visit(channel, y, x) for every element.
template <typename Visit>
void for_elements(const Shape& shape, Visit visit) {
    for (std::int64_t c = 0; c < shape.channels(); ++c) {
        for (std::int64_t y = 0; y < shape.height(); ++y) {
            for (std::int64_t x = 0; x < shape.width(); ++x) visit(c, y, x);
        }
    }
}

// Rule L17: a parameter of one number serves all channels.
[[nodiscard]] constexpr std::size_t entry_of(std::int64_t channel, std::size_t entries) {
    return entries == 1 ? 0 : static_cast<std::size_t>(channel);
}

}  // namespace bittrue::golden
