// What people see of a sweep: the Pareto front, a CSV and a self-contained HTML page.
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/sweep_results.hpp"

namespace bittrue::explore {

// Share of images, 0..1: right answers with labels, else answers equal to those of the wide network.
[[nodiscard]] double quality(const SweepHeader& header, const Outcome& outcome);
[[nodiscard]] double mean_error(const SweepHeader& header, const Outcome& outcome);  // in lsb

// By row: whether no other one has both more quality and fewer LUTs, or one of them and the other equal.
[[nodiscard]] std::vector<bool> pareto_front(const SweepResults& results);

// All that is not the width: "SAT RND interleave:4 exact conv2d"; empty where nothing varies but the width.
[[nodiscard]] std::string mode_of(const SweepRow& row);

// One header line, one line per row; layers as columns "touched LAYER". RFC 4180.
[[nodiscard]] std::string sweep_csv(const SweepResults& results);

// One file without references: front, quality over width per mode, overflow heat maps layer by width, the table.
[[nodiscard]] std::string sweep_page(const SweepResults& results);

}  // namespace bittrue::explore
