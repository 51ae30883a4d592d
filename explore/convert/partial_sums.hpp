// How far the sums of a layer reach while they are summed, on the calibration images.
#pragma once

#include "windows.hpp"

namespace bittrue::explore {

struct Span {
    double low = 0, high = 0;
};

// The bias first, then term after term in the windows' order; `inputs` are those of the float model, images first.
[[nodiscard]] Span partial_sums(const Operation& op, const Windows& windows, std::span<const double> inputs,
                                std::size_t images);

}  // namespace bittrue::explore
