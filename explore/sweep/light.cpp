#include "sweep/light.hpp"

namespace bittrue::explore {

Graph without_numbers(const Graph& graph) {
    Graph light{.name = graph.name, .input = graph.input, .nodes = {}, .output = graph.output};
    const auto strip = [](Parameter p) {
        p.real.clear();
        p.raw.clear();
        return p;
    };
    for (const Node& node : graph.nodes) {
        Node copy{.name = node.name, .inputs = node.inputs, .op = {}, .result = node.result, .shape = node.shape};
        if (const auto* dense = std::get_if<Dense>(&node.op)) {
            Dense op{.weights = strip(dense->weights), .bias = {}, .accumulator = dense->accumulator};
            if (dense->bias) op.bias = strip(*dense->bias);
            copy.op = std::move(op);
        } else if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
            Conv2d op = *conv;
            op.weights = strip(std::move(op.weights));
            if (op.bias) op.bias = strip(std::move(*op.bias));
            copy.op = std::move(op);
        } else {
            copy.op = node.op;
        }
        light.nodes.push_back(std::move(copy));
    }
    return light;
}

}  // namespace bittrue::explore
