// bittrue sweep: what other accumulators do to the answers, and what they cost.
#include <charconv>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "execute.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "per_layer.hpp"
#include "sweep_report.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, widths, overflow, rounding, order, product, output, shard;
    std::string keep = "frac";
    std::vector<std::string> layers;
    int threads = 0;
    InputOptions input;
    SweepOutputs reports;
    bool per_layer = false;
    double floor = -1, max_loss = -1;
};

int parse_integer(const std::string& option, const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw InputError(option, fmt::format("'{}' is no integer; write for example 8:32 or 8,12,16", text));
    return value;
}

// "8:32", "8:32:4" and lists of these.
std::vector<int> parse_widths(const std::string& text) {
    const std::string option = "--accumulator-width";
    std::vector<int> widths;
    for (const std::string& part : split_list(option, text)) {
        std::vector<int> numbers;
        for (std::size_t begin = 0;;) {
            const auto colon = part.find(':', begin);
            numbers.push_back(parse_integer(option, part.substr(begin, colon - begin)));
            if (colon == std::string::npos) break;
            begin = colon + 1;
        }
        const int step = numbers.size() == 3 ? numbers[2] : 1;
        const int last = numbers.size() > 1 ? numbers[1] : numbers[0];
        const bool legal =
            numbers.size() <= 3 && step >= 1 && numbers[0] >= 1 && last >= numbers[0] && last <= kMaxStoredWidth;
        if (!legal) {
            throw InputError(option,
                             fmt::format("'{}' is no range of 1 to {} bits; write for example 8:32, or 8:32:4 for "
                                         "every fourth",
                                         part, kMaxStoredWidth));
        }
        for (int w = numbers[0]; w <= last; w += step) widths.push_back(w);
    }
    return widths;
}

template <class Entry>
auto parse_axis(const std::string& option, const std::string& text, const Entry& entry) {
    std::vector<decltype(entry(text))> axis;
    if (text.empty()) return axis;
    for (const std::string& part : split_list(option, text)) {
        try {
            axis.push_back(entry(part));
        } catch (const InputError& e) {
            throw InputError(option, e.what());
        }
    }
    return axis;
}

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return text;
}

explore::SweepAxes axes_of(const Options& o) {
    explore::SweepAxes axes;
    axes.widths = parse_widths(o.widths);
    axes.overflows = parse_axis("--overflow", o.overflow, [](const std::string& part) {
        return parse_overflow(upper(part) == "SATURATE" ? "SAT" : upper(part));
    });
    axes.roundings =
        parse_axis("--rounding", o.rounding, [](const std::string& p) { return parse_rounding(upper(p)); });
    axes.orders = parse_axis("--order", o.order, [](const std::string& p) { return explore::parse_order(p); });
    axes.products = parse_axis("--product", o.product, [](const std::string& part) {
        if (part == "exact") return explore::ProductChoice::Exact;
        if (part == "accumulator") return explore::ProductChoice::Accumulator;
        throw InputError(fmt::format("'{}' is unknown; right are exact and accumulator", part));
    });
    axes.layers = o.layers;
    axes.keep = o.keep == "integer" ? explore::Keep::Integer : explore::Keep::Frac;
    return axes;
}

void parse_shard(const std::string& text, explore::SweepHeader& header) {
    if (text.empty()) return;
    const auto slash = text.find('/');
    constexpr int kMostShards = 100'000;
    if (slash != std::string::npos) {
        header.shard = parse_integer("--shard", text.substr(0, slash));
        header.shards = parse_integer("--shard", text.substr(slash + 1));
    }
    if (slash == std::string::npos || header.shard < 1 || header.shard > header.shards || header.shards > kMostShards)
        throw InputError("--shard", fmt::format("'{}' is no shard; write i/n with 1 <= i <= n, for example 2/8", text));
}

void sweep(const Options& o, const explore::Trial& trial, const std::string& input, const explore::SweepAxes& axes,
           int& status) {
    if (o.floor >= 0 || o.max_loss >= 0) throw InputError("--floor and --max-loss", "they go with --per-layer");
    const auto grid = explore::make_grid(trial.graph, axes);
    explore::SweepHeader header = explore::make_header(trial, grid);
    header.version = "bittrue " BITTRUE_VERSION;
    header.network_sha256 = network_hash(o.network, emulator::make_engine(trial.graph)->parameters());
    header.input = input;
    parse_shard(o.shard, header);
    SweepReport report(o.reports);
    Progress progress("sweep", grid.size() / static_cast<std::size_t>(header.shards), "configurations");
    explore::JudgeOptions options{.threads = o.threads, .cancel = &interrupt_flag()};
    options.progress = [&](double done) { progress.show(static_cast<std::size_t>(done)); };
    try {
        report.write(explore::run_sweep(trial, grid, header, o.output, options));
    } catch (const Interrupted&) {
        if (o.output.empty()) throw;
        std::fputs(fmt::format("bittrue: interrupted; the same command continues from {}\n", o.output).c_str(), stderr);
        status = kInterrupted;
    }
}

void run(const Options& o, int& status) {
    check_paths(output_paths(o.output, o.reports), input_paths(o.network, o.input));
    const Graph graph = load_network(o.network);
    const LoadedInput in = load(o.input, graph.input);
    check_labels(graph, in);
    const explore::SweepAxes axes = axes_of(o);
    const explore::Trial trial{.graph = graph, .batch = in.batch, .labels = in.labels};
    if (!o.per_layer) return sweep(o, trial, in.description, axes, status);
    if (!o.shard.empty()) throw InputError("--shard", "a search of widths is not divided; leave it out");
    if (!o.reports.csv.empty() || !o.reports.html.empty())
        throw InputError("--csv and --html", "they show a sweep, not the search of --per-layer");
    per_layer(trial, axes,
              {.network = o.network,
               .output = o.output,
               .json = o.reports.json,
               .floor = o.floor,
               .max_loss = o.max_loss,
               .threads = o.threads});
}

}  // namespace

void add_sweep(CLI::App& app, int& status) {
    auto* command = app.add_subcommand(
        "sweep", "Try accumulators: accuracy, flips, overflows, errors and LUTs of every width, overflow mode, order");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    add_input_options(*command, o->input);
    command->add_option("--accumulator-width", o->widths, "widths to try: 8:32, 8:32:4, 8,12,16")->required();
    command->add_option("--overflow", o->overflow,
                        "list of wrap, saturate, sat_sym, sat_zero, wrap_sm (the network's)");
    command->add_option("--rounding", o->rounding,
                        "list of trn, rnd, rnd_conv, ...: as in the network file (the network's)");
    command->add_option("--order", o->order,
                        "list of sequential, interleave:R, fold:S, cascade:C, partial:L, tree, each maybe with :step, "
                        ":fold or :end (the network's)");
    command->add_option("--product", o->product, "list of exact, accumulator (the network's)");
    command->add_option("--layer", o->layers, "change this layer alone; several times: each alone (all at once)");
    command->add_option("--keep", o->keep, "what a width leaves: frac (the lsb) or integer (the integer bits)")
        ->check(CLI::IsMember({"frac", "integer"}))
        ->capture_default_str();
    command->add_flag("--per-layer", o->per_layer, "search the cheapest width of each layer that keeps the accuracy");
    command->add_option("--floor", o->floor, "with --per-layer: the accuracy to keep, in percent")
        ->check(number_between(0, 100));
    command->add_option("--max-loss", o->max_loss, "with --per-layer: percentage points below wide accumulators (0)")
        ->check(number_between(0, 100));
    command->add_option("-o,--output", o->output,
                        "results file (.jsonl): grows as they are found, an interrupted sweep continues it; with "
                        "--per-layer the network file to write");
    command->add_option("--shard", o->shard, "do part i of n only, as i/n; join the files with sweep-merge");
    command->add_option("--threads", o->threads, "threads to use (0: all cores); results do not depend on it")
        ->check(CLI::Range(0, 1024));
    add_sweep_outputs(*command, o->reports);
    command->footer(R"(Examples:
  bittrue sweep examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:200 --accumulator-width 8:20 --overflow wrap,saturate -o /tmp/sweep.jsonl --html /tmp/sweep.html
  bittrue sweep examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:200 --accumulator-width 6:24 --per-layer --max-loss 0.5 -o /tmp/cheap.toml)");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
