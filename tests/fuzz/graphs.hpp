// Properties of every network that was read, from whatever file.
#pragma once

#include <variant>

#include "bittrue/model/graph.hpp"
#include "bittrue/model/notation.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

inline void check_type(const FixedType& type) {
    require(is_storable(type.format) && reason_invalid(type).empty(), "a type of the network is valid");
    must_take("a type of the network can be printed and read",
              [&] { require(parse_type(print_type(type)) == type, "print_type and parse_type agree"); });
}

inline void check_parameter(const Parameter& parameter) {
    check_type(parameter.type);
    require(parameter.real.empty() || parameter.raw.empty(), "a parameter is real or raw");
    require(static_cast<std::int64_t>(parameter.real.size() + parameter.raw.size()) == element_count(parameter.dims),
            "a parameter has as many numbers as its shape");
    for (const std::int64_t word : parameter.raw) {
        require(word == word_from_pattern(pattern_from_word(word, parameter.type.format), parameter.type.format),
                "a raw word fits its type");
    }
}

struct CheckOperation {
    void operator()(const Dense& op) const { linear(op); }
    void operator()(const Conv2d& op) const { linear(op); }
    void operator()(const AveragePool& op) const { check_type(op.accumulator); }
    void operator()(const LeakyRelu& op) const { check_parameter(op.alpha); }
    void operator()(const Lookup& op) const { check_parameter(op.table.entries); }
    void operator()(const Softmax& op) const {
        if (op.kind == SoftmaxKind::Argmax) return;
        check_parameter(op.exp_table.entries);
        check_parameter(op.inv_table.entries);
        check_type(op.accumulator);
    }
    void operator()(const Affine& op) const {
        check_parameter(op.scale);
        if (op.bias) check_parameter(*op.bias);
    }
    void operator()(const Threshold& op) const { check_parameter(op.thresholds); }
    void operator()(const Requantize& op) const {
        check_parameter(op.multiplier);
        require(op.shift.size() == op.multiplier.raw.size(), "every multiplier has a shift");
    }
    // The others have no types of their own.
    template <typename Op>
    void operator()(const Op& /*op*/) const {}

private:
    template <typename Op>
    static void linear(const Op& op) {
        check_parameter(op.weights);
        if (op.bias) check_parameter(*op.bias);
        check_type(op.accumulator.type);
        require(reason_invalid(op.accumulator).empty(), "an accumulator is valid");
    }
};

inline void check_graph(const Graph& graph) {
    check_type(graph.input.type);
    const InputRaws raws = input_raws(graph.input);
    require(raw_min(graph.input.type.format) <= raws.low && raws.low <= raws.high &&
                raws.high <= raw_max(graph.input.type.format),
            "the input has words, and its declared range is finite");
    require(node_index(graph, graph.output) >= 0, "the output is a layer");
    for (const Node& node : graph.nodes) {
        require(node.shape.count() >= 1, "a result has elements");
        check_type(node.result);
        std::visit(CheckOperation{}, node.op);
        const Cost cost = cost_of(node);
        require(cost.macs >= 0 && cost.parameters >= 0 && cost.weight_bits >= 0 && cost.result_bits >= 1,
                "a cost is a count");
    }
    Graph again = graph;
    must_take("a validated network is valid", [&] { validate(again); });
    require(again.output == graph.output && again.nodes.size() == graph.nodes.size(), "validation is done once");
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        require(again.nodes[i].name == graph.nodes[i].name && again.nodes[i].shape == graph.nodes[i].shape,
                "validation keeps names and shapes");
    }
}

}  // namespace bittrue::fuzz
