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

// From the workbench's own start. Deterministic: the same for any number of threads.
[[nodiscard]] Found first_draft(const Workbench& bench, const ConvertOptions& options);

// Takes bits from the weights of one layer after the other, each time from the one whose bits cost the least error
// each, until all weights and biases together have at most options.budget bits. InputError where 1-bit weights still
// need more.
void narrow_to_budget(const Workbench& bench, Found& found, const ConvertOptions& options);

// Coordinate descent over the binary points of all tensors from there.
void improve(const Workbench& bench, Found& found, const ConvertOptions& options);

}  // namespace bittrue::explore
