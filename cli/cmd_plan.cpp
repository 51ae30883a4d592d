// bittrue plan: how the emulator will run a network, by which kernels, and what keeps a layer from a faster one.
#include <fmt/format.h>

#include "bittrue/emulator/plan.hpp"
#include "bittrue/emulator/ranges.hpp"
#include "bittrue/model/network_file.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "inputs.hpp"
#include "paths.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, json, isa;
    bool no_events = false;
};

// "0..5, 8" for ascending channels.
std::string channels_of(const std::vector<int>& channels) {
    std::string text;
    for (std::size_t i = 0; i < channels.size();) {
        std::size_t last = i;
        while (last + 1 < channels.size() && channels[last + 1] == channels[last] + 1) ++last;
        text += text.empty() ? "" : ", ";
        text += last == i ? fmt::format("{}", channels[i]) : fmt::format("{}..{}", channels[i], channels[last]);
        i = last + 1;
    }
    return text;
}

std::string kib(std::int64_t bytes) {
    return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024.0);
}

void add_rows(Table& table, const emulator::LayerPlan& layer) {
    const std::string memory = layer.block_bytes == 0 ? "-" : kib(layer.block_bytes);
    if (layer.groups.empty()) {
        const std::string kernel = layer.runs_with.empty() ? layer.kernel : "with " + layer.runs_with;
        table.row({layer.name, layer.op, "-", "-", kernel, "-", layer.lane_type, memory, layer.why_not});
        return;
    }
    bool first = true;
    for (const emulator::ChannelGroup& g : layer.groups) {
        std::string proof = emulator::print_proof(g.proof);
        if (!g.bounded.empty()) proof += fmt::format(", {} of {} bounded", g.bounded.size(), g.channels.size());
        table.row({first ? layer.name : "", first ? layer.op : "", channels_of(g.channels), proof, g.kernel,
                   std::to_string(g.steps), first ? layer.lane_type : "", first ? memory : "", g.why_not});
        first = false;
    }
}

nlohmann::ordered_json json_of(const emulator::LayerPlan& layer, const emulator::InputRange& input) {
    nlohmann::ordered_json groups = nlohmann::ordered_json::array();
    for (const emulator::ChannelGroup& g : layer.groups) {
        groups.push_back({{"channels", g.channels},
                          {"proof", emulator::print_proof(g.proof)},
                          {"bounded_channels", g.proof == emulator::Proof::Bounded ? g.channels : g.bounded},
                          {"kernel", g.kernel},
                          {"steps", g.steps},
                          {"why_not_faster", g.why_not}});
    }
    return {{"name", layer.name},
            {"op", layer.op},
            {"input", {{"low", json_raw(input.low)}, {"high", json_raw(input.high)}}},
            {"runs_with", layer.runs_with},
            {"kernel", layer.kernel},
            {"why_not_faster", layer.why_not},
            {"groups", std::move(groups)},
            {"lane_type", layer.lane_type},
            {"block_bytes", layer.block_bytes}};
}

void run(const Options& o) {
    check_paths({{"--json", o.json}}, input_paths(o.network));
    emulator::PlanOptions options;
    if (!o.isa.empty()) options.isa = parse_isa_option(o.isa);
    options.count_events = !o.no_events;
    const Graph graph = load_network(o.network);
    const emulator::Plan plan = emulator::plan_of(graph, options);
    Table table({{"layer", Align::Left},
                 {"op", Align::Left},
                 {"channels", Align::Left},
                 {"proof", Align::Left},
                 {"kernel", Align::Left},
                 {"steps"},
                 {"lanes", Align::Left},
                 {"block"},
                 {"why not faster", Align::Left}});
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    const std::vector<emulator::InputRange> ranges = emulator::tensor_ranges(graph);
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        const int source = node_index(graph, graph.nodes[i].inputs.front());
        add_rows(table, plan.layers[i]);
        layers.push_back(json_of(plan.layers[i], ranges[static_cast<std::size_t>(source + 1)]));
    }
    nlohmann::ordered_json input{{"name", graph.input.name}};
    if (graph.input.range) input["range"] = {graph.input.range->low, graph.input.range->high};
    if (o.json != "-") {
        print(fmt::format("{}: blocks of {} images, {}, events {}{}\n\n{}\ntensors of a block {} per thread\n",
                          graph.name.empty() ? "unnamed network" : graph.name, plan.lanes,
                          emulator::print_isa(plan.isa), options.count_events ? "counted" : "not counted",
                          declared_text(graph.input), table.text(), kib(plan.block_bytes)));
    }
    if (!o.json.empty()) {
        write_json(o.json, {{"network", graph.name},
                            {"input", std::move(input)},
                            {"lanes", plan.lanes},
                            {"isa", emulator::print_isa(plan.isa)},
                            {"count_events", options.count_events},
                            {"block_bytes", plan.block_bytes},
                            {"layers", std::move(layers)}});
    }
}

}  // namespace

void add_plan(CLI::App& app, int&) {
    auto* command = app.add_subcommand(
        "plan", "How the emulator will run a network: kernel and proof per channel group, memory of a block");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    add_isa_option(*command, o->isa);
    command->add_flag("--no-events", o->no_events,
                      "for runs that count no events: pooling may come first and kernels need not see overflows");
    command->add_option("--json", o->json, "write the plan as JSON to this file ('-': stdout)");
    command->footer(R"(Proofs:
  bounded  no partial sum can leave the accumulator: order and overflow do not matter
  modular  WRAP without rounding: any order, one wrap at the end
  at end   the exact sum is quantised once
  ordered  every step in its order

Example:
  bittrue plan examples/mnist-cnn/mnist_cnn_8bit.toml --isa avx2)");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
