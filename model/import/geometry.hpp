// Padding as frameworks name it, in numbers.
#pragma once

#include <algorithm>
#include <array>

#include "bittrue/model/ops.hpp"

namespace bittrue::detail {

struct Window2d {
    std::array<std::int64_t, 2> kernel{1, 1};
    std::array<int, 2> stride{1, 1};
    std::array<int, 2> dilation{1, 1};
};

// "same" (rule L3): the output has ceil(length / stride) elements, the smaller half of the padding stands in front.
[[nodiscard]] inline Padding same_padding(const Shape& in, const Window2d& w) {
    const std::array<std::int64_t, 2> length{in.height(), in.width()};
    std::array<int, 2> total{};
    for (std::size_t a = 0; a < 2; ++a) {
        const std::int64_t outputs = (length[a] + w.stride[a] - 1) / w.stride[a];
        const std::int64_t needed = (outputs - 1) * w.stride[a] + (w.kernel[a] - 1) * w.dilation[a] + 1 - length[a];
        total[a] = static_cast<int>(std::clamp<std::int64_t>(needed, 0, 1 << 24));
    }
    return {
        .top = total[0] / 2, .bottom = total[0] - total[0] / 2, .left = total[1] / 2, .right = total[1] - total[1] / 2};
}

}  // namespace bittrue::detail
