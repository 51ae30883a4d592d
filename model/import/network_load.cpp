#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "import/network_parser.hpp"
#include "import/network_training.hpp"
#include "validate_ops.hpp"

namespace bittrue {

namespace {

using namespace detail;

constexpr std::int64_t kVersion = 1;
constexpr std::uint64_t kMaxNetworkBytes = std::uint64_t{256} << 20;

InputSpec read_input(TomlSection section, Dialect dialect) {
    InputSpec input;
    input.name = section.text("name").value_or("input");
    if (const std::string reason = reason_bad_name(input.name); !reason.empty()) section.fail("name", reason);
    input.shape = read_shape(section);
    section.at("shape", [&] { check_shape("", input.shape); });
    const std::optional<FixedType> type = section.type("type", dialect);
    if (!type) section.missing("type", "write type = \"ap_ufixed<8,0,AP_RND,AP_SAT>\"");
    input.type = *type;
    if (std::optional<TomlSection> pixel = section.table("pixel")) {
        input.divide = pixel->number("divide").value_or(1);
        if (!std::isfinite(input.divide) || input.divide <= 0) pixel->fail("divide", "must be a positive number");
        input.float32 = pixel->word("precision", {"float32", "float64"}).value_or(0) == 0;
        pixel->finish();
    }
    if (const auto range = section.numbers("range")) {
        if (range->size() != 2) section.fail("range", "must be two numbers: range = [0, 1]");
        input.range = ValueRange{(*range)[0], (*range)[1]};
        section.at("range", [&] { check_range("", input); });
    }
    section.finish();
    return input;
}

class Layers {
public:
    Layers(Graph& graph, const NetworkContext& context) : graph_(graph), context_(context) {
        tensors_[graph.input.name] = {.shape = graph.input.shape, .type = graph.input.type};
    }

    void read(TomlSection section) {
        const std::optional<std::string> name = section.text("name");
        if (!name || name->empty()) section.missing("name", "every layer needs a name");
        if (const std::string reason = reason_bad_name(*name); !reason.empty()) section.fail("name", reason);
        section.rename(fmt::format("layer '{}'", *name));
        if (tensors_.contains(*name)) section.fail("name", "another layer or the input has the same name");
        Node node;
        node.name = *name;
        const std::string op = read_op(section);
        node.inputs = section.texts("inputs").value_or(
            std::vector<std::string>{graph_.nodes.empty() ? graph_.input.name : graph_.nodes.back().name});
        const std::vector<LayerInput> in = inputs(section, node.inputs);
        const Arithmetic own = read_arithmetic(section, context_.dialect, keys_of(op));
        node.result = result_type(section, op, own, in[0].type);
        node.op = read_operation(section, op, context_, own, in);
        section.finish();
        std::vector<TensorInfo> infos;
        for (const LayerInput& i : in) infos.push_back({i.shape, i.type});
        check_type(section.place(), "the result", node.result);
        node.shape = check_operation(section.place(), node.op, infos);
        tensors_[node.name] = {.shape = node.shape, .type = node.result};
        graph_.nodes.push_back(std::move(node));
    }

private:
    static std::string read_op(TomlSection& section) {
        const std::optional<std::string> op = section.text("op");
        if (!op) section.missing("op", fmt::format("one of {}", fmt::join(operation_names(), ", ")));
        const std::vector<std::string>& names = operation_names();
        if (std::find(names.begin(), names.end(), *op) == names.end()) {
            section.fail("op", fmt::format("'{}' is no operation, the nearest is '{}'; there are {}", *op,
                                           nearest(*op, {names.begin(), names.end()}), fmt::join(names, ", ")));
        }
        return *op;
    }

    [[nodiscard]] std::vector<LayerInput> inputs(const TomlSection& section,
                                                 const std::vector<std::string>& names) const {
        if (names.empty()) section.fail("inputs", "is empty; name the layers or the input that this layer reads");
        std::vector<LayerInput> result;
        for (const std::string& name : names) {
            const auto it = tensors_.find(name);
            if (it == tensors_.end()) {
                std::set<std::string> known;
                for (const auto& [tensor, info] : tensors_) known.insert(tensor);
                section.fail(
                    "inputs",
                    fmt::format("'{}' is neither the input nor a layer above this one; the nearest name is '{}'", name,
                                nearest(name, known)));
            }
            result.push_back(it->second);
        }
        return result;
    }

    // Layers that only move or select words keep the type of their input.
    [[nodiscard]] FixedType result_type(const TomlSection& section, const std::string& op, const Arithmetic& own,
                                        const FixedType& in) const {
        static const std::set<std::string> kKeeping{"max_pool", "average_pool", "flatten",  "reshape",
                                                    "concat",   "pad",          "transpose"};
        const bool keeps = kKeeping.contains(op);
        return choose_type(section, "result", own.result,
                           keeps ? std::optional<FixedType>(in) : context_.defaults.result);
    }

    Graph& graph_;
    const NetworkContext& context_;
    std::map<std::string, LayerInput> tensors_{};
};

void check_trained_layers(const Graph& graph, const TomlSection& section) {
    for (const TrainingSettings::Layer& layer : graph.training->layers) {
        const bool found = std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) {
            return n.name == layer.name &&
                   (std::holds_alternative<Dense>(n.op) || std::holds_alternative<Conv2d>(n.op));
        });
        if (!found) section.fail("layer", fmt::format("'{}' is no dense or conv2d layer of this network", layer.name));
    }
}

}  // namespace

Graph parse_network(const std::string& text, const std::string& path) {
    const toml::table document = parse_toml(text, path);
    TomlSection root(document, path, "");
    NetworkContext context;
    context.path = path;
    const std::optional<std::int64_t> version = root.integer("bittrue", 1, 1 << 30);
    if (!version) throw InputError(path, "is not a network file: its first line must be bittrue = 1");
    if (*version != kVersion)
        root.fail("bittrue",
                  fmt::format("version {} of the file format is unknown to this program, which reads version {}",
                              *version, kVersion));
    Graph graph;
    graph.name = root.text("name").value_or(std::filesystem::path(path).stem().string());
    if (const auto dialect = root.text("dialect"))
        context.dialect = root.at("dialect", [&] { return parse_dialect(*dialect); });
    if (const auto output = root.text("output")) graph.output = *output;
    if (auto defaults = root.table("defaults")) {
        context.defaults = read_arithmetic(*defaults, context.dialect, ArithmeticKeys::All);
        defaults->finish();
    }
    std::optional<TomlSection> input = root.table("input");
    if (!input) throw InputError(path, "lacks the section [input] with shape and type");
    const toml::node* layers = root.node("layer");
    const std::optional<std::vector<std::string>> weights = root.texts("weights");
    std::optional<TomlSection> training = root.table("training");
    root.finish();
    if (training) graph.training = read_training(*training, context.dialect);
    graph.input = read_input(std::move(*input), context.dialect);
    if (layers == nullptr || !layers->is_array_of_tables())
        throw InputError(path, "lacks its layers; each is a section [[layer]]");
    for (const std::string& file : weights.value_or(std::vector<std::string>{})) {
        root.at("weights", [&] { context.arrays.add_file(context.resolve(file)); });
    }
    Layers reader(graph, context);
    for (const toml::node& layer : *layers->as_array()) reader.read(TomlSection(*layer.as_table(), path, "layer"));
    if (!graph.output.empty() &&
        std::none_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.name == graph.output; })) {
        root.fail("output", fmt::format("'{}' is not a layer", graph.output));
    }
    if (graph.training) check_trained_layers(graph, *training);
    try {
        validate(graph);
    } catch (const InputError& e) {
        throw InputError(path, e.what());
    }
    return graph;
}

Graph load_network(const std::string& path) {
    return parse_network(read_file(path, kMaxNetworkBytes), path);
}

}  // namespace bittrue
