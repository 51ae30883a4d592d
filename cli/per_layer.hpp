// bittrue sweep --per-layer: the search, its path as a table, and the network file with the widths it found.
#pragma once

#include <string>

#include "bittrue/explore/sweep_judge.hpp"

namespace bittrue::cli {

struct PerLayerOptions {
    std::string network, output, json;
    double floor = -1, max_loss = -1;  // percent, percentage points; negative: not given
    int threads = 0;
};

// The axes give the range of widths and at most one entry of everything else.
void per_layer(const explore::Trial& trial, const explore::SweepAxes& axes, const PerLayerOptions& options);

}  // namespace bittrue::cli
