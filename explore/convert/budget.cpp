#include "budget.hpp"

#include <algorithm>
#include <limits>

#include "bittrue/explore/cost.hpp"
#include "parallel.hpp"

namespace bittrue::explore {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Words whose width may change: the weights of a layer, a tensor, or both where a product of the two is what costs.
struct Target {
    int weights = -1;  // layer
    int tensor = -1;   // 0: the input
};

class Narrowing {
public:
    Narrowing(const Workbench& bench, const ConvertOptions& options, const Budget& budget)
        : bench_(bench), options_(options), budget_(budget) {
        const std::vector<FloatLayer>& layers = bench.model().layers;
        const bool cells = budget.of != Resource::WeightBits;
        if (cells) targets_.push_back({.weights = -1, .tensor = 0});
        for (int i = 0; i < static_cast<int>(layers.size()); ++i) {
            const bool weights = weights_of(layers[at(i)].op) != nullptr && !layers[at(i)].weight_type;
            if (weights) targets_.push_back({.weights = i, .tensor = -1});
            if (!cells) continue;
            if (movable(i + 1)) targets_.push_back({.weights = -1, .tensor = i + 1});
            const int read = rounded(bench.structure().inputs[at(i)][0]);
            if (weights && (read == 0 || movable(read))) targets_.push_back({.weights = i, .tensor = read});
        }
    }

    [[nodiscard]] std::int64_t spent(const Draft& draft) const {
        return explore::spent(bench_.build(draft), budget_.of);
    }

    // Of every target the draft with fewer bits that takes less, with its error; infinite where there is none.
    [[nodiscard]] std::vector<Found> narrowed(const Found& from, std::int64_t now) const {
        return tried(from, [&](Draft& draft, const Target& target) {
            const bool both = target.weights >= 0 && target.tensor >= 0;
            while (spent(draft) >= now) {
                const bool weights =
                    both ? bits_of_weights(draft, target) >= bits_of_tensor(draft, target) : target.weights >= 0;
                const int bits = (weights ? bits_of_weights(draft, target) : bits_of_tensor(draft, target)) - 1;
                if (bits < 1) return false;
                set(draft, {.weights = weights ? target.weights : -1, .tensor = weights ? -1 : target.tensor}, bits);
            }
            return true;
        });
    }

    // Of every target the draft with a bit more, where that is within the budget.
    [[nodiscard]] std::vector<Found> widened(const Found& from) const {
        const Widths most = bench_.widths();
        std::vector<Found> all = tried(from, [&](Draft& draft, const Target& target) {
            if (target.weights >= 0 && target.tensor >= 0) return false;
            const int bits = (target.weights >= 0 ? bits_of_weights(draft, target) : bits_of_tensor(draft, target)) + 1;
            const int end = target.weights >= 0  ? most.weight[at(target.weights)]
                            : target.tensor == 0 ? most.input
                                                 : most.result[at(target.tensor - 1)];
            if (bits > end) return false;
            set(draft, target, bits);
            return spent(draft) <= budget_.most;
        });
        // Weights that were rounded anew have other sums.
        for (Found& f : all)
            if (f.error != kNever && spent(f.draft) > budget_.most) f.error = kNever;
        return all;
    }

private:
    static std::size_t at(int i) { return static_cast<std::size_t>(i); }

    // A result that the options may give fewer bits: the network's own results keep theirs.
    [[nodiscard]] bool movable(int tensor) const {
        const Structure& s = bench_.structure();
        return tensor > 0 && s.roles[at(tensor - 1)] == Role::Converter && tensor != s.output && tensor != s.scored &&
               !bench_.model().layers[at(tensor - 1)].result_type;
    }
    // The tensor whose words these are.
    [[nodiscard]] int rounded(int tensor) const {
        const Structure& s = bench_.structure();
        while (tensor > 0 && s.roles[at(tensor - 1)] == Role::Same) tensor = s.inputs[at(tensor - 1)][0];
        return tensor;
    }
    [[nodiscard]] static int bits_of_weights(const Draft& draft, const Target& target) {
        return draft.layers[at(target.weights)].weight.bits;
    }
    [[nodiscard]] static int bits_of_tensor(const Draft& draft, const Target& target) {
        return target.tensor == 0 ? draft.input.bits : draft.layers[at(target.tensor - 1)].result.bits;
    }

    void set(Draft& draft, const Target& target, int bits) const {
        const Calibration how = options_.calibration;
        if (target.weights >= 0) {
            const std::size_t i = at(target.weights);
            draft.layers[i].weight = bench_.weight_grid(i, bits, how);
            draft.words[i] = nearest_words(bench_.model().layers[i].op, draft.layers[i]);
        } else if (target.tensor == 0) {
            draft.input = bench_.input_grid(bits, how);
        } else {
            draft.layers[at(target.tensor - 1)].result = bench_.result_grid(at(target.tensor - 1), bits, how);
        }
    }

    template <class Change>
    [[nodiscard]] std::vector<Found> tried(const Found& from, const Change& change) const {
        std::vector<Found> all(targets_.size(), from);
        in_parallel(options_, targets_.size(), [&](std::size_t k) {
            all[k].error = kNever;
            if (!change(all[k].draft, targets_[k])) return;
            const Target& target = targets_[k];
            const int first = target.tensor >= 0 ? target.tensor : target.weights;
            bench_.fit(all[k].draft, at(first), from.ridge, from.ridge > 0);
            all[k].error = bench_.error(all[k].draft);
        });
        return all;
    }

    const Workbench& bench_;
    const ConvertOptions& options_;
    Budget budget_;
    std::vector<Target> targets_{};
};

void take(Found& found, const Found& better, std::size_t tried) {
    const std::int64_t evaluations = found.evaluations + static_cast<std::int64_t>(tried);
    found = better;
    found.evaluations = evaluations;
}

// To the draft that saves for the least error what is still to be saved: more is no merit. False where no word can be
// narrower.
bool step_down(const Narrowing& narrowing, Found& found, std::int64_t now, std::int64_t most) {
    const std::vector<Found> tried = narrowing.narrowed(found, now);
    const Found* best = nullptr;
    double least = kNever;
    std::int64_t saved_by_best = 0;
    for (const Found& f : tried) {
        if (f.error == kNever) continue;
        // An error that falls is luck, and no reason to spare a layer of few weights.
        const std::int64_t saved = std::min(now - narrowing.spent(f.draft), now - most);
        if (saved <= 0) continue;
        const double cost = std::max(0.0, f.error - found.error) / static_cast<double>(saved);
        if (best != nullptr && (cost > least || (cost == least && saved <= saved_by_best))) continue;
        best = &f, least = cost, saved_by_best = saved;
    }
    if (best == nullptr) return false;
    take(found, *best, tried.size());
    return true;
}

}  // namespace

std::string print_resource(Resource resource) {
    switch (resource) {
        case Resource::WeightBits: return "bits";
        case Resource::Lut: return "LUT";
        case Resource::Dsp: return "DSP";
    }
    return "";
}

std::int64_t spent(const Graph& graph, Resource resource) {
    switch (resource) {
        case Resource::WeightBits: return weight_bits(graph);
        case Resource::Lut: return datapath_area(graph).lut;
        case Resource::Dsp: return datapath_area(graph).dsp;
    }
    return 0;
}

bool narrow_to_budget(const Workbench& bench, Found& found, const ConvertOptions& options, const Budget& budget) {
    const Narrowing narrowing(bench, options, budget);
    const std::int64_t start = narrowing.spent(found.draft);
    for (std::int64_t now = start; now > budget.most; now = narrowing.spent(found.draft)) {
        if (options.progress)
            options.progress("budget", static_cast<double>(start - now) / static_cast<double>(start - budget.most));
        if (!step_down(narrowing, found, now, budget.most)) return false;
    }
    return true;
}

void use_up_budget(const Workbench& bench, Found& found, const ConvertOptions& options, const Budget& budget) {
    const Narrowing narrowing(bench, options, budget);
    while (true) {
        const std::vector<Found> tried = narrowing.widened(found);
        const auto best = std::min_element(tried.begin(), tried.end(),
                                           [](const Found& a, const Found& b) { return a.error < b.error; });
        if (best == tried.end() || best->error >= found.error * kWorthIt) return;
        take(found, *best, tried.size());
    }
}

}  // namespace bittrue::explore
