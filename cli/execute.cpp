#include "execute.hpp"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/verify/diff.hpp"
#include "bittrue/verify/report.hpp"
#include "console.hpp"
#include "interrupt.hpp"

namespace bittrue::cli {

namespace {

RunResult timed_run(const Engine& engine, const InputBatch& batch, RunOptions options, const char* label,
                    double& seconds) {
    Progress progress(label, batch.images);
    options.cancel = &interrupt_flag();
    options.progress = [&](std::size_t done) { progress.show(done); };
    const auto start = std::chrono::steady_clock::now();
    RunResult result = engine.run(batch, options);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

std::string describe(const EventCounts& c) {
    return fmt::format("{} conversions, {} inexact, {} above, {} below, {} saturated", c.conversions, c.inexact,
                       c.above, c.below, c.saturations);
}

std::string describe(const ChannelEvents& e) {
    return fmt::format("product {}, accumulator {}, result {}", describe(e.product), describe(e.accumulator),
                       describe(e.result));
}

// The first layer whose events differ, although its words may be equal.
std::string event_difference(const RunResult& a, const RunResult& b) {
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        const LayerResult& x = a.layers[i];
        const LayerResult& y = b.layers[i];
        if (x.events == y.events && x.min_raw == y.min_raw && x.max_raw == y.max_raw) continue;
        for (std::size_t c = 0; c < x.events.channels.size() && c < y.events.channels.size(); ++c) {
            const ChannelEvents& p = x.events.channels[c];
            const ChannelEvents& q = y.events.channels[c];
            if (p == q) continue;
            return fmt::format("layer '{}': the events of channel {} differ: emulator {}; golden {}\n", x.name, c,
                               describe(p), describe(q));
        }
        return fmt::format(
            "layer '{}': the events differ: emulator accumulator {}, result {}; golden accumulator {}, result {}\n",
            x.name, describe(x.events.accumulator), describe(x.events.result), describe(y.events.accumulator),
            describe(y.events.result));
    }
    return {};
}

std::string parameter_difference(const std::vector<ParameterWords>& a, const std::vector<ParameterWords>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (i < b.size() && a[i].layer == b[i].layer && a[i].role == b[i].role &&
            a[i].tensor.words == b[i].tensor.words)
            continue;
        return fmt::format("layer '{}': the {} differ after the cast\n", a[i].layer, a[i].role);
    }
    return a.size() == b.size() ? "" : "the engines hold a different number of parameters\n";
}

}  // namespace

Execution execute(const Graph& graph, const InputBatch& batch, EngineChoice choice, bool keep_layers, int threads,
                  emulator::Isa isa, Counting counting) {
    Execution out{.counting = counting};
    const bool both = choice == EngineChoice::Both;
    const auto main_engine =
        choice == EngineChoice::Golden ? golden::make_engine(graph) : emulator::make_engine_for(graph, isa);
    out.parameters = main_engine->parameters();
    const RunOptions run{.keep_layers = keep_layers || both,
                         .threads = threads,
                         .count_events = counting != Counting::Nothing,
                         .count_channels = counting == Counting::Channels};
    out.result =
        timed_run(*main_engine, batch, run, choice == EngineChoice::Golden ? "golden" : "emulator", out.seconds);
    if (!both) return out;
    const auto oracle = golden::make_engine(graph);
    const RunResult expected = timed_run(*oracle, batch, run, "golden", out.golden_seconds);
    out.disagreement = parameter_difference(out.parameters, oracle->parameters());
    if (!out.disagreement.empty()) return out;
    const DiffReport report = diff(from_run(graph, expected), from_run(graph, out.result));
    out.disagreement = report.equal() ? event_difference(out.result, expected) : print_report(report, false);
    return out;
}

std::string network_hash(const std::string& network_file, const std::vector<ParameterWords>& parameters) {
    // A pipe can be read once only, and load_network has done that.
    const bool readable_again = std::filesystem::is_regular_file(network_file);
    std::string text = readable_again ? sha256_hex(read_file(network_file)) + "\n" : "";
    for (const ParameterWords& p : parameters) text += fmt::format("{} {} {}\n", p.layer, p.role, sha256_hex(p.tensor));
    return sha256_hex(text);
}

std::string network_path(const std::string& network_file, const std::string& set_folder) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (!fs::is_regular_file(network_file, error)) return {};
    const fs::path folder = fs::weakly_canonical(fs::absolute(set_folder, error), error);
    const fs::path path = fs::weakly_canonical(fs::absolute(network_file, error), error).lexically_relative(folder);
    return error ? std::string{} : path.generic_string();
}

}  // namespace bittrue::cli
