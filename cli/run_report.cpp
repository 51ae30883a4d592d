#include "run_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "console.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

const LayerResult& output_of(const Graph& graph, const RunResult& result) {
    return result.layers[static_cast<std::size_t>(node_index(graph, graph.output) + 1)];
}

std::size_t count_correct(const LayerResult& output, const std::vector<int>& labels) {
    const auto classes = static_cast<std::size_t>(output.shape.count());
    const Format f = output.type.format;
    std::size_t correct = 0;
    for (std::size_t image = 0; image < labels.size(); ++image) {
        const std::int64_t* words = output.words.data() + image * classes;
        std::size_t best = 0;
        for (std::size_t c = 1; c < classes; ++c) {
            if (raw_from_word(words[c], f) > raw_from_word(words[best], f)) best = c;
        }
        if (static_cast<std::int64_t>(best) == labels[image]) ++correct;
    }
    return correct;
}

nlohmann::ordered_json layer_json(const LayerResult& layer, Counting counting) {
    if (counting == Counting::Nothing) return {{"name", layer.name}, {"type", print_type(layer.type)}};
    const int frac = layer.type.format.frac();
    return {{"name", layer.name},
            {"type", print_type(layer.type)},
            {"overflows", layer.events.overflows()},
            {"saturations", layer.events.saturations()},
            {"min", value_of(layer.min_raw, frac)},
            {"max", value_of(layer.max_raw, frac)},
            {"min_raw", json_raw(layer.min_raw)},
            {"max_raw", json_raw(layer.max_raw)},
            {"events",
             {{"weights", json_of(layer.events.weights)},
              {"product", json_of(layer.events.product)},
              {"accumulator", json_of(layer.events.accumulator)},
              {"result", json_of(layer.events.result)}}}};
}

std::string percent(std::size_t part, std::size_t whole) {
    return fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string layer_table(const RunResult& result) {
    Table table({{"layer", Align::Left},
                 {"type", Align::Left},
                 {"min"},
                 {"max"},
                 {"overflows"},
                 {"saturations"},
                 {"in product"},
                 {"in accumulator"},
                 {"in result"},
                 {"weights clipped"}});
    for (const LayerResult& layer : result.layers) {
        const int frac = layer.type.format.frac();
        const LayerEvents& e = layer.events;
        table.row({layer.name, print_type(layer.type), fmt::format("{:.6g}", value_of(layer.min_raw, frac)),
                   fmt::format("{:.6g}", value_of(layer.max_raw, frac)), std::to_string(e.overflows()),
                   std::to_string(e.saturations()), std::to_string(e.product.overflows()),
                   std::to_string(e.accumulator.overflows()), std::to_string(e.result.overflows()),
                   std::to_string(e.weights.overflows())});
    }
    return table.text();
}

double images_per_second(const Execution& e) {
    return static_cast<double>(e.result.images) / std::max(e.seconds, 1e-9);
}

}  // namespace

nlohmann::ordered_json json_of(const EventCounts& c) {
    return {{"conversions", c.conversions},
            {"inexact", c.inexact},
            {"above", c.above},
            {"below", c.below},
            {"saturations", c.saturations}};
}

Score score_of(const Graph& graph, const RunResult& result, const std::vector<int>& labels) {
    if (labels.empty()) return {};
    return {.labelled = true, .correct = count_correct(output_of(graph, result), labels)};
}

std::string run_report_text(const Execution& e, const Score& score, EngineChoice engine) {
    const std::size_t images = e.result.images;
    std::string text =
        e.counting == Counting::Nothing ? "overflows and ranges were not counted\n" : layer_table(e.result) + "\n";
    if (score.labelled) {
        text += fmt::format("accuracy {} ({} of {} images)\n", percent(score.correct, images), score.correct, images);
    }
    text += fmt::format("{} images in {:.3f} s, {:.0f} images/s ({})\n", images, e.seconds, images_per_second(e),
                        engine == EngineChoice::Golden ? "golden" : "emulator");
    if (engine == EngineChoice::Both) {
        text += fmt::format("golden agrees on every word and event of every layer ({:.3f} s)\n", e.golden_seconds);
    }
    return text;
}

nlohmann::ordered_json run_report_json(const Execution& e, const Score& score) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const LayerResult& layer : e.result.layers) layers.push_back(layer_json(layer, e.counting));
    const auto images = e.result.images;
    nlohmann::ordered_json json{{"images", images}, {"correct", nullptr}, {"accuracy", nullptr}};
    if (score.labelled) {
        json["correct"] = score.correct;
        json["accuracy"] = static_cast<double>(score.correct) / static_cast<double>(images);
    }
    json["seconds"] = e.seconds;
    json["images_per_second"] = images_per_second(e);
    json["layers"] = std::move(layers);
    return json;
}

}  // namespace bittrue::cli
