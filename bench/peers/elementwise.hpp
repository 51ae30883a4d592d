// Casts and pools of the peers that compute in plain integers. Internal linkage: the same text is compiled with several
// sets of machine instructions, and each peer must keep its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "network.hpp"

namespace bench::peers {
namespace {

inline void apply(const Cast& cast, std::vector<std::int32_t>& x) {
    const std::int32_t low = cast.relu ? std::max(cast.low, 0) : cast.low;
    if (cast.drop <= 0) {
        for (auto& v : x) v = std::clamp(v * (1 << -cast.drop), low, cast.high);
        return;
    }
    const std::int32_t below_half = (1 << (cast.drop - 1)) - 1;
    for (auto& v : x) v = std::clamp((v + below_half + ((v >> cast.drop) & 1)) >> cast.drop, low, cast.high);
}

inline void apply(const Pool& pool, std::vector<std::int32_t>& x) {
    const auto channels = static_cast<std::size_t>(pool.channels);
    const std::size_t row = static_cast<std::size_t>(pool.width) * channels;
    std::size_t to = 0;
    for (int y = 0; y + 1 < pool.height; y += 2) {
        for (int column = 0; column + 1 < pool.width; column += 2) {
            const std::size_t from = static_cast<std::size_t>(y) * row + static_cast<std::size_t>(column) * channels;
            for (std::size_t c = 0; c < channels; ++c)
                x[to++] = std::max(std::max(x[from + c], x[from + channels + c]),
                                   std::max(x[from + row + c], x[from + row + channels + c]));
        }
    }
    x.resize(to);
}

}  // namespace
}  // namespace bench::peers
