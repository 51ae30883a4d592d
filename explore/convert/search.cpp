#include "search.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>

#include "fit.hpp"
#include "grid_choice.hpp"
#include "parallel.hpp"

namespace bittrue::explore {
namespace {

constexpr int kRounds = 3;

// One grid of a draft, and the first layer whose weights must be rounded anew when it moves.
struct Knob {
    enum class What : std::uint8_t { Input, Weight, Bias, Sum, Result } what = What::Input;
    std::size_t layer = 0;
    std::size_t refit = 0;
    std::optional<Span> seen{};  // what the words must hold; empty: weights, which every move rounds anew
    bool may_drop_sign = false;  // logits: what lies far below the largest does not matter

    [[nodiscard]] WordFormat& in(Draft& draft) const {
        switch (what) {
            case What::Input: return draft.input;
            case What::Weight: return draft.layers[layer].weight;
            case What::Bias: return draft.layers[layer].bias;
            case What::Sum: return *draft.layers[layer].sum;
            case What::Result: return draft.layers[layer].result;
        }
        throw std::logic_error("a knob of no kind");
    }
};

Span span_of(const std::vector<double>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return {std::min(0.0, *low), std::max(0.0, *high)};
}

// From the output to the input: late moves cost the least.
std::vector<Knob> knobs_of(const Workbench& bench, bool accumulators) {
    const Structure& s = bench.structure();
    std::vector<Knob> knobs;
    for (std::size_t i = bench.model().layers.size(); i-- > 0;) {
        const FloatLayer& layer = bench.model().layers[i];
        const bool scored = static_cast<int>(i) + 1 == s.scored;
        if (s.roles[i] == Role::Converter && !layer.result_type && !std::holds_alternative<Softmax>(layer.op))
            knobs.push_back({Knob::What::Result, i, i + 1, span_of(bench.floats().layers[i + 1].values),
                             scored && s.ends_in_softmax});
        if (accumulators && multiplies_weights(layer.op)) knobs.push_back({Knob::What::Sum, i, i + 1, bench.sums(i)});
        if (weights_of(layer.op) == nullptr || layer.weight_type) continue;
        knobs.push_back({Knob::What::Weight, i, i});
        if (*bias_of(layer.op) && !layer.bias_type) knobs.push_back({Knob::What::Bias, i, i});
    }
    knobs.push_back({Knob::What::Input, 0, 0, span_of(bench.floats().layers[0].values)});
    return knobs;
}

// A coarser grid is no use where a finer one holds all numbers that were seen: half of its levels are empty.
bool too_coarse(const Knob& knob, const WordFormat& grid) {
    return knob.seen && grid.frac < fitting_grid(grid.bits, grid.is_signed, knob.seen->low, knob.seen->high).frac;
}

std::vector<WordFormat> moves_of(const Knob& knob, const WordFormat& grid) {
    std::vector<WordFormat> moves;
    for (const int by : {1, -1})
        moves.push_back({.bits = grid.bits, .frac = grid.frac + by, .is_signed = grid.is_signed});
    if (knob.may_drop_sign)
        for (const int by : {0, 1, 2})
            moves.push_back({.bits = grid.bits, .frac = grid.frac + by, .is_signed = !grid.is_signed});
    std::erase_if(moves, [&](const WordFormat& m) {
        return (m.frac < grid.frac || m.is_signed != grid.is_signed) && too_coarse(knob, m);
    });
    return moves;
}

void take_best(Found& found, std::vector<Found>& tried, double worth) {
    for (Found& t : tried) {
        ++found.evaluations;
        if (t.error < found.error * worth) {
            t.evaluations = found.evaluations;
            found = t;
            worth = 1;
        }
    }
}

}  // namespace

Found first_draft(const Workbench& bench, const Widths& widths, const ConvertOptions& options) {
    const bool joint = options.calibration == Calibration::Joint;
    const Draft start = bench.start(options.calibration, widths);
    std::vector<Found> tried;
    if (joint && options.fit)
        for (const double ridge : kRidges)
            tried.push_back({.draft = start, .error = 0, .ridge = ridge, .evaluations = 0});
    else
        tried.push_back({.draft = start, .error = 0, .ridge = 0, .evaluations = 0});
    in_parallel(options, tried.size(), [&](std::size_t i) {
        bench.fit(tried[i].draft, 0, tried[i].ridge, tried[i].ridge > 0);
        tried[i].error = bench.error(tried[i].draft);
    });
    Found found = tried[0];
    take_best(found, tried, 1);
    return found;
}

void improve(const Workbench& bench, Found& found, const ConvertOptions& options,
             const std::function<bool(const Draft&)>& allowed) {
    const std::vector<Knob> knobs = knobs_of(bench, options.accumulator.has_value());
    for (int round = 0; round < kRounds; ++round) {
        const double before = found.error;
        for (std::size_t k = 0; k < knobs.size(); ++k) {
            if (options.progress)
                options.progress("search",
                                 (round + static_cast<double>(k) / static_cast<double>(knobs.size())) / kRounds);
            const std::vector<WordFormat> moves = moves_of(knobs[k], knobs[k].in(found.draft));
            std::vector<Found> tried(moves.size(), found);
            in_parallel(options, tried.size(), [&](std::size_t m) {
                knobs[k].in(tried[m].draft) = moves[m];
                bench.fit(tried[m].draft, knobs[k].refit, found.ridge, found.ridge > 0);
                const bool may = !allowed || allowed(tried[m].draft);
                tried[m].error = may ? bench.error(tried[m].draft) : std::numeric_limits<double>::infinity();
            });
            take_best(found, tried, kWorthIt);
        }
        if (found.error >= before * kWorthIt) break;
    }
}

}  // namespace bittrue::explore
