#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "grid_choice.hpp"
#include "parallel.hpp"
#include "search.hpp"

namespace bittrue::explore {
namespace {

std::int64_t stored_bits(const Draft& draft) {
    std::int64_t bits = 0;
    for (std::size_t i = 0; i < draft.layers.size(); ++i) {
        bits += static_cast<std::int64_t>(draft.words[i].weights.size()) * draft.layers[i].weight.bits;
        bits += static_cast<std::int64_t>(draft.words[i].bias.size()) * draft.layers[i].bias.bits;
    }
    return bits;
}

}  // namespace

void narrow_to_budget(const Workbench& bench, Found& found, const ConvertOptions& options) {
    std::vector<std::size_t> layers;
    for (std::size_t i = 0; i < bench.model().layers.size(); ++i) {
        const FloatLayer& layer = bench.model().layers[i];
        if (weights_of(layer.op) != nullptr && !layer.weight_type) layers.push_back(i);
    }
    const std::int64_t start = stored_bits(found.draft);
    for (std::int64_t bits = start; bits > *options.budget; bits = stored_bits(found.draft)) {
        if (options.progress)
            options.progress("budget",
                             static_cast<double>(start - bits) / static_cast<double>(start - *options.budget));
        std::vector<Found> tried(layers.size(), found);
        in_parallel(options, layers.size(), [&](std::size_t k) {
            const std::size_t i = layers[k];
            WordFormat& weight = tried[k].draft.layers[i].weight;
            tried[k].error = std::numeric_limits<double>::infinity();
            if (weight.bits == 1) return;
            weight = Numbers(weights_of(bench.model().layers[i].op)->real)
                         .choose(weight.bits - 1, options.calibration, options.percentile, true);
            bench.fit(tried[k].draft, i, found.ridge, found.ridge > 0);
            tried[k].error = bench.error(tried[k].draft);
        });
        const auto cost = [&](const Found& f) {
            return (f.error - found.error) /
                   static_cast<double>(std::max<std::int64_t>(1, bits - stored_bits(f.draft)));
        };
        const auto best = std::min_element(tried.begin(), tried.end(),
                                           [&](const Found& a, const Found& b) { return cost(a) < cost(b); });
        if (best == tried.end() || best->error == std::numeric_limits<double>::infinity())
            throw InputError("--budget",
                             fmt::format("{} bits are fewer than the {} that 1-bit weights and the biases need",
                                         *options.budget, bits));
        best->evaluations = found.evaluations + static_cast<std::int64_t>(layers.size());
        found = *best;
    }
}

}  // namespace bittrue::explore
