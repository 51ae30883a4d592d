// bittrue run: a network over images: accuracy, what overflowed where, ranges, speed, and a trace on request.
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npz.hpp"
#include "command.hpp"
#include "console.hpp"
#include "execute.hpp"
#include "inputs.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, trace, json;
    std::string engine = "emulator";
    int threads = 0;
    InputOptions input;
};

const LayerResult& output_of(const Graph& graph, const RunResult& result) {
    return result.layers[static_cast<std::size_t>(node_index(graph, graph.output) + 1)];
}

// Images whose largest output (the first of equals) is the label.
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

void check_labels(const Graph& graph, const LoadedInput& in) {
    const std::int64_t classes = shape_of(graph, graph.output).count();
    for (std::size_t i = 0; i < in.labels.size(); ++i) {
        if (in.labels[i] >= 0 && in.labels[i] < classes) continue;
        throw InputError("--labels", fmt::format("label {} of image {} is outside of the network's {} outputs",
                                                 in.labels[i], i, classes));
    }
}

void write_trace(const std::string& path, const RunResult& result) {
    std::vector<NamedArray> arrays;
    for (const LayerResult& layer : result.layers) {
        Dims dims{static_cast<std::int64_t>(result.images)};
        dims.insert(dims.end(), layer.shape.dims.begin(), layer.shape.dims.end());
        arrays.push_back({layer.name, npy_from_words(std::move(dims), layer.type.format, layer.words)});
    }
    write_npz(path, arrays);
}

nlohmann::ordered_json json_of(const EventCounts& c) {
    return {{"conversions", c.conversions},
            {"inexact", c.inexact},
            {"above", c.above},
            {"below", c.below},
            {"saturations", c.saturations}};
}

nlohmann::ordered_json json_of(const LayerResult& layer) {
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

void run(const Options& o, int& status) {
    const EngineChoice engine = parse_engine(o.engine);
    const Graph graph = load_network(o.network);
    const LoadedInput in = load(o.input, graph.input);
    check_labels(graph, in);
    const Execution e = execute(graph, in.batch, engine, !o.trace.empty(), o.threads);
    if (!e.disagreement.empty()) {
        print(fmt::format("the engines disagree (expected: golden, got: emulator); this is a bug of bittrue\n{}",
                          e.disagreement));
        status = kDifferent;
        return;
    }
    const std::size_t images = e.result.images;
    const bool labelled = !in.labels.empty();
    const std::size_t correct = labelled ? count_correct(output_of(graph, e.result), in.labels) : 0;
    const double rate = static_cast<double>(images) / std::max(e.seconds, 1e-9);
    if (o.json != "-") {
        std::string text = layer_table(e.result) + "\n";
        if (labelled) text += fmt::format("accuracy {} ({} of {} images)\n", percent(correct, images), correct, images);
        text += fmt::format("{} images in {:.3f} s, {:.0f} images/s ({})\n", images, e.seconds, rate,
                            engine == EngineChoice::Golden ? "golden" : "emulator");
        if (engine == EngineChoice::Both) {
            text += fmt::format("golden agrees on every word and event of every layer ({:.3f} s)\n", e.golden_seconds);
        }
        print(text);
    }
    if (!o.trace.empty()) write_trace(o.trace, e.result);
    if (o.json.empty()) return;
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const LayerResult& layer : e.result.layers) layers.push_back(json_of(layer));
    nlohmann::ordered_json json{{"tool", "bittrue " BITTRUE_VERSION},
                                {"network", graph.name},
                                {"network_sha256", network_hash(o.network, e.parameters)},
                                {"input", in.description},
                                {"engine", o.engine},
                                {"images", images}};
    json["correct"] = labelled ? nlohmann::ordered_json(correct) : nlohmann::ordered_json(nullptr);
    json["accuracy"] = labelled ? nlohmann::ordered_json(static_cast<double>(correct) / static_cast<double>(images))
                                : nlohmann::ordered_json(nullptr);
    json["seconds"] = e.seconds;
    json["images_per_second"] = rate;
    json["layers"] = std::move(layers);
    write_json(o.json, json);
}

}  // namespace

void add_run(CLI::App& app, int& status) {
    auto* command =
        app.add_subcommand("run", "Run a network over images: accuracy, overflows and ranges per layer, images/s");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    add_input_options(*command, o->input);
    add_engine_option(*command, o->engine);
    command->add_option("--threads", o->threads, "threads to use (0: all cores); results do not depend on it")
        ->check(CLI::Range(0, 1024));
    command->add_option("--trace", o->trace, "write every layer's raw integers to this .npz, images first");
    command->add_option("--json", o->json, "write the figures as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue run examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:100 --engine both --trace "
        "/tmp/trace.npz");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
