// A trained model with types for all that it computes.
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_save.hpp"
#include "bittrue/model/tables.hpp"
#include "import/softmax_types.hpp"

namespace bittrue {

namespace {

// Gives the parameters of one layer their types and makes its tables.
struct Finish {
    const FloatLayer& layer;
    const GraphTypes& types;
    const FixedType& input;

    void operator()(Dense& op) const { linear(op); }
    void operator()(Conv2d& op) const { linear(op); }
    void operator()(AveragePool& op) const { op.accumulator = types.accumulator; }
    void operator()(LeakyRelu& op) const { set_weight(op.alpha); }
    void operator()(Affine& op) const {
        set_weight(op.scale);
        set_bias(op.bias);
    }
    void operator()(Threshold& op) const { set_weight(op.thresholds); }
    void operator()(Lookup& op) const {
        constexpr int kEntries = 1024;
        const FixedType type = detail::usual_table_type(types.result.dialect);
        if (op.table.origin == "sigmoid") op.table = sigmoid_table(kEntries, type, op.span);
        if (op.table.origin == "tanh") {
            op.span = 8;
            op.table = tanh_table(kEntries, type, op.span);
        }
    }
    void operator()(Softmax& op) const {
        const FixedType table = detail::usual_table_type(types.result.dialect);
        const detail::SoftmaxTypes s = detail::softmax_types(input, table, layer.shape.count());
        op.kind = SoftmaxKind::Stable;
        op.difference = s.difference;
        op.accumulator = s.accumulator;
        op.inv_input = s.inv_input;
        op.exp_table = stable_exp_table(s.exp_size, table, s.difference.format);
        op.inv_table = inverse_table(s.inv_size, table, s.inv_input.format);
    }
    // No types of their own, or (of a requantisation) those that the model brought.
    void operator()(auto& /*op*/) const {}

private:
    // Raw words belong to their type.
    void set_weight(Parameter& p) const {
        if (!p.is_raw()) p.type = layer.weight_type.value_or(types.weight);
    }
    void set_bias(std::optional<Parameter>& p) const {
        if (p && !p->is_raw()) p->type = layer.bias_type.value_or(types.bias);
    }
    template <class Op>
    void linear(Op& op) const {
        set_weight(op.weights);
        set_bias(op.bias);
        op.accumulator = {.type = types.accumulator};
    }
};

bool keeps_type(const Operation& op) {
    return std::holds_alternative<MaxPool>(op) || std::holds_alternative<AveragePool>(op) ||
           std::holds_alternative<Flatten>(op) || std::holds_alternative<Reshape>(op) ||
           std::holds_alternative<Concat>(op) || std::holds_alternative<Transpose>(op) ||
           std::holds_alternative<Pad>(op);
}

FixedType result_of(const FloatLayer& layer, const GraphTypes& types, const FixedType& input) {
    if (layer.result_type) return *layer.result_type;
    if (layer.quantizer) {
        throw InputError(fmt::format("layer '{}'", layer.name),
                         "its quantiser is no fixed-point type (its scale is no power of two, its zero point is not "
                         "zero, or it differs from channel to channel); `bittrue init --exact` makes thresholds of it");
    }
    return keeps_type(layer.op) ? input : types.result;
}

}  // namespace

Graph make_graph(const FloatModel& model, const GraphTypes& types) {
    if (model.layers.empty())
        throw InputError(model.file, "holds arrays but no layers; give the model's JSON configuration");
    Graph graph{.name = model.name};
    graph.input = {.name = model.input_name,
                   .shape = model.input_shape,
                   .type = types.input,
                   .divide = types.divide,
                   .float32 = types.float32};
    for (const FloatLayer& layer : model.layers) {
        const FixedType input = type_of(graph, layer.inputs.front());
        Node node{.name = layer.name,
                  .inputs = layer.inputs,
                  .op = layer.op,
                  .result = result_of(layer, types, input),
                  .shape = {}};
        std::visit(Finish{layer, types, input}, node.op);
        graph.nodes.push_back(std::move(node));
    }
    graph.output = model.output;
    validate(graph);
    return graph;
}

}  // namespace bittrue
