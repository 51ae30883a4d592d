// bittrue sweep-merge: the shards of a sweep become one results file, the same as without shards.
#include "bittrue/model/error.hpp"
#include "command.hpp"
#include "sweep_report.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::vector<std::string> shards;
    std::string output;
    SweepOutputs reports;
};

void run(const Options& o) {
    std::vector<InputPath> shards;
    for (const std::string& shard : o.shards) shards.push_back({"FILES (" + shard + ")", shard});
    check_paths(output_paths(o.output, o.reports), shards);
    SweepReport report(o.reports);
    const explore::SweepResults results = explore::merge_shards(o.shards);
    if (!o.output.empty()) write_file(o.output, explore::results_text(results));
    report.write(results);
}

}  // namespace

void add_sweep_merge(CLI::App& app, int&) {
    auto* command = app.add_subcommand("sweep-merge", "Join the results files of all shards of a sweep");
    const auto o = std::make_shared<Options>();
    command->add_option("FILES", o->shards, "results file of every shard (or of one whole sweep)")->required();
    command->add_option("-o,--output", o->output,
                        "write the joined results here: as a sweep without shards writes them");
    add_sweep_outputs(*command, o->reports);
    command->footer(R"(Example:
  for i in 1 2; do
    bittrue sweep examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:200 --accumulator-width 8:16 --shard $i/2 -o /tmp/part$i.jsonl
  done
  bittrue sweep-merge /tmp/part1.jsonl /tmp/part2.jsonl -o /tmp/merged.jsonl --html /tmp/merged.html)");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
