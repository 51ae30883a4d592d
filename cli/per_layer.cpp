#include "per_layer.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include "bittrue/explore/sweep_search.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "interrupt.hpp"
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
    one.widths = {*highest};
    one.layers.clear();
    SearchGoal goal{.specs = explore::make_grid(trial.graph, one).front().specs,
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

// Written only when it reads back as the network that was found.
void write_network(const explore::Trial& trial, const SearchResult& result, const PerLayerOptions& o) {
    const std::string text =
        with_weights_found(with_accumulators(read_file(o.network), trial.graph, result.specs), o.network, o.output);
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
    write_file(o.output, text);
}

}  // namespace

std::string with_weights_found(const std::string& text, const std::string& from, const std::string& to) {
    namespace fs = std::filesystem;
    const fs::path old_folder = fs::absolute(from).parent_path(), folder = fs::absolute(to).parent_path();
    std::error_code error;
    if (fs::equivalent(old_folder, folder, error)) return text;
    // The key stands in front of all tables; its value may be a list on several lines.
    std::istringstream in(text);
    std::string changed;
    bool is_value = false, is_over = false, opened = false;
    const auto is_list = [&opened](const std::string& code) {
        opened = opened || code.find('[') != std::string::npos;
        return opened && code.find(']') == std::string::npos;
    };
    for (std::string line; std::getline(in, line);) {
        const std::string code = line.substr(0, line.find('#'));
        is_over = is_over || (!is_value && code.starts_with('['));
        is_value = is_value || (!is_over && code.starts_with("weights"));
        std::string kept;
        std::size_t at = 0;
        while (is_value) {
            const auto open = code.find('"', at), close = code.find('"', open + 1);
            if (open == std::string::npos || close == std::string::npos) break;
            const fs::path path = code.substr(open + 1, close - open - 1);
            const fs::path there = path.is_absolute() ? path : fs::relative(old_folder / path, folder, error);
            kept += code.substr(at, open - at) + '"' + (there.empty() ? path : there).string() + '"';
            at = close + 1;
        }
        is_value = is_value && is_list(code);
        changed += kept + line.substr(at) + "\n";
    }
    return changed;
}

std::string with_accumulators(const std::string& text, const Graph& graph, std::span<const AccumulatorSpec> specs) {
    const auto nodes = explore::accumulating_nodes(graph);
    const auto key_of = [](const std::string& line) {
        const auto begin = line.find_first_not_of(" \t");
        const auto end = line.find_first_of(" \t=", begin);
        return begin == std::string::npos || end == std::string::npos ? std::string{} : line.substr(begin, end - begin);
    };
    // "[input]" or "[[layer]]", not a line of numbers within an array.
    const auto is_table = [](const std::string& line) {
        const auto begin = line.find_first_not_of(" \t");
        const auto name = line.find_first_not_of(" \t[", begin);
        return begin != std::string::npos && line[begin] == '[' && name != std::string::npos &&
               std::isalpha(static_cast<unsigned char>(line[name])) != 0;
    };
    std::vector<std::vector<std::string>> parts(1);  // each begins with its table's line
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (is_table(line)) parts.emplace_back();
        parts.back().push_back(line);
    }
    for (auto& part : parts) {
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            const auto name = std::find_if(part.begin(), part.end(), [&](const std::string& line) {
                return key_of(line) == "name" && line.find('"' + graph.nodes[nodes[k]].name + '"') != std::string::npos;
            });
            if (name == part.end() || part.front().find("[layer]") == std::string::npos) continue;
            const auto set = [&](const std::string& key, const FixedType& type) {
                const std::string wanted = fmt::format("{} = \"{}\"", key, print_type(type));
                const auto old = std::find_if(part.begin() + 1, part.end(),
                                              [&](const std::string& line) { return key_of(line) == key; });
                if (old != part.end()) {
                    *old = wanted;
                } else {
                    part.insert(part.begin() + 1, wanted);
                }
            };
            set("accumulator", specs[k].type);
            // It has the accumulator's type and changes with it.
            if (specs[k].bias_cast == specs[k].type) set("bias_cast", *specs[k].bias_cast);
        }
    }
    std::string changed;
    for (const auto& part : parts) {
        for (const std::string& line : part) changed += line + "\n";
    }
    return changed;
}

void per_layer(const explore::Trial& trial, const explore::SweepAxes& axes, const PerLayerOptions& o) {
    SearchGoal goal = goal_of(trial, axes, o);
    explore::JudgeOptions options{.threads = o.threads, .cancel = &interrupt_flag()};
    goal.correct = floor_of(trial, o, options);
    const SearchResult result = explore::search_widths(trial, goal, options);
    if (!o.json.empty()) write_json(o.json, path_json(trial, goal, result));
    if (o.json != "-") print(path_text(trial, goal, result));
    if (!o.output.empty()) write_network(trial, result, o);
}

}  // namespace bittrue::cli
