// bittrue map: what a simulation or logic analyser recorded, and a proposal which signal is which layer.
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/vectors/dump.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "command.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string vcd, ila, expected, output, json;
    bool force = false;
};

std::string signals_text(const std::vector<SignalActivity>& signals) {
    Table table({{"signal", Align::Left}, {"bits"}, {"changes"}, {"to x or z"}});
    for (const SignalActivity& s : signals) {
        table.row({s.name, s.real ? "real" : std::to_string(s.width), std::to_string(s.changes),
                   std::to_string(s.undefined_changes)});
    }
    return table.text();
}

nlohmann::ordered_json signals_json(const std::vector<SignalActivity>& signals, const MapProposal& proposal) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const SignalActivity& s : signals) {
        list.push_back({{"name", s.name},
                        {"width", s.width},
                        {"changes", s.changes},
                        {"undefined_changes", s.undefined_changes},
                        {"real", s.real}});
    }
    return {{"signals", list}, {"map", print_dump_map(proposal.map)}, {"notes", proposal.notes}};
}

void run(const Options& o) {
    check_paths({{"--output", o.output, OutputKind::File}, {"--json", o.json}},
                {{"--vcd", o.vcd}, {"--ila", o.ila}, {"--expected", o.expected}});
    if (o.vcd.empty() == o.ila.empty()) throw InputError("bittrue map", "give either --vcd FILE or --ila FILE");
    if (!o.output.empty() && !o.force && std::filesystem::exists(o.output))
        throw InputError(o.output, "it exists already; use --force to replace it or choose another name");
    DumpOptions options;
    options.as = o.vcd.empty() ? "ila" : "vcd";
    options.cancel = &interrupt_flag();
    Progress progress("reading", 0, "MB");
    options.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done >> 20U, all >> 20U); };
    VectorSet expected;
    if (!o.expected.empty()) expected = read_vector_set(o.expected);
    const std::vector<SignalActivity> signals = list_signals(o.vcd.empty() ? o.ila : o.vcd, options);
    const MapProposal proposal = propose_map(signals, o.expected.empty() ? nullptr : &expected);
    if (!o.output.empty()) write_file(o.output, print_dump_map(proposal.map));
    if (!o.json.empty()) write_json(o.json, signals_json(signals, proposal));
    if (o.json == "-") return;
    print(signals_text(signals));
    for (const std::string& note : proposal.notes) print(fmt::format("note: {}\n", note));
    print(o.output.empty() ? "\n" + print_dump_map(proposal.map) : fmt::format("wrote {}\n", o.output));
}

}  // namespace

void add_map(CLI::App& app, int&) {
    auto* command =
        app.add_subcommand("map", "List the signals of a VCD or ILA export and propose which one is which layer");
    const auto o = std::make_shared<Options>();
    command->add_option("--vcd", o->vcd, "value change dump of a simulator");
    command->add_option("--ila", o->ila, "CSV export of Vivado's logic analyser");
    command->add_option("--expected", o->expected, "golden vectors: the layers to look for");
    command->add_option("-o,--output", o->output, "dump map to write (TOML), for bittrue diff --map");
    command->add_flag("--force", o->force, "replace an existing map");
    command->add_option("--json", o->json, "signals and map as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n"
        "  printf '$timescale 1ns $end $scope module tb $end $var wire 1 c clk $end $var wire 8 d out_data [7:0] "
        "$end\\n"
        "$upscope $end $enddefinitions $end\\n#0 0c b1010 d #5 1c #10 0c b1011 d #15 1c\\n' > /tmp/tb.vcd\n"
        "  bittrue map --vcd /tmp/tb.vcd");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
