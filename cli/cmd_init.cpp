// bittrue init: from a trained model to a complete network file to edit.
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/explore/integer_network.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/network_save.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/digits.hpp"
#include "command.hpp"
#include "console.hpp"
#include "paths.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string model, config, output, precision = "float32";
    bool force = false, exact = false;
    InitOptions init;
};

void need_toml(const Options& o) {
    if (!o.output.ends_with(".toml")) {
        throw InputError("--output",
                         fmt::format("'{}' must be a file that ends with .toml: the numbers of this model go "
                                     "into the .npz beside it",
                                     o.output));
    }
}

// Of a model whose arrays a network file cannot refer to: its numbers go into an .npz of their own.
void save_copy(const FloatModel& model, const Options& o) {
    need_toml(o);
    const InitOptions& i = o.init;
    const auto type = [&](const std::string& own) { return parse_type(own.empty() ? i.type : own); };
    const GraphTypes types{.input = type(i.input),
                           .weight = type(i.weight),
                           .bias = type(i.bias),
                           .accumulator = type(i.accumulator),
                           .result = type(i.result),
                           .divide = i.divide,
                           .float32 = i.float32};
    Graph graph = make_graph(model, types);
    for (Node& node : graph.nodes) {
        const auto set_product = [&](AccumulatorSpec& spec) {
            if (i.product == "exact") return;
            spec.product = i.product == "accumulator" ? spec.type : parse_type(i.product);
        };
        if (auto* dense = std::get_if<Dense>(&node.op)) set_product(dense->accumulator);
        if (auto* conv = std::get_if<Conv2d>(&node.op)) set_product(conv->accumulator);
    }
    validate(graph);
    save_network(graph, o.output);
}

// The integers that a model with quantisers computes with.
void save_integers(const FloatModel& model, const Options& o) {
    need_toml(o);
    const InitOptions& i = o.init;
    const explore::IntegerNetwork network = explore::integer_network(
        model, {.input = parse_type(i.input.empty() ? i.type : i.input), .divide = i.divide, .float32 = i.float32});
    std::vector<NetworkComment> comments{
        {"", fmt::format("Made by bittrue init --exact of {}: all that the model computes, in integers.",
                         std::filesystem::path(o.model).filename().string())}};
    comments.insert(comments.end(), network.comments.begin(), network.comments.end());
    save_network(network.graph, o.output, comments);
    print(fmt::format("wrote {}: {} in integers from {}\n", o.output, counted(network.graph.nodes.size(), "layer"),
                      o.model));
    for (const std::string& note : model.notes) print(fmt::format("note: {}\n", note));
    for (const std::string& note : network.notes) print(fmt::format("note: {}\n", note));
    if (network.scale[0] != 1 || network.offset[0] != 0)
        print(fmt::format("the model's output is {} * value + {}\n", network.scale[0], network.offset[0]));
}

void run(Options& o) {
    check_paths({{"--output", o.output}, numbers_of(o.output)}, {{"MODEL", o.model}, {"--config", o.config}});
    const FloatModel model = import_model(o.model, o.config);
    o.init.float32 = o.precision == "float32";
    o.init.weights_file = weights_path_for(model.file, o.output == "-" ? "stdout.toml" : o.output);
    if (o.exact) {
        if (std::filesystem::exists(o.output) && !o.force)
            throw InputError(o.output, "it exists already; use --force to replace it or choose another name");
        return save_integers(model, o);
    }
    const std::string text = !model.has_sources ? "" : print_network(model, o.init);
    if (o.output == "-" && model.has_sources) return print(text);
    if (std::filesystem::exists(o.output) && !o.force) {
        throw InputError(o.output, "it exists already; use --force to replace it or choose another name");
    }
    model.has_sources ? write_file(o.output, text) : save_copy(model, o);
    print(fmt::format("wrote {}: {} from {}\n", o.output, counted(model.layers.size(), "layer"), o.model));
    for (const std::string& note : model.notes) print(fmt::format("note: {}\n", note));
    const bool digits = model.input_shape.count() == static_cast<std::int64_t>(Digits::kRows * Digits::kColumns);
    print(fmt::format("edit the types, then: bittrue run {} --input {}\n", o.output,
                      digits ? "digits:100" : "IMAGES.npy"));
}

}  // namespace

void add_init(CLI::App& app, int&) {
    auto* command = app.add_subcommand("init", "Write a complete network file for a trained model, ready to edit");
    const auto o = std::make_shared<Options>();
    command->add_option("MODEL", o->model, "trained model: Keras .keras or .h5 (whole, or weights only), ONNX")
        ->required();
    command->add_option("-o,--output", o->output, "network file to write ('-': stdout)")->required();
    command->add_option("--config", o->config,
                        "JSON configuration of a weights-only file (default: the .json beside it)");
    command->add_option("--type", o->init.type, "type of everything that no other option names")->capture_default_str();
    command->add_option("--weight", o->init.weight, "type of the weights");
    command->add_option("--bias", o->init.bias, "type of the biases");
    command->add_option("--accumulator", o->init.accumulator, "type of the accumulators");
    command->add_option("--result", o->init.result, "type of the layers' results");
    command->add_option("--input-type", o->init.input, "type of the input");
    command->add_option("--product", o->init.product, "exact, accumulator (as hls4ml does) or a type")
        ->capture_default_str();
    command->add_option("--divide", o->init.divide, "stored pixels are divided by this number")
        ->check(number_between(kLeastDivisor, kMostDivisor))
        ->capture_default_str();
    command->add_option("--precision", o->precision, "of that division: float32 or float64")
        ->check(CLI::IsMember({"float32", "float64"}))
        ->capture_default_str();
    command
        ->add_flag("--exact", o->exact,
                   "of a model that was trained with quantisers: the network of integers that it is, with thresholds "
                   "where scales are no powers of two")
        ->excludes("--weight", "--bias", "--accumulator", "--result", "--product");
    command->add_flag("--force", o->force, "replace an existing network file");
    command->footer(
        "Example:\n  bittrue init examples/mnist-cnn/seed_cnn_mnist.h5 -o net.toml --type \"ap_fixed<16,6>\" --force\n"
        "  bittrue init MODEL.onnx --exact --input-type \"ap_ufixed<8,8>\" -o exact.toml   (words are the stored "
        "pixels)");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
