// bittrue vectors: golden vectors of every layer, for a testbench to replay.
#include <fmt/format.h>

#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "command.hpp"
#include "console.hpp"
#include "execute.hpp"
#include "inputs.hpp"
#include "interrupt.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, out;
    std::string format = "npy,hex";
    std::string engine = "emulator";
    InputOptions input;
};

void run(const Options& o, int& status) {
    const VectorFormats formats = parse_vector_formats(o.format);
    const Graph graph = load_network(o.network);
    const LoadedInput in = load(o.input, graph.input);
    check_vector_directory(o.out);
    const Execution e = execute(graph, in.batch, parse_engine(o.engine), true, 0);
    if (!e.disagreement.empty()) {
        print(fmt::format("the engines disagree (expected: golden, got: emulator); nothing was written\n{}",
                          e.disagreement));
        status = kDifferent;
        return;
    }
    VectorSet set = from_run(graph, e.result);
    set.network_sha256 = network_hash(o.network, e.parameters);
    set.input = in.description;
    set.labels = in.labels;
    set.parameters = e.parameters;
    write_vector_set(o.out, set, formats, &interrupt_flag());
    std::size_t words = 0;
    for (const VectorLayer& layer : set.layers) words += layer.words.size();
    print(fmt::format("wrote {}: {} images, {} layers, {} words, {} parameter arrays ({})\n", o.out, set.images(),
                      set.layers.size(), words, set.parameters.size(), o.format));
}

}  // namespace

void add_vectors(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("vectors", "Write golden vectors of every layer, with a manifest");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    add_input_options(*command, o->input);
    command->add_option("--out", o->out, "directory to write; an older vector set there is replaced")->required();
    command->add_option("--format", o->format, "npy, hex ($readmemh) or npy,hex")->capture_default_str();
    add_engine_option(*command, o->engine);
    command->footer(
        "Example:\n  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:10 --first 10 --out "
        "/tmp/vectors");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
