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
          judge_(make_judge(trial, counting(options))) {}

    SearchResult run() {
        result_.wide = judge_->wide();
        std::vector<SearchStep> best;
        for (SearchStep& start : starts()) {
            path_ = {std::move(start)};
            while (shrink()) {
            }
            while (exchange()) {
            }
            if (best.empty() || at().area.lut < best.back().area.lut) best = std::move(path_);
        }
        result_.path = std::move(best);
        result_.specs = specs_of_widths(result_.path.back().widths);
        return std::move(result_);
    }

private:
    [[nodiscard]] const SearchStep& at() const { return path_.back(); }
    [[nodiscard]] const std::string& name(std::size_t layer) const { return trial_.graph.nodes[nodes_[layer]].name; }

    [[nodiscard]] std::vector<AccumulatorSpec> specs_of_widths(const std::vector<int>& widths) const {
        std::vector<AccumulatorSpec> specs = goal_.specs;
        for (const std::size_t k : goal_.layers) specs[k] = with_width(specs[k], widths[k], goal_.keep);
        return specs;
    }

    // The judge begins to count anew with every call.
    [[nodiscard]] JudgeOptions counting(JudgeOptions options) const {
        if (options.progress) {
            options.progress = [this, show = options.progress](double part) {
                show(static_cast<double>(result_.judged) + part);
            };
        }
        return options;
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

    [[nodiscard]] std::vector<int> proven_widths() const {
        std::vector<int> widths = own_widths();
        for (const std::size_t k : goal_.layers) {
            std::optional<int> proven;
            if (goal_.keep == Keep::Frac) proven = proven_width(trial_.graph, k, goal_.specs[k]);
            widths[k] = std::clamp(proven.value_or(goal_.highest), goal_.lowest, goal_.highest);
        }
        return widths;
    }

    [[nodiscard]] std::vector<int> own_widths() const {
        std::vector<int> widths;
        for (const AccumulatorSpec& spec : goal_.specs) widths.push_back(spec.type.format.width);
        return widths;
    }

    // The proven widths first, then the cheapest single width; those of them that reach the floor.
    std::vector<SearchStep> starts() {
        std::vector<std::vector<int>> candidates{proven_widths()};
        for (int width = goal_.highest; width >= goal_.lowest; --width) {
            candidates.push_back(own_widths());
            for (const std::size_t k : goal_.layers) candidates.back()[k] = width;
        }
        std::vector<SearchStep> steps = judge(candidates);
        const auto reaches = [&](const SearchStep& s) { return s.outcome.correct >= goal_.correct; };
        std::size_t best = 0;  // right answers, for the message
        std::optional<std::size_t> single;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (steps[i].outcome.correct > steps[best].outcome.correct) best = i;
            if (i > 0 && reaches(steps[i]) && (!single || steps[i].area.lut < steps[*single].area.lut)) single = i;
        }
        std::vector<SearchStep> found;
        if (reaches(steps[0])) {
            found.push_back(steps[0]);
            found.back().what = "start";
        }
        if (single && (found.empty() || steps[*single].widths != steps[0].widths)) {
            found.push_back(steps[*single]);
            found.back().what = fmt::format("start at w{}", goal_.highest - static_cast<int>(*single) + 1);
        }
        if (!found.empty()) return found;
        throw InputError("--per-layer",
                         fmt::format("the best accumulators it could start with have {} right answers of {}, the floor "
                                     "asks for {}; lower --floor, or allow wider accumulators",
                                     steps[best].outcome.correct, trial_.batch.images, goal_.correct));
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
        path_.push_back(std::move(step));
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
    std::vector<SearchStep> path_{};  // from the present start
    SearchResult result_{};
};

}  // namespace

std::optional<int> proven_width(const Graph& graph, std::size_t number, const AccumulatorSpec& spec) {
    const std::size_t node = accumulating_nodes(graph)[number];
    std::vector<AccumulatorSpec> specs = specs_of(graph);
    specs[number] = spec;
    const InputRaws raws = input_raws(graph.input);
    const DeclaredRange any{.tensor = graph.input.name, .low = raws.low, .high = raws.high};
    const auto bounds = bound_network(with_specs(graph, specs), any, graph.nodes[node].name).layers.front();
    int width = 1;
    for (const ChannelBounds& channel : bounds.channels) {
        if (channel.width <= 0) return std::nullopt;
        width = std::max(width, channel.width);
    }
    if (width > kMaxStoredWidth) return std::nullopt;
    return width;
}

SearchResult search_widths(const Trial& trial, const SearchGoal& goal, const JudgeOptions& options) {
    return Search(trial, goal, options).run();
}

}  // namespace bittrue::explore
