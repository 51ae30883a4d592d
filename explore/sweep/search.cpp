#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "bittrue/explore/bounds.hpp"
#include "bittrue/explore/sweep_search.hpp"
#include "bittrue/model/error.hpp"
#include "sweep/light.hpp"

namespace bittrue::explore {

namespace {

constexpr int kMostWidth = 64;

// A change of the widths of one or two layers.
struct Move {
    std::size_t layer = 0, other = 0;
    int by = 0, other_by = 0;
};

class Search {
public:
    Search(const Trial& trial, const SearchGoal& goal, const JudgeOptions& options)
        : trial_(trial),
          goal_(goal),
          light_(without_numbers(trial.graph)),
          nodes_(accumulating_nodes(trial.graph)),
          judge_(make_judge(trial, options)) {}

    SearchResult run() {
        result_.wide = judge_->wide();
        start();
        while (shrink()) {
        }
        while (exchange()) {
        }
        result_.specs = specs_of_widths(at().widths);
        return std::move(result_);
    }

private:
    [[nodiscard]] const SearchStep& at() const { return result_.path.back(); }
    [[nodiscard]] const std::string& name(std::size_t layer) const { return trial_.graph.nodes[nodes_[layer]].name; }

    [[nodiscard]] std::vector<AccumulatorSpec> specs_of_widths(const std::vector<int>& widths) const {
        std::vector<AccumulatorSpec> specs = goal_.specs;
        for (const std::size_t k : goal_.layers) specs[k] = with_width(specs[k], widths[k], goal_.keep);
        return specs;
    }

    // Judges what is not known yet.
    std::vector<SearchStep> judge(const std::vector<std::vector<int>>& candidates) {
        std::vector<Configuration> unknown;
        std::vector<std::vector<int>> widths;
        for (const auto& w : candidates) {
            if (known_.contains(w) || std::find(widths.begin(), widths.end(), w) != widths.end()) continue;
            widths.push_back(w);
            unknown.push_back({.specs = specs_of_widths(w)});
        }
        judge_->judge(unknown, [&](std::size_t i, const Outcome& outcome) {
            Area area;
            for (const LayerArea& layer : layer_areas(with_specs(light_, unknown[i].specs))) area += layer.total();
            known_.emplace(widths[i], SearchStep{.widths = widths[i], .outcome = outcome, .area = area});
        });
        result_.judged += unknown.size();
        std::vector<SearchStep> steps;
        for (const auto& w : candidates) steps.push_back(known_.at(w));
        return steps;
    }

    void start() {
        std::vector<int> widths;
        for (const AccumulatorSpec& spec : goal_.specs) widths.push_back(spec.type.format.width);
        for (const std::size_t k : goal_.layers) {
            const int proven = proven_width(trial_.graph, k, goal_.specs[k], goal_.keep);
            widths[k] = std::clamp(proven, goal_.lowest, goal_.highest);
        }
        SearchStep first = judge({widths}).front();
        first.what = "start";
        if (first.outcome.correct < goal_.correct) {
            throw InputError("--per-layer",
                             fmt::format("already the widest accumulators have {} right answers of {}, the floor asks "
                                         "for {}; lower --floor, or allow wider accumulators",
                                         first.outcome.correct, trial_.batch.images, goal_.correct));
        }
        result_.path.push_back(std::move(first));
    }

    // Whether more LUTs are saved per right answer lost; a step without loss before any other.
    [[nodiscard]] bool pays_more(const SearchStep& a, const SearchStep& b) const {
        const auto saved = [&](const SearchStep& s) { return i128{at().area.lut - s.area.lut}; };
        const auto lost = [&](const SearchStep& s) {
            const auto before = static_cast<std::int64_t>(at().outcome.correct);
            return std::max<i128>(before - static_cast<std::int64_t>(s.outcome.correct), 0);
        };
        const i128 left = saved(a) * lost(b), right = saved(b) * lost(a);
        if (left != right) return left > right;
        if (lost(a) != lost(b)) return lost(a) < lost(b);
        return saved(a) > saved(b);
    }

    bool shrink() {
        std::vector<Move> moves;
        for (const std::size_t k : goal_.layers) {
            if (at().widths[k] > goal_.lowest) moves.push_back({.layer = k, .other = k, .by = -1});
        }
        return take_best(moves, [&](const SearchStep& a, const SearchStep& b) { return pays_more(a, b); });
    }

    bool exchange() {
        std::vector<Move> moves;
        constexpr std::pair<int, int> kChanges[] = {{-1, 0}, {-1, 1}, {-2, 1}, {-1, 2}};
        for (const auto& [down, up] : kChanges) {
            for (const std::size_t a : goal_.layers) {
                for (const std::size_t b : goal_.layers) {
                    if ((a == b) != (up == 0)) continue;
                    moves.push_back({.layer = a, .other = b, .by = down, .other_by = up});
                }
            }
        }
        return take_best(moves, [](const SearchStep& a, const SearchStep& b) {
            if (a.area.lut != b.area.lut) return a.area.lut < b.area.lut;
            return a.outcome.correct > b.outcome.correct;
        });
    }

    // Takes the best of the moves that keep the floor and save LUTs; the first of equals.
    template <class Better>
    bool take_best(const std::vector<Move>& moves, const Better& better) {
        std::vector<std::vector<int>> candidates;
        std::vector<Move> possible;
        for (const Move& move : moves) {
            std::vector<int> widths = at().widths;
            widths[move.layer] += move.by;
            widths[move.other] += move.other_by;
            if (std::min(widths[move.layer], widths[move.other]) < goal_.lowest) continue;
            if (std::max(widths[move.layer], widths[move.other]) > goal_.highest) continue;
            candidates.push_back(std::move(widths));
            possible.push_back(move);
        }
        std::optional<std::size_t> best;
        const std::vector<SearchStep> steps = judge(candidates);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const bool good = steps[i].outcome.correct >= goal_.correct && steps[i].area.lut < at().area.lut;
            if (good && (!best || better(steps[i], steps[*best]))) best = i;
        }
        if (!best) return false;
        SearchStep step = steps[*best];
        step.what = describe(possible[*best], step.widths);
        result_.path.push_back(std::move(step));
        return true;
    }

    [[nodiscard]] std::string describe(const Move& move, const std::vector<int>& widths) const {
        const auto one = [&](std::size_t k) { return fmt::format("{} {} -> {}", name(k), at().widths[k], widths[k]); };
        return move.layer == move.other ? one(move.layer) : one(move.layer) + ", " + one(move.other);
    }

    Trial trial_;
    SearchGoal goal_;
    Graph light_;
    std::vector<std::size_t> nodes_;
    std::unique_ptr<Judge> judge_;
    std::map<std::vector<int>, SearchStep> known_{};
    SearchResult result_{};
};

}  // namespace

int proven_width(const Graph& graph, std::size_t number, const AccumulatorSpec& spec, Keep keep) {
    const std::size_t node = accumulating_nodes(graph)[number];
    const auto bounds_of = [&](const AccumulatorSpec& with) {
        std::vector<AccumulatorSpec> specs = specs_of(graph);
        specs[number] = with;
        const InputRaws raws = input_raws(graph.input);
        const DeclaredRange any{.tensor = graph.input.name, .low = raws.low, .high = raws.high};
        return bound_network(with_specs(graph, specs), any, graph.nodes[node].name).layers.front();
    };
    if (keep == Keep::Frac) {
        int width = 1;
        bool is_known = true;
        for (const ChannelBounds& channel : bounds_of(spec).channels) {
            is_known = is_known && channel.width > 0;
            width = std::max(width, channel.width);
        }
        if (is_known) return std::min(width, kMostWidth);
    } else {
        for (int width = 1; width <= kMostWidth; ++width) {
            const AccumulatorSpec with = with_width(spec, width, keep);
            if (bounds_of(with).safe()) return width;
        }
    }
    const Format wide = wide_specs(graph)[number].type.format;
    return std::clamp(wide.integer + spec.type.format.frac(), 1, kMostWidth);
}

SearchResult search_widths(const Trial& trial, const SearchGoal& goal, const JudgeOptions& options) {
    return Search(trial, goal, options).run();
}

}  // namespace bittrue::explore
