// bittrue diff: a dump and golden vectors, word by word: which layer is the first that is wrong.
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/vectors/dump.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "bittrue/verify/diagnose.hpp"
#include "bittrue/verify/report.hpp"
#include "command.hpp"
#include "console.hpp"
#include "datapath.hpp"
#include "diagnosis_report.hpp"
#include "diff_network.hpp"
#include "interrupt.hpp"
#include "page/diff_page.hpp"
#include "paths.hpp"
#include "proof.hpp"
#include "reproducer.hpp"
#include "telling_files.hpp"
#include "training_datapath.hpp"
#include "training_diagnosis.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string expected, actual, json, page;
    std::string as, map, pack, layer, pattern;
    DiffOptions diff;
    InputOptions input;  // of EXPECTED as a network
    bool diagnose = false;
    std::string network, junit, telling, reproducer;
    double seconds = DiagnoseOptions{}.seconds;
};

VectorSet read_actual(const Options& o, const VectorSet& expected) {
    DumpOptions options;
    options.as = o.as;
    if (!o.map.empty()) options.map = load_dump_map(o.map);
    options.packing = parse_packing(o.pack);
    options.layer = o.layer;
    options.pattern = o.pattern;
    options.schema = &expected;
    options.cancel = &interrupt_flag();
    Progress progress("reading", 0, "MB");
    options.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done >> 20U, all >> 20U); };
    return read_dump(o.actual, options);
}

std::string names_of(const VectorSet& set) {
    constexpr std::size_t kShown = 12;
    std::string names;
    for (std::size_t i = 0; i < set.layers.size() && i < kShown; ++i) {
        names += (names.empty() ? "'" : ", '") + set.layers[i].name + "'";
    }
    return set.layers.size() <= kShown ? names : fmt::format("{} and {} more", names, set.layers.size() - kShown);
}

[[noreturn]] void refuse_strangers(const Options& o, const VectorSet& expected, const VectorSet& actual) {
    if (actual.layers.empty()) throw InputError(o.actual, "holds no layer");
    throw InputError(o.actual, fmt::format("no layer of it is in {}, nothing was compared: it has {}, expected are {}; "
                                           "--layer names the layer of a single file, --map those of several",
                                           o.expected, names_of(actual), names_of(expected)));
}

// What says how to read one file says nothing to a set that has its own manifest.
void refuse_idle_options(const Options& o) {
    std::error_code error;
    if (!o.layer.empty() && std::filesystem::is_directory(o.actual, error)) {
        throw InputError(o.actual, "is a directory: --layer says which layer a single file holds; name the file");
    }
    if (!std::filesystem::exists(std::filesystem::path(o.actual) / "manifest.json", error)) return;
    const std::pair<const char*, const std::string*> given[] = {
        {"--as", &o.as}, {"--map", &o.map}, {"--pack", &o.pack}, {"--pattern", &o.pattern}};
    for (const auto& [name, value] : given) {
        if (value->empty()) continue;
        throw InputError(o.actual, fmt::format("is a vector set whose manifest says how to read it: {} is for single "
                                               "files and waveforms; name the file",
                                               name));
    }
}

void check_options(const Options& o, const CLI::App& command) {
    refuse_idle_options(o);
    if (!o.reproducer.empty()) check_reproducer(o.reproducer);
    if (!o.telling.empty()) check_telling(o.telling);
    const bool computed = is_network_file(o.expected);
    if (computed && o.input.source.empty())
        throw InputError(o.expected, "is a network: give the images of the dump with --input, or a vector set");
    if (!computed && !o.input.source.empty())
        throw InputError("--input", "it is for a network file as EXPECTED; a vector set has its words");
    if (o.input.first > 0 && o.input.source.empty()) throw InputError("--first", "it needs --input");
    if (computed && !o.network.empty()) throw InputError("--network", "EXPECTED is the network already");
    if (!o.diagnose) {
        for (const char* const option : {"--network", "--seconds", "--telling", "--reproducer"})
            if (command.count(option) > 0) throw InputError(option, "it needs --diagnose");
    }
    auto inputs = input_paths(computed ? o.expected : o.network, o.input);
    inputs.push_back({"EXPECTED", o.expected});
    inputs.push_back({"ACTUAL", o.actual});
    inputs.push_back({"--map", o.map});
    check_paths({{"--json", o.json},
                 {"--report", o.page},
                 {"--junit", o.junit, OutputKind::File},
                 {"--telling", o.telling, OutputKind::Folder},
                 {"--reproducer", o.reproducer, OutputKind::WholeFolder}},
                inputs);
    // Sets of an earlier run go.
    check_paths({{"--telling", o.telling, OutputKind::WholeFolder}}, {{"EXPECTED", o.expected}, {"ACTUAL", o.actual}});
}

// The two sides and the network behind them.
struct Sides {
    VectorSet expected{}, actual{};
    std::optional<DiffNetwork> network{};  // for a diagnosis
};

Sides read_sides(const Options& o) {
    Sides sides;
    if (is_network_file(o.expected)) {
        ComputedVectors computed = compute_vectors(o.expected, o.input);
        sides.expected = std::move(computed.set);
        sides.network = DiffNetwork{std::move(computed.graph), o.expected};
    } else {
        sides.expected = read_vector_set(o.expected);
        if (o.diagnose) sides.network = network_of(sides.expected, o.network);
    }
    sides.actual = read_actual(o, sides.expected);
    return sides;
}

DiagnosisReport run_diagnosis(const Options& o, const Sides& sides, const DiffReport& report,
                              const Datapath& datapath) {
    Progress progress("diagnosing", report.layers.size(), "layers");
    std::size_t begun = 0;
    DiagnoseOptions options;
    options.seconds = o.seconds;
    options.cancel = &interrupt_flag();
    options.progress = [&](const std::string& layer) { progress.show(begun++, layer); };
    const DiffNetwork& network = *sides.network;
    if (!is_training_set(sides.expected))
        return diagnose(network.graph, sides.expected, sides.actual, report, datapath, options);
    return diagnose_training(training_setup(network.graph, sides.expected, network.file), sides.expected, sides.actual,
                             report, *make_training_datapath(), options);
}

// Of each wrong layer that has a hypothesis, or no explanation at all: how its first wrong word came about.
std::vector<Proof> prove_all(const DiagnosisReport& diagnosis, const Datapath& datapath) {
    std::vector<Proof> proofs;
    for (const LayerDiagnosis& layer : diagnosis.layers) {
        if (layer.verdict == Verdict::Equal || layer.verdict == Verdict::Unknown) continue;
        const Hypothesis* const best = layer.hypotheses.empty() ? nullptr : &layer.hypotheses.front();
        if (auto proof = prove(layer, best, datapath)) proofs.push_back(std::move(*proof));
    }
    return proofs;
}

// What a run found.
struct Findings {
    DiffReport report{};
    std::optional<DiagnosisReport> diagnosis{};
    std::vector<Proof> proofs{};  // of the diagnosis
};

Findings find(const Options& o, const Sides& sides) {
    Findings f{.report = diff(sides.expected, sides.actual, o.diff)};
    if (f.report.layers.empty()) refuse_strangers(o, sides.expected, sides.actual);
    if (!o.diagnose) return f;
    const auto datapath = make_datapath();
    f.diagnosis = run_diagnosis(o, sides, f.report, *datapath);
    f.proofs = prove_all(*f.diagnosis, *datapath);
    return f;
}

void print_findings(const Findings& f) {
    print(print_report(f.report, stdout_is_terminal()));
    if (!f.diagnosis) return;
    print(diagnosis_text(f.report, *f.diagnosis, stdout_is_terminal()));
    if (!f.proofs.empty()) print(proof_text(f.proofs.front()));
}

// Of the first wrong layer whose traced word comes out of an accumulator. What was done, as a line.
std::string reproduce(const Options& o, const std::vector<Proof>& proofs) {
    for (const Proof& proof : proofs) {
        const auto found = mac_case_of(proof);
        if (!found) continue;
        write_reproducer(o.reproducer, *found);
        return fmt::format("wrote {}: {} alone; sh {}/reproduce.sh\n", o.reproducer, found->word, o.reproducer);
    }
    const bool earlier = remove_reproducer(o.reproducer);
    return fmt::format("{} was not written{}: no wrong word comes out of an accumulator\n", o.reproducer,
                       earlier ? ", an earlier run's was removed" : "");
}

nlohmann::ordered_json json_of(const Findings& f) {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(report_json(f.report));
    if (!f.diagnosis) return json;
    json["diagnosis"] = diagnosis_json(f.report, *f.diagnosis);
    nlohmann::ordered_json proofs = nlohmann::ordered_json::array();
    for (const Proof& proof : f.proofs) proofs.push_back(proof_json(proof));
    json["diagnosis"]["proofs"] = std::move(proofs);
    return json;
}

void write_page(const Options& o, const Sides& sides, const Findings& f) {
    if (o.page.empty()) return;
    DiffPageFacts facts{
        .expected = sides.expected,
        .actual = sides.actual,
        .report = f.report,
        .options = o.diff,
        .diagnosis = f.diagnosis ? &*f.diagnosis : nullptr,
        .traces = {},
        .command = fmt::format("bittrue diff {} {}{}", o.expected, o.actual, o.diagnose ? " --diagnose" : ""),
        .version = "bittrue " BITTRUE_VERSION};
    for (const Proof& proof : f.proofs) facts.traces.push_back(page_trace(proof));
    if (o.page == "-") {
        print(diff_page(facts));
    } else {
        write_file(o.page, diff_page(facts));
    }
}

void run(const Options& o, const CLI::App& command, int& status) {
    check_options(o, command);
    const Sides sides = read_sides(o);
    const Findings found = find(o, sides);
    if (o.json != "-" && o.page != "-") print_findings(found);
    if (!o.json.empty()) write_json(o.json, json_of(found));
    write_page(o, sides, found);
    const std::string suite = sides.expected.network.empty() ? o.expected : sides.expected.network;
    const DiagnosisReport* const diagnosis = found.diagnosis ? &*found.diagnosis : nullptr;
    std::string lines;
    if (!o.junit.empty()) write_file(o.junit, junit_xml(found.report, diagnosis, suite));
    if (!o.reproducer.empty()) lines += reproduce(o, found.proofs);
    if (!o.telling.empty() && diagnosis != nullptr) {
        const std::size_t written = write_telling(o.telling, *diagnosis);
        lines += written > 0
                     ? fmt::format("wrote {} to {}\n", counted(written, "telling vector"), o.telling)
                     : fmt::format("{} has no telling vector of this run: none was found, or needed\n", o.telling);
    }
    if (o.json != "-" && o.page != "-") print(lines);
    status = found.report.equal() ? kEqual : kDifferent;
}

std::string kind_names() {
    std::string names;
    for (const std::string& name : dump_kind_names()) names += (names.empty() ? "" : ", ") + name;
    return names;
}

}  // namespace

void add_diff(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("diff", "Compare a dump with golden vectors, layer by layer and word by word");
    const auto o = std::make_shared<Options>();
    command
        ->add_option("EXPECTED", o->expected,
                     "golden vectors: a vector directory, .npz, or one file of words; or the network file (.toml), "
                     "with --input")
        ->required();
    command
        ->add_option(
            "ACTUAL", o->actual,
            "the dump: the same kinds, a VCD, an ILA export, an HLS log or vector file, a text (docs/dumps.md)")
        ->required();
    command->add_option("--as", o->as, fmt::format("what the dump is, where it is not detected: {}", kind_names()));
    command->add_option("--map", o->map, "TOML file: which signal or file is which layer (bittrue map proposes one)");
    command->add_option("--pack", o->pack, "how a bare file packs its words: lanes=4,first=high,...");
    command->add_option("--layer", o->layer, "the layer that a bare file holds");
    command->add_option("--pattern", o->pattern, "of a text's lines: \"out[{index:d}] = {word:x}\" (docs/dumps.md)");
    command->add_flag("--common", o->diff.common,
                      "compare only what both sides have: a layer or image missing on one side is no difference");
    command->add_flag("--strict", o->diff.strict,
                      "place by place only: no search for shifted, dropped or reordered words");
    command->add_option("--input", o->input.source,
                        "of a network as EXPECTED the images: .npy, .npz (FILE.npz:KEY), MNIST idx (also .gz), or "
                        "digits:N[:SEED]");
    command->add_option("--first", o->input.first, "take only the first K of these images")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U, "K, at least 1"));
    command->add_flag("--diagnose", o->diagnose,
                      "why: each wrong layer is computed again under changed settings until one gives the dump");
    command->add_option("--network", o->network,
                        "for --diagnose: the network file, where EXPECTED's manifest does not name it");
    command->add_option("--seconds", o->seconds, "time for the diagnosis of one layer")
        ->check(number_between(0.1, 86400))
        ->capture_default_str();
    command->add_option("--json", o->json, "write the report as JSON to this file ('-': stdout)");
    command->add_option(
        "--report", o->page,
        "write a page with pictures of what is wrong to this HTML file ('-': stdout); it needs no network");
    command->add_option("--reproducer", o->reproducer,
                        "for --diagnose: write the first wrong word's dot product into this folder: a command line, a "
                        ".case file, SystemVerilog");
    command->add_option(
        "--telling", o->telling,
        "for --diagnose: write inputs that tell explanations apart as vector sets into this folder, in place of "
        "those of an earlier run");
    command->add_option("--junit", o->junit, "write a test case per layer as JUnit XML to this file, for CI");
    command->footer(
        "Example:\n  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:10 --out /tmp/vectors\n"
        "  bittrue diff /tmp/vectors /tmp/vectors --diagnose --report /tmp/diff.html\n"
        "  bittrue diff examples/mnist-cnn/mnist_cnn_8bit.toml /tmp/vectors --input digits:10 --diagnose\n\nExit "
        "status: 0 equal, 1 different, 2 unusable.");
    command->callback([o, command, &status] { run(*o, *command, status); });
}

}  // namespace bittrue::cli
