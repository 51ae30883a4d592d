// bittrue coverage: which corners of the arithmetic some images exercise, and which they miss.
#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/vectors/coverage.hpp"
#include "command.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "job.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    JobOptions job;
    std::string json;
    bool all = false;
};

void run(const Options& o) {
    check_paths({{"--json", o.json}}, input_paths(o.job));
    const Job job = prepare(o.job);
    const CoverageReport report = measure_coverage(job.graph, job.in.batch, emulator_factory(), &interrupt_flag());
    if (o.json == "-") return print(coverage_json(report));
    if (!o.json.empty()) write_file(o.json, coverage_json(report));
    print(print_coverage(report, o.all));
}

}  // namespace

void add_coverage(CLI::App& app, int&) {
    auto* command = app.add_subcommand(
        "coverage", "Report which roundings, ties, overflows, table bins and extreme sums some images exercise");
    const auto o = std::make_shared<Options>();
    add_job_options(*command, o->job);
    command->add_flag("--all", o->all, "list what is covered, too, not only what is missing");
    command->add_option("--json", o->json, "write the report as JSON to this file ('-': stdout)");
    command->footer("Example:\n  bittrue coverage examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:50 --corners");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
