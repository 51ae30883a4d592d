// bittrue run: a network over images: accuracy, what overflowed where, ranges, speed, and a trace on request.
#include <optional>

#include <fmt/format.h>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"
#include "channel_report.hpp"
#include "command.hpp"
#include "console.hpp"
#include "execute.hpp"
#include "float_report.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "run_report.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, trace, json, isa;
    std::string engine = "emulator";
    int threads = 0;
    bool channels = false, no_events = false;
    InputOptions input;
};

std::string trace_bytes(const RunResult& result) {
    std::vector<NamedArray> arrays;
    for (const LayerResult& layer : result.layers) {
        Dims dims{static_cast<std::int64_t>(result.images)};
        dims.insert(dims.end(), layer.shape.dims.begin(), layer.shape.dims.end());
        arrays.push_back({layer.name, npy_from_words(std::move(dims), layer.type.format, layer.words)});
    }
    return npz_bytes(arrays);
}

// The files of --trace and --json: opened before the run, so that a bad path costs no time, and committed together.
class Outputs {
public:
    explicit Outputs(const Options& o) {
        if (!o.trace.empty() && !o.trace.ends_with(".npz")) {
            throw InputError("--trace", fmt::format("'{}' must end with .npz", o.trace));
        }
        if (!o.trace.empty()) trace_.emplace(o.trace);
        if (!o.json.empty() && o.json != "-") json_.emplace(o.json);
    }
    void write(const std::string& trace, const std::string& json) {
        if (trace_) trace_->write(trace);
        if (json_) json_->write(json);
        if (interrupt_flag()) throw Interrupted();
        if (trace_) trace_->commit();
        if (json_) json_->commit();
    }

private:
    std::optional<AtomicFile> trace_{}, json_{};
};

nlohmann::ordered_json report_head(const Options& o, const Graph& graph, const LoadedInput& in,
                                   const std::vector<ParameterWords>& parameters) {
    return {{"tool", "bittrue " BITTRUE_VERSION},
            {"network", graph.name},
            {"network_sha256", network_hash(o.network, parameters)},
            {"input", in.description},
            {"engine", o.engine}};
}

void run_in_float(const Options& o) {
    for (const auto& [option, given] : {std::pair("--channels", o.channels), std::pair("--no-events", o.no_events)}) {
        if (given) throw InputError(option, "real numbers have no events; leave it out, or run a bit-true engine");
    }
    if (!o.isa.empty()) throw InputError("--isa", "it is for the emulator's words; leave it out with --engine float");
    const Graph graph = load_network(o.network);
    const LoadedInput in = load(o.input, graph.input);
    check_labels(graph, in);
    Outputs outputs(o);
    const FloatExecution e = execute_float(graph, in.batch, in.labels, !o.trace.empty(), o.threads);
    std::string json;
    if (!o.json.empty()) {
        nlohmann::ordered_json report = report_head(o, graph, in, golden::make_engine(graph)->parameters());
        report.update(float_report_json(e));
        json = json_text(report);
    }
    outputs.write(o.trace.empty() ? "" : npz_bytes(e.trace), json);
    if (o.json == "-") return print(json);
    print(float_report_text(e));
}

void run(const Options& o, int& status) {
    check_paths({{"--trace", o.trace, OutputKind::File}, {"--json", o.json}}, input_paths(o.network, o.input));
    if (o.engine == "float") return run_in_float(o);
    const EngineChoice engine = parse_engine(o.engine);
    const emulator::Isa isa = parse_isa_option(o.isa);
    if (o.no_events && engine != EngineChoice::Emulator)
        throw InputError("--no-events", "golden always counts; leave it out, or run the emulator alone");
    const Counting counting = o.channels ? Counting::Channels : o.no_events ? Counting::Nothing : Counting::Layers;
    const Graph graph = load_network(o.network);
    const LoadedInput in = load(o.input, graph.input);
    check_labels(graph, in);
    Outputs outputs(o);
    const Execution e = execute(graph, in.batch, engine, !o.trace.empty(), o.threads, isa, counting);
    if (!e.disagreement.empty()) {
        print(fmt::format("the engines disagree (expected: golden, got: emulator); this is a bug of bittrue\n{}",
                          e.disagreement));
        status = kDifferent;
        return;
    }
    const Score score = score_of(graph, e.result, in.labels);
    const ChannelProofs proofs = o.channels ? channel_proofs(graph, isa, e.parameters) : ChannelProofs{};
    std::string json;
    if (!o.json.empty()) {
        nlohmann::ordered_json report = report_head(o, graph, in, e.parameters);
        report.update(run_report_json(e, score));
        if (o.channels) add_channels(report["layers"], e.result, proofs);
        json = json_text(report);
    }
    outputs.write(o.trace.empty() ? "" : trace_bytes(e.result), json);
    if (o.json == "-") return print(json);
    print(run_report_text(e, score, engine));
    if (o.channels) print("\n" + channel_report_text(e.result, proofs));
}

}  // namespace

void add_run(CLI::App& app, int& status) {
    auto* command =
        app.add_subcommand("run", "Run a network over images: accuracy, overflows and ranges per layer, images/s");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    add_input_options(*command, o->input);
    add_run_engine_option(*command, o->engine);
    add_isa_option(*command, o->isa);
    command->add_option("--threads", o->threads, "threads to use (0: all cores); results do not depend on it")
        ->check(CLI::Range(0, 1024));
    command->add_flag("--channels", o->channels,
                      "count by output channel, too: which channels overflowed, which never did, which cannot");
    command
        ->add_flag("--no-events", o->no_events,
                   "count no overflows and no ranges: the emulator may then use kernels that do not see them")
        ->excludes("--channels");
    command->add_option("--trace", o->trace,
                        "write every layer's raw integers (--engine float: its numbers) to this .npz, images first");
    command->add_option("--json", o->json, "write the figures as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue run examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:100 --engine both --trace "
        "/tmp/trace.npz");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
