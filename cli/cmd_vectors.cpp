// bittrue vectors: golden vectors of every layer, and a testbench that replays them.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/sv_package.hpp"
#include "bittrue/vectors/testbench.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "command.hpp"
#include "console.hpp"
#include "execute.hpp"
#include "interrupt.hpp"
#include "job.hpp"
#include "vector_options.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    JobOptions job;
    std::string out;
    std::string format = "npy,hex";
    std::vector<std::string> packs;
    std::string testbench, style, ports;
    std::string package;
    std::string engine = "emulator";
};

// Puts the testbench's files and the memories it reads into the set.
void add_testbench(const Options& o, const VectorSet& set, VectorOptions& options) {
    TestbenchOptions t;
    t.language = parse_testbench_language(o.testbench);
    t.style = parse_port_style(o.style.empty() ? "stream" : o.style);
    for (const auto& [name, packing] : options.packings) {
        if (set.find(name) != nullptr) t.ports[name].packing = print_packing(packing);
    }
    if (!o.ports.empty()) t = load_testbench_ports(o.ports, t);
    Testbench bench = make_testbench(set, t);
    for (SetFile& file : bench.files) options.extra.push_back(std::move(file));
    for (auto& [name, packing] : bench.packings) options.packings[name] = packing;
    if (std::find(options.kinds.begin(), options.kinds.end(), FileKind::Mem) == options.kinds.end())
        options.kinds.push_back(FileKind::Mem);
}

void run(const Options& o, int& status) {
    auto inputs = input_paths(o.job);
    inputs.push_back({"--ports", o.ports});
    check_paths({{"--out", o.out, OutputKind::WholeFolder}}, inputs);
    VectorOptions options = read_vector_options(o.format, o.packs);
    if (o.testbench.empty() && !(o.style.empty() && o.ports.empty()))
        throw InputError(o.ports.empty() ? "--style" : "--ports", "it needs --testbench");
    const Job job = prepare(o.job);
    if (!o.package.empty()) options.extra.push_back(make_sv_package(job.graph, o.package));
    check_vector_directory(o.out);
    const Execution e = execute(job.graph, job.in.batch, parse_engine(o.engine), true, 0);
    if (!e.disagreement.empty()) {
        print(fmt::format("the engines disagree (expected: golden, got: emulator); nothing was written\n{}",
                          e.disagreement));
        status = kDifferent;
        return;
    }
    VectorSet set = from_run(job.graph, e.result);
    set.network_sha256 = network_hash(o.job.network, e.parameters);
    set.network_file = network_path(o.job.network, o.out);
    set.input = job.in.description;
    set.labels = job.in.labels;
    set.parameters = e.parameters;
    check_packing_names(options, set,
                        "layers are named as in 'bittrue show', their parameter arrays as conv2d.weights");
    if (!o.testbench.empty()) add_testbench(o, set, options);
    write_vector_set(o.out, set, options, &interrupt_flag());
    std::size_t words = 0;
    for (const VectorLayer& layer : set.layers) words += layer.words.size();
    print(fmt::format("wrote {}: {}, {}, {}, {} ({})\n", o.out,
                      counted(static_cast<std::size_t>(set.images()), "image"), counted(set.layers.size(), "layer"),
                      counted(words, "word"), counted(set.parameters.size(), "parameter array"), o.format));
    if (!o.package.empty()) print(fmt::format("shapes and formats for RTL: {}/{}.sv\n", o.out, o.package));
    if (!o.testbench.empty()) print(fmt::format("testbench: {0}/tb; how to run it: {0}/tb/README.md\n", o.out));
}

}  // namespace

void add_vectors(CLI::App& app, int& status) {
    auto* command =
        app.add_subcommand("vectors", "Write golden vectors of every layer, with a manifest, and testbenches");
    const auto o = std::make_shared<Options>();
    add_job_options(*command, o->job);
    command->add_option("--out", o->out, "directory to write; an older vector set there is replaced")->required();
    add_vector_options(*command, o->format, o->packs, "'LAYER:' or 'LAYER.ROLE:'");
    command->add_option("--testbench", o->testbench, "also a self-checking testbench in OUT/tb")
        ->check(CLI::IsMember({"sv", "verilog", "vhdl", "verilator", "hls"}));
    command->add_option("--style", o->style, "ports of the design: stream (ready/valid) or memory")
        ->check(CLI::IsMember({"stream", "memory"}));
    command->add_option("--ports", o->ports, "TOML file with the design's module and port names");
    command
        ->add_option("--sv-package", o->package,
                     "also OUT/NAME.sv: a SystemVerilog package of every layer's shapes and formats, for the "
                     "parameters of RTL (docs/sv_package.md)")
        ->type_name("NAME");
    add_engine_option(*command, o->engine);
    command->footer(
        "Example:\n  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:10 --first 10 --out "
        "/tmp/vectors\n"
        "  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --layer dense --corners --out /tmp/dense --format "
        "npy,mem --testbench sv\n"
        "  bittrue vectors examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:3 --out /tmp/rtl --format mem "
        "--sv-package cnn");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
