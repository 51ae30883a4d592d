// Trained weights in a graph: in that of the file, and in one whose types are those of the bits.
#include <cmath>

#include "bittrue/explore/train_network.hpp"
#include "training/types.hpp"

namespace bittrue::explore {

namespace {

FixedType unsigned_type(int width, int integer, Rounding rounding = Rounding::Trn, Overflow overflow = Overflow::Wrap) {
    return {
        .format = {.width = width, .integer = integer, .is_signed = false}, .rounding = rounding, .overflow = overflow};
}

Parameter& weights_of(Node& node) {
    if (auto* conv = std::get_if<Conv2d>(&node.op)) return conv->weights;
    return std::get<Dense>(node.op).weights;
}

void put(Parameter& parameter, const std::vector<double>& values) {
    parameter.raw.clear();
    parameter.real = values;
}

AccumulatorSpec accumulator_of(const TrainingNetwork& n, std::size_t l) {
    const TrainingLayer& layer = n.layers[l];
    const int width = layer.forward.width > 0 ? layer.forward.width : sum_width(n.bits, layer.fan_in());
    const int frac = n.sum_frac(l);
    AccumulatorSpec spec;
    spec.type = {.format = {.width = width, .integer = width - frac, .is_signed = true}};
    spec.type.overflow = layer.forward.width > 0 && layer.forward.saturate ? Overflow::Sat : Overflow::Wrap;
    spec.terms = TermOrder::Kernel;
    return spec;
}

FixedType weight_type(const TrainingBits& bits, int scale) {
    const int frac = weight_frac(bits, scale);
    if (bits.weights == 1) return {.format = {.width = 2, .integer = 2 - frac, .is_signed = true}};
    return {.format = {.width = bits.weights, .integer = bits.weights - frac, .is_signed = true},
            .rounding = Rounding::RndConv,
            .overflow = Overflow::SatSym};
}

// H3 and H4 for A >= 2, to which the input's 1 bit is an exception.
FixedType activation_type(const TrainingBits& bits) {
    if (bits.activations == 1) return unsigned_type(1, 1);
    return unsigned_type(bits.activations - 1, 0, Rounding::RndConv, Overflow::Sat);
}

Threshold above_zero(const FixedType& sums) {
    Threshold t;
    t.thresholds = {.dims = {1, 1}, .real = {0.0}, .raw = {}, .type = sums};
    t.strict = true;
    return t;
}

}  // namespace

std::vector<std::vector<double>> weight_values(const TrainingNetwork& n, const TrainingState& state) {
    std::vector<std::vector<double>> all;
    for (std::size_t l = 0; l < n.layers.size(); ++l) {
        const int frac = n.bits.gradients - 1 + (n.bits.weights > 1 ? n.layers[l].scale : 0);
        std::vector<double> values;
        values.reserve(state.weights[l].size());
        // Words beyond float32's 24 bits (H14, unbounded) are far outside of what H2 keeps.
        for (const std::int32_t w : state.weights[l]) values.push_back(static_cast<float>(std::ldexp(w, -frac)));
        all.push_back(std::move(values));
    }
    return all;
}

Graph with_weights(const Graph& graph, const TrainableNetwork& trainable,
                   const std::vector<std::vector<double>>& weights) {
    Graph g = graph;
    for (std::size_t l = 0; l < trainable.nodes.size(); ++l) put(weights_of(g.nodes[trainable.nodes[l]]), weights[l]);
    return g;
}

Graph trained_graph(const Graph& graph, const TrainableNetwork& trainable, const TrainingSettings& settings,
                    const std::vector<std::vector<double>>& weights) {
    const TrainingNetwork& n = trainable.network;
    Graph g = with_weights(graph, trainable, weights);
    g.training = settings;
    g.input.range.reset();
    g.input.divide = n.bits.activations == 1 ? 1 : 256;  // H3: with 1 bit every pixel above 0 is 1
    g.input.float32 = false;
    g.input.type = activation_type(n.bits);
    g.input.type.overflow = Overflow::Sat;
    FixedType before = g.input.type;
    std::size_t l = 0;
    for (std::size_t i = 0; i < g.nodes.size(); ++i) {
        Node& node = g.nodes[i];
        if (l < trainable.nodes.size() && trainable.nodes[l] == i) {
            const AccumulatorSpec spec = accumulator_of(n, l);
            Parameter& p = weights_of(node);
            p.type = weight_type(n.bits, n.layers[l].scale);
            p.quantizer = n.bits.weights == 1 ? WeightQuantizer::Sign : WeightQuantizer::Cast;
            if (auto* conv = std::get_if<Conv2d>(&node.op))
                conv->accumulator = spec;
            else
                std::get<Dense>(node.op).accumulator = spec;
            node.result = {.format = spec.type.format};
            ++l;
        } else if (std::holds_alternative<Relu>(node.op) || std::holds_alternative<Threshold>(node.op)) {
            node.op = n.bits.activations == 1 ? Operation(above_zero(before)) : Operation(Relu{});
            node.result = activation_type(n.bits);
        } else if (std::holds_alternative<ClippedRelu>(node.op)) {
            const int frac = n.sum_frac(n.layers.size() - 1);
            node.result = unsigned_type(frac + 1, 1);
        } else {
            node.result = before;
        }
        before = node.result;
    }
    validate(g);
    return g;
}

}  // namespace bittrue::explore
