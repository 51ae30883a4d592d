// bittrue diff: two vector sets word by word: which layer is the first that is wrong.
#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "bittrue/verify/report.hpp"
#include "command.hpp"
#include "console.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string expected, actual, json;
    bool common = false;
};

void run(const Options& o, int& status) {
    const VectorSet expected = read_vector_set(o.expected);
    // A simulation may have put its dump in the place of the golden words.
    const VectorSet actual = read_vector_set(o.actual, {.allow_edited = true});
    const DiffReport report = diff(expected, actual, {.common = o.common});
    if (o.json != "-") print(print_report(report, stdout_is_terminal()));
    if (o.json == "-") {
        print(report_json(report));
    } else if (!o.json.empty()) {
        write_file(o.json, report_json(report));
    }
    status = report.equal() ? kEqual : kDifferent;
}

}  // namespace

void add_diff(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("diff", "Compare a dump with golden vectors, layer by layer and word by word");
    const auto o = std::make_shared<Options>();
    command
        ->add_option("EXPECTED", o->expected,
                     "vector directory, .npz of integer arrays named as layers, .npy, or $readmemh .hex/.mem")
        ->required();
    command->add_option("ACTUAL", o->actual, "the same kinds: the dump")->required();
    command->add_flag("--common", o->common,
                      "compare only what both sides have: a layer or image missing on one side is no difference");
    command->add_option("--json", o->json, "write the report as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:10 --out /tmp/vectors\n"
        "  bittrue diff /tmp/vectors /tmp/vectors\n\nExit status: 0 equal, 1 different, 2 unusable.");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
