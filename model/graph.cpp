#include "bittrue/model/graph.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue {
namespace {

// The smallest raw whose value is not below `value`. Beyond every word it is 2^100.
i128 raw_from(double value, int frac) {
    constexpr int kBeyond = 100;
    const double scaled = std::ldexp(value, frac);
    if (scaled == 0 && value > 0) return 1;  // below the smallest double
    if (std::abs(scaled) < std::ldexp(1.0, kBeyond)) return static_cast<i128>(std::ceil(scaled));
    return scaled < 0 ? -(i128{1} << kBeyond) : i128{1} << kBeyond;
}

}  // namespace

InputRaws input_raws(const InputSpec& input) {
    InputRaws raws{range_min(input.type), range_max(input.type)};
    if (!input.range) return raws;
    const int frac = input.type.format.frac();
    raws.low = std::max(raws.low, raw_from(input.range->low, frac));
    raws.high = std::min(raws.high, -raw_from(-input.range->high, frac));
    return raws;
}

int node_index(const Graph& graph, const std::string& tensor) {
    if (tensor == graph.input.name) return -1;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (graph.nodes[i].name == tensor) return static_cast<int>(i);
    }
    throw InputError(fmt::format("the network has no layer named '{}'", tensor));
}

const Shape& shape_of(const Graph& graph, const std::string& tensor) {
    const int i = node_index(graph, tensor);
    return i < 0 ? graph.input.shape : graph.nodes[static_cast<std::size_t>(i)].shape;
}

const FixedType& type_of(const Graph& graph, const std::string& tensor) {
    const int i = node_index(graph, tensor);
    return i < 0 ? graph.input.type : graph.nodes[static_cast<std::size_t>(i)].result;
}

namespace {

// Bits a memory needs for one word: a bipolar weight is one bit although its word is two's complement.
std::int64_t stored_bits(const Parameter& p) {
    const std::int64_t bits = p.quantizer == WeightQuantizer::Bipolar ? 1 : p.type.format.width;
    return element_count(p.dims) * bits;
}

void add_parameter(Cost& cost, const Parameter& p) {
    cost.parameters += element_count(p.dims);
    cost.weight_bits += stored_bits(p);
}

struct CostOf {
    const Node& node;
    Cost& cost;

    void operator()(const Dense& op) const {
        cost.macs = element_count(op.weights.dims);
        add_parameter(cost, op.weights);
        if (op.bias) add_parameter(cost, *op.bias);
    }
    void operator()(const Conv2d& op) const {
        const Dims& w = op.weights.dims;
        cost.macs = w[0] * w[1] * w[2] * node.shape.count();
        add_parameter(cost, op.weights);
        if (op.bias) add_parameter(cost, *op.bias);
    }
    void operator()(const LeakyRelu& op) const { add_parameter(cost, op.alpha); }
    void operator()(const Affine& op) const {
        add_parameter(cost, op.scale);
        if (op.bias) add_parameter(cost, *op.bias);
    }
    void operator()(const Threshold& op) const { add_parameter(cost, op.thresholds); }
    void operator()(const Requantize& op) const { add_parameter(cost, op.multiplier); }
    void operator()(const Lookup& op) const { cost.weight_bits = stored_bits(op.table.entries); }
    void operator()(const Softmax& op) const {
        if (op.kind == SoftmaxKind::Argmax) return;
        cost.weight_bits = stored_bits(op.exp_table.entries) + stored_bits(op.inv_table.entries);
    }
    void operator()(const auto&) const {}
};

}  // namespace

Cost cost_of(const Node& node) {
    Cost cost;
    std::visit(CostOf{node, cost}, node.op);
    cost.result_bits = node.shape.count() * node.result.format.width;
    return cost;
}

}  // namespace bittrue
