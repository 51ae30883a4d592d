// bittrue show: the network as it will run: formats, accumulators, work and memory.
#include <fmt/format.h>

#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "inputs.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, json;
};

// The fields of an operation that decide its arithmetic, in words.
struct Arithmetic {
    std::string weight, accumulator, product, order, bias;
};

std::string order_of(const AccumulatorSpec& s) {
    const char* when = s.quantize == QuantizeAt::Step ? "step" : s.quantize == QuantizeAt::Fold ? "fold" : "end";
    return fmt::format("{}, {}{}", print_schedule(s), when, s.terms == TermOrder::Kernel ? ", kernel order" : "");
}

Arithmetic describe(const Parameter& weights, const std::optional<Parameter>& bias, const AccumulatorSpec& a) {
    const std::string quantizer = weights.quantizer == WeightQuantizer::Sign      ? "sign "
                                  : weights.quantizer == WeightQuantizer::Bipolar ? "bipolar "
                                                                                  : "";
    return {
        .weight = quantizer + print_type(weights.type),
        .accumulator = print_type(a.type),
        .product = !a.product             ? "exact"
                   : *a.product == a.type ? "accumulator"
                                          : print_type(*a.product),
        .order = order_of(a),
        .bias = !bias ? "-"
                      : fmt::format("{} {}", a.bias == BiasPosition::First ? "first" : "last", print_type(bias->type))};
}

struct Describe {
    Arithmetic operator()(const Dense& op) const { return describe(op.weights, op.bias, op.accumulator); }
    Arithmetic operator()(const Conv2d& op) const { return describe(op.weights, op.bias, op.accumulator); }
    Arithmetic operator()(const MaxPool& op) const { return op.accumulator ? accumulator(*op.accumulator) : none(); }
    Arithmetic operator()(const AveragePool& op) const { return accumulator(op.accumulator); }
    Arithmetic operator()(const Softmax& op) const {
        return op.kind == SoftmaxKind::Argmax ? none() : accumulator(op.accumulator);
    }
    Arithmetic operator()(const auto&) const { return none(); }
    static Arithmetic none() { return {"-", "-", "-", "-", "-"}; }
    static Arithmetic accumulator(const FixedType& t) { return {"-", print_type(t), "-", "-", "-"}; }
};

std::string layout_of(const Shape& s) {
    return s.layout == Layout::Vector ? "" : s.layout == Layout::Hwc ? " hwc" : " chw";
}

std::string bytes_of(std::int64_t bits) {
    return fmt::format("{:.1f} KiB", static_cast<double>(bits) / 8192.0);
}

void run(const Options& o) {
    const Graph graph = load_network(o.network);
    Table table({{"layer", Align::Left},
                 {"op", Align::Left},
                 {"output", Align::Left},
                 {"result", Align::Left},
                 {"weights", Align::Left},
                 {"accumulator", Align::Left},
                 {"product", Align::Left},
                 {"order", Align::Left},
                 {"bias", Align::Left},
                 {"MACs"},
                 {"parameters"},
                 {"weight bits"},
                 {"result bits"}});
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    const Shape& in = graph.input.shape;
    table.row({graph.input.name, "input", print_dims(in.dims) + layout_of(in), print_type(graph.input.type), "-", "-",
               "-", "-", "-", "-", "-", "-", std::to_string(in.count() * graph.input.type.format.width)});
    Cost total;
    for (const Node& node : graph.nodes) {
        const Cost cost = cost_of(node);
        const Arithmetic a = std::visit(Describe{}, node.op);
        total.macs += cost.macs;
        total.parameters += cost.parameters;
        total.weight_bits += cost.weight_bits;
        total.result_bits += cost.result_bits;
        table.row({node.name, op_name(node.op), print_dims(node.shape.dims) + layout_of(node.shape),
                   print_type(node.result), a.weight, a.accumulator, a.product, a.order, a.bias,
                   std::to_string(cost.macs), std::to_string(cost.parameters), std::to_string(cost.weight_bits),
                   std::to_string(cost.result_bits)});
        layers.push_back({{"name", node.name},
                          {"op", op_name(node.op)},
                          {"inputs", node.inputs},
                          {"dims", node.shape.dims},
                          {"result", print_type(node.result)},
                          {"weight", a.weight},
                          {"accumulator", a.accumulator},
                          {"product", a.product},
                          {"order", a.order},
                          {"bias", a.bias},
                          {"macs", cost.macs},
                          {"parameters", cost.parameters},
                          {"weight_bits", cost.weight_bits},
                          {"result_bits", cost.result_bits}});
    }
    const std::string title = graph.name.empty() ? "unnamed network" : graph.name;
    nlohmann::ordered_json input{{"name", graph.input.name}, {"dims", in.dims}, {"type", print_type(graph.input.type)}};
    if (graph.input.range) input["range"] = {graph.input.range->low, graph.input.range->high};
    if (o.json != "-") {
        print(fmt::format(
            "{}: {}, output '{}'{}\n\n{}\n{} MACs an image, {} parameters in {}, results of one image {}\n", title,
            counted(graph.nodes.size(), "layer"), graph.output, declared_text(graph.input), table.text(), total.macs,
            total.parameters, bytes_of(total.weight_bits), bytes_of(total.result_bits)));
    }
    if (!o.json.empty()) {
        write_json(o.json, {{"network", graph.name},
                            {"input", std::move(input)},
                            {"output", graph.output},
                            {"layers", std::move(layers)},
                            {"macs", total.macs},
                            {"parameters", total.parameters},
                            {"weight_bits", total.weight_bits},
                            {"result_bits", total.result_bits}});
    }
}

}  // namespace

void add_show(CLI::App& app, int&) {
    auto* command =
        app.add_subcommand("show", "Layers, formats, accumulators, MACs, parameters and memory of a network");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    command->add_option("--json", o->json, "write the table as JSON to this file ('-': stdout)");
    command->footer("Example:\n  bittrue show examples/mnist-cnn/mnist_cnn_8bit.toml");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
