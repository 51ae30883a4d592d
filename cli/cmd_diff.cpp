// bittrue diff: a dump and golden vectors, word by word: which layer is the first that is wrong.
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/vectors/dump.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "bittrue/verify/report.hpp"
#include "command.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "page/diff_page.hpp"
#include "paths.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string expected, actual, json, page;
    std::string as, map, pack, layer, pattern;
    DiffOptions diff;
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

void write_page(const Options& o, const DiffPageFacts& facts) {
    if (o.page == "-") {
        print(diff_page(facts));
    } else if (!o.page.empty()) {
        write_file(o.page, diff_page(facts));
    }
}

void run(const Options& o, int& status) {
    refuse_idle_options(o);
    check_paths({{"--json", o.json}, {"--report", o.page}},
                {{"EXPECTED", o.expected}, {"ACTUAL", o.actual}, {"--map", o.map}});
    const VectorSet expected = read_vector_set(o.expected);
    const VectorSet actual = read_actual(o, expected);
    const DiffReport report = diff(expected, actual, o.diff);
    if (report.layers.empty()) refuse_strangers(o, expected, actual);
    if (o.json != "-" && o.page != "-") print(print_report(report, stdout_is_terminal()));
    if (o.json == "-") {
        print(report_json(report));
    } else if (!o.json.empty()) {
        write_file(o.json, report_json(report));
    }
    write_page(o, {.expected = expected,
                   .actual = actual,
                   .report = report,
                   .options = o.diff,
                   .version = "bittrue " BITTRUE_VERSION});
    status = report.equal() ? kEqual : kDifferent;
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
    command->add_option("EXPECTED", o->expected, "golden vectors: a vector directory, .npz, or one file of words")
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
    command->add_option("--json", o->json, "write the report as JSON to this file ('-': stdout)");
    command->add_option(
        "--report", o->page,
        "write a page with pictures of what is wrong to this HTML file ('-': stdout); it needs no network");
    command->footer(
        "Example:\n  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:10 --out /tmp/vectors\n"
        "  bittrue diff /tmp/vectors /tmp/vectors --report /tmp/diff.html\n\nExit status: 0 equal, 1 different, 2 "
        "unusable.");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
