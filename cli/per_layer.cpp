#include "per_layer.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "bittrue/explore/fingerprint.hpp"
#include "bittrue/explore/sweep_search.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "network_text.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

using explore::SearchGoal;
using explore::SearchResult;
using explore::SearchStep;

template <class T>
void at_most_one(const std::string& option, const std::vector<T>& axis) {
    if (axis.size() > 1) throw InputError(option, "a search needs one entry, not a list");
}

SearchGoal goal_of(const explore::Trial& trial, const explore::SweepAxes& axes, const PerLayerOptions& o) {
    at_most_one("--overflow", axes.overflows);
    at_most_one("--rounding", axes.roundings);
    at_most_one("--order", axes.orders);
    at_most_one("--product", axes.products);
    if (trial.labels.empty()) throw InputError("--per-layer", "it looks at the accuracy, so it needs --labels");
    if (o.floor >= 0 && o.max_loss >= 0) throw InputError("--floor", "give it or --max-loss, not both");
    const auto [lowest, highest] = std::minmax_element(axes.widths.begin(), axes.widths.end());
    explore::SweepAxes one = axes;
    one.widths.resize(static_cast<std::size_t>(*highest - *lowest) + 1);
    std::iota(one.widths.begin(), one.widths.end(), *lowest);
    one.layers.clear();
    SearchGoal goal{.specs = explore::make_grid(trial.graph, one).back().specs,  // which refuses impossible widths
                    .layers = {},
                    .lowest = *lowest,
                    .highest = *highest,
                    .correct = 0,
                    .keep = axes.keep};
    // Layers that are not searched keep what the file says.
    const auto own = explore::specs_of(trial.graph);
    const auto nodes = explore::accumulating_nodes(trial.graph);
    if (!axes.layers.empty()) (void)explore::make_grid(trial.graph, axes);  // refuses unknown layers
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        const bool searched = axes.layers.empty() || std::find(axes.layers.begin(), axes.layers.end(),
                                                               trial.graph.nodes[nodes[k]].name) != axes.layers.end();
        if (searched) {
            goal.layers.push_back(k);
        } else {
            goal.specs[k] = own[k];
        }
    }
    return goal;
}

std::uint64_t floor_of(const explore::Trial& trial, const PerLayerOptions& o, const explore::JudgeOptions& options) {
    const auto images = static_cast<double>(trial.batch.images);
    constexpr double kNoise = 1e-9;  // of percentages that are whole numbers of images
    if (o.floor >= 0) return static_cast<std::uint64_t>(std::max(0.0, std::ceil(o.floor / 100 * images - kNoise)));
    const auto wide = explore::make_judge(trial, options)->wide().correct;
    const double least = static_cast<double>(wide) - std::max(o.max_loss, 0.0) / 100 * images;
    return static_cast<std::uint64_t>(std::max(0.0, std::ceil(least - kNoise)));
}

std::string accuracy(const explore::Trial& trial, std::uint64_t correct) {
    return fmt::format("{:.2f} %", 100.0 * static_cast<double>(correct) / static_cast<double>(trial.batch.images));
}

std::string accumulator_lines(const explore::Trial& trial, const SearchGoal& goal, const SearchResult& result) {
    std::string text;
    const auto nodes = explore::accumulating_nodes(trial.graph);
    for (const std::size_t k : goal.layers) {
        text += fmt::format("[[layer]]\nname = \"{}\"\naccumulator = \"{}\"\n", trial.graph.nodes[nodes[k]].name,
                            print_type(result.specs[k].type));
    }
    return text;
}

std::string path_text(const explore::Trial& trial, const SearchGoal& goal, const SearchResult& result) {
    Table table({{"step", Align::Left}, {"accuracy"}, {"right"}, {"LUT"}, {"FF"}, {"overflow in"}});
    for (const SearchStep& s : result.path) {
        table.row({s.what, accuracy(trial, s.outcome.correct), std::to_string(s.outcome.correct),
                   std::to_string(s.area.lut), std::to_string(s.area.ff), accuracy(trial, s.outcome.touched)});
    }
    return fmt::format(
        "{}\nwide accumulators: {} ({} of {} images); floor: {} right answers; {} configurations judged\n\n{}",
        table.text(), accuracy(trial, result.wide.correct), result.wide.correct, trial.batch.images, goal.correct,
        result.judged, accumulator_lines(trial, goal, result));
}

nlohmann::ordered_json path_json(const explore::Trial& trial, const SearchGoal& goal, const SearchResult& result) {
    const auto nodes = explore::accumulating_nodes(trial.graph);
    nlohmann::ordered_json path = nlohmann::ordered_json::array();
    for (const SearchStep& s : result.path) {
        nlohmann::ordered_json widths;
        for (std::size_t k = 0; k < nodes.size(); ++k) widths[trial.graph.nodes[nodes[k]].name] = s.widths[k];
        path.push_back({{"step", s.what},
                        {"widths", std::move(widths)},
                        {"correct", s.outcome.correct},
                        {"touched", s.outcome.touched},
                        {"lut", s.area.lut},
                        {"ff", s.area.ff}});
    }
    nlohmann::ordered_json accumulators;
    for (std::size_t k = 0; k < nodes.size(); ++k)
        accumulators[trial.graph.nodes[nodes[k]].name] = print_type(result.specs[k].type);
    return {{"images", trial.batch.images},  {"wide_correct", result.wide.correct},
            {"floor_correct", goal.correct}, {"judged", result.judged},
            {"path", std::move(path)},       {"accumulators", std::move(accumulators)}};
}

// What the search will write into: refused before the work where it cannot be.
void check_output(const PerLayerOptions& o) {
    std::error_code error;
    if (o.output.empty()) return;
    if (!std::filesystem::is_regular_file(o.network, error))
        throw InputError("-o",
                         fmt::format("{} cannot be read a second time for it; give a file, not a pipe", o.network));
}

// Written only when it reads back as the network that was found.
void write_network(const explore::Trial& trial, const SearchResult& result, const PerLayerOptions& o,
                   AtomicFile& file) {
    const std::string text =
        with_accumulators(with_weights_found(read_file(o.network), o.network, o.output), trial.graph, result.specs);
    Graph back;
    try {
        back = parse_network(text, o.output);
    } catch (const InputError& e) {
        throw InputError(o.output,
                         fmt::format("the network file would not be read from there; give a file in the folder of {} "
                                     "({})",
                                     o.network, e.what()));
    }
    if (explore::specs_of(back) != result.specs)
        throw InputError(o.output,
                         "what is found needs more than other accumulator lines (see the lines above); change the "
                         "network file by hand");
    if (explore::fingerprint(back) != explore::fingerprint(explore::with_specs(trial.graph, result.specs)))
        throw InputError(o.output,
                         fmt::format("read from there it would be another network than {}, or its files have changed; "
                                     "give a file in its folder",
                                     o.network));
    file.write(text);
    file.commit();
}

}  // namespace

void per_layer(const explore::Trial& trial, const explore::SweepAxes& axes, const PerLayerOptions& o) {
    SearchGoal goal = goal_of(trial, axes, o);
    check_output(o);
    std::optional<AtomicFile> file;
    if (!o.output.empty()) file.emplace(o.output);
    explore::JudgeOptions options{.threads = o.threads, .cancel = &interrupt_flag()};
    goal.correct = floor_of(trial, o, options);
    // How many there will be is not known before the end.
    std::optional<Progress> progress(std::in_place, "search", std::size_t{0}, "configurations");
    options.progress = [&](double done) { progress->show(static_cast<std::size_t>(done)); };
    const SearchResult result = explore::search_widths(trial, goal, options);
    progress.reset();
    if (!o.json.empty()) write_json(o.json, path_json(trial, goal, result));
    if (o.json != "-") print(path_text(trial, goal, result));
    if (file) write_network(trial, result, o, *file);
}

}  // namespace bittrue::cli
