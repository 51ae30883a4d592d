// bittrue precision: what fixed point costs, every layer beside the same network in float.
#include <cmath>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "bittrue/explore/precision.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

using explore::LayerPrecision;
using explore::Precision;

struct Options {
    std::string network, json;
    int threads = 0;
    InputOptions input;
};

std::string percent(double share) {
    if (share == 0) return "0";
    return share < 0.0001 ? "< 0.01 %" : fmt::format("{:.2f} %", 100 * share);
}

std::string decibels(const LayerPrecision& l) {
    const double db = l.sqnr_db();
    if (std::isinf(db)) return db > 0 ? "exact" : "no signal";
    return fmt::format("{:.1f}", db);
}

std::string layer_table(const Precision& precision) {
    Table table({{"layer", Align::Left},
                 {"float range", Align::Left},
                 {"type", Align::Left},
                 {"out of range"},
                 {"inexact"},
                 {"SQNR dB"},
                 {"largest error"},
                 {"mean error"}});
    for (const LayerPrecision& l : precision.layers) {
        table.row({l.layer, fmt::format("{:.5g}..{:.5g}", l.float_low, l.float_high), print_type(l.type),
                   percent(l.out_of_range()), percent(l.inexact()), decibels(l), fmt::format("{:.4g}", l.largest.error),
                   fmt::format("{:.2g}", l.mean_error())});
    }
    return table.text();
}

std::string accuracy(std::uint64_t correct, std::size_t images) {
    return fmt::format("{:.2f} %", 100.0 * static_cast<double>(correct) / static_cast<double>(images));
}

std::string text_of(const Precision& p) {
    std::string text = layer_table(p) + "\n";
    if (p.labelled) {
        text += fmt::format("accuracy in float {}, in fixed point {} ({} and {} of {} images)\n",
                            accuracy(p.float_correct, p.images), accuracy(p.fixed_correct, p.images), p.float_correct,
                            p.fixed_correct, p.images);
    }
    return text + fmt::format("another answer than in float on {} of {} images\n", p.images - p.same_answer, p.images);
}

nlohmann::ordered_json finite(double x) {
    return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json();
}

nlohmann::ordered_json json_of(const LayerPrecision& l) {
    return {{"layer", l.layer},
            {"op", l.op},
            {"type", print_type(l.type)},
            {"float_min", finite(l.float_low)},
            {"float_max", finite(l.float_high)},
            {"fixed_min", l.fixed_low},
            {"fixed_max", l.fixed_high},
            {"elements", l.elements},
            {"out_of_range", l.out_of_range()},
            {"inexact", l.inexact()},
            {"overflows_before_result", l.events.product.overflows() + l.events.accumulator.overflows()},
            {"signal", finite(l.signal)},
            {"noise", finite(l.noise)},
            {"sqnr_db", finite(l.sqnr_db())},
            {"largest_error",
             {{"error", finite(l.largest.error)},
              {"image", l.largest.image},
              {"element", l.largest.element},
              {"float", finite(l.largest.real)},
              {"fixed", l.largest.fixed}}},
            {"mean_error", finite(l.mean_error())}};
}

nlohmann::ordered_json json_of(const Precision& p) {
    nlohmann::ordered_json json{
        {"images", p.images}, {"same_answer", p.same_answer}, {"float_correct", nullptr}, {"fixed_correct", nullptr}};
    if (p.labelled) {
        json["float_correct"] = p.float_correct;
        json["fixed_correct"] = p.fixed_correct;
    }
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const LayerPrecision& l : p.layers) layers.push_back(json_of(l));
    json["layers"] = std::move(layers);
    return json;
}

void run(const Options& o) {
    check_paths({{"--json", o.json}}, input_paths(o.network, o.input));
    const Graph graph = load_network(o.network);
    const LoadedInput in = load(o.input, graph.input);
    check_labels(graph, in);
    std::optional<Progress> progress(std::in_place, "float and fixed", in.batch.images);
    const Precision precision = explore::measure_precision(graph, in.batch, in.labels,
                                                           {.threads = o.threads,
                                                            .progress = [&](std::size_t done) { progress->show(done); },
                                                            .cancel = &interrupt_flag()});
    progress.reset();
    if (!o.json.empty()) {
        nlohmann::ordered_json json{
            {"tool", "bittrue " BITTRUE_VERSION}, {"network", graph.name}, {"input", in.description}};
        json.update(json_of(precision));
        write_json(o.json, json);
    }
    if (o.json != "-") print(text_of(precision));
}

}  // namespace

void add_precision(CLI::App& app, int&) {
    auto* command = app.add_subcommand(
        "precision", "What fixed point costs: range, rounding, SQNR and errors of every layer against float");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    add_input_options(*command, o->input);
    command->add_option("--threads", o->threads, "threads to use (0: all cores); figures do not depend on it")
        ->check(CLI::Range(0, 1024));
    command->add_option("--json", o->json, "write the figures as JSON to this file ('-': stdout)");
    command->footer("Example:\n  bittrue precision examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:200");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
