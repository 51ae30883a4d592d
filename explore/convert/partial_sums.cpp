#include "partial_sums.hpp"

#include <algorithm>

namespace bittrue::explore {

Span partial_sums(const Operation& op, const Windows& windows, std::span<const double> inputs, std::size_t images) {
    const std::vector<double>& weights = weights_of(op)->real;
    const auto& bias = *bias_of(op);
    const std::size_t size = inputs.size() / images, outputs = windows.outputs(), all = windows.groups() * outputs;
    std::vector<double> row(windows.columns()), sums(outputs);
    Span span;
    for (std::size_t image = 0; image < images; ++image)
        for (std::size_t position = 0; position < windows.positions(); ++position)
            for (std::size_t group = 0; group < windows.groups(); ++group) {
                windows.row(inputs.subspan(image * size, size), position, group, row.data());
                for (std::size_t o = 0; o < outputs; ++o) {
                    sums[o] = bias ? bias->real[group * outputs + o] : 0;
                    span = {std::min(span.low, sums[o]), std::max(span.high, sums[o])};
                }
                for (std::size_t k = 0; k < row.size(); ++k) {
                    if (row[k] == 0) continue;
                    const double* w = &weights[k * all + group * outputs];
                    for (std::size_t o = 0; o < outputs; ++o) {
                        sums[o] += row[k] * w[o];
                        span = {std::min(span.low, sums[o]), std::max(span.high, sums[o])};
                    }
                }
            }
    return span;
}

}  // namespace bittrue::explore
