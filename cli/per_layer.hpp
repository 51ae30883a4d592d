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

// The text of a network file with other accumulators: each line of an accumulator in a [[layer]] is replaced or added,
// all other lines stay.
[[nodiscard]] std::string with_accumulators(const std::string& text, const Graph& graph,
                                            std::span<const AccumulatorSpec> specs);

// The text of the network file `from` as it has to stand in `to`: relative paths of its weights lead to them from
// there.
[[nodiscard]] std::string with_weights_found(const std::string& text, const std::string& from, const std::string& to);

}  // namespace bittrue::cli
