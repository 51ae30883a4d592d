// The joint search: formats are moved by one bit where that makes the network's own error smaller.
#pragma once

#include "workbench.hpp"

namespace bittrue::explore {

struct Found {
    Draft draft{};
    double error = 0;
    double ridge = 0;
    std::int64_t evaluations = 0;
};

inline constexpr double kWorthIt = 0.998;  // a move must bring the error below this share of what it was

// From the workbench's own start. Deterministic: the same for any number of threads.
[[nodiscard]] Found first_draft(const Workbench& bench, const Widths& widths, const ConvertOptions& options);

// Coordinate descent over the binary points of all tensors from there, among drafts that are allowed (empty: all are).
void improve(const Workbench& bench, Found& found, const ConvertOptions& options,
             const std::function<bool(const Draft&)>& allowed = {});

}  // namespace bittrue::explore
