// The accumulators of a network, taken out and put back, and the wide ones.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/explore/sweep.hpp"
#include "bittrue/model/error.hpp"
#include "sweep/numbers.hpp"

namespace bittrue::explore {

namespace {

template <class Graph>
auto* accumulator_of(Graph& node) {
    using Spec = std::conditional_t<std::is_const_v<Graph>, const AccumulatorSpec, AccumulatorSpec>;
    Spec* spec = nullptr;
    if (auto* dense = std::get_if<Dense>(&node.op)) spec = &dense->accumulator;
    if (auto* conv = std::get_if<Conv2d>(&node.op)) spec = &conv->accumulator;
    return spec;
}

const Parameter& weights_of(const Node& node) {
    if (const auto* dense = std::get_if<Dense>(&node.op)) return dense->weights;
    return std::get<Conv2d>(node.op).weights;
}

const std::optional<Parameter>& bias_of(const Node& node) {
    if (const auto* dense = std::get_if<Dense>(&node.op)) return dense->bias;
    return std::get<Conv2d>(node.op).bias;
}

std::int64_t terms_of(const Node& node) {
    const Dims& d = weights_of(node).dims;
    return std::holds_alternative<Dense>(node.op) ? d[0] : d[0] * d[1] * d[2];
}

AccumulatorSpec wide_spec(const Graph& graph, const Node& node) {
    AccumulatorSpec spec = spec_of(node);
    if (spec.product == spec.type) spec.product.reset();
    if (spec.bias_cast == spec.type) spec.bias_cast.reset();
    const Format exact = product_format(weights_of(node).type.format, type_of(graph, node.inputs.front()).format);
    const Format term = spec.product ? spec.product->format : exact;
    const int sum_integer = signed_integer(term) + ceil_log2(terms_of(node));
    int frac = term.frac();
    int integer = sum_integer;
    if (const auto& bias = bias_of(node)) {
        const Format b = spec.bias_cast ? spec.bias_cast->format : bias->type.format;
        frac = std::max(frac, b.frac());
        integer = std::max(sum_integer, signed_integer(b)) + 1;
    }
    const int width = std::max(frac + integer, 1);
    if (width > kMaxStoredWidth) {
        throw InputError(fmt::format("layer '{}'", node.name),
                         fmt::format("its exact sums need {} bits; a sweep compares with accumulators of at most {} "
                                     "bits that lose nothing, so give its inputs or weights fewer bits",
                                     width, kMaxStoredWidth));
    }
    spec.type.format = {.width = width, .integer = integer, .is_signed = true};
    spec.type.overflow = Overflow::Sat;
    spec.type.saturated_bits = 0;
    return spec;
}

}  // namespace

std::vector<std::size_t> accumulating_nodes(const Graph& graph) {
    std::vector<std::size_t> nodes;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (accumulator_of(graph.nodes[i]) != nullptr) nodes.push_back(i);
    }
    return nodes;
}

const AccumulatorSpec& spec_of(const Node& node) {
    const AccumulatorSpec* spec = accumulator_of(node);
    if (spec == nullptr) throw std::logic_error("layer '" + node.name + "' does not accumulate");
    return *spec;
}

std::vector<AccumulatorSpec> specs_of(const Graph& graph) {
    std::vector<AccumulatorSpec> specs;
    for (const std::size_t i : accumulating_nodes(graph)) specs.push_back(spec_of(graph.nodes[i]));
    return specs;
}

Graph with_specs(const Graph& graph, std::span<const AccumulatorSpec> specs) {
    const auto nodes = accumulating_nodes(graph);
    if (nodes.size() != specs.size()) {
        throw std::logic_error(fmt::format("{} specs for {} accumulating layers", specs.size(), nodes.size()));
    }
    Graph changed = graph;
    for (std::size_t k = 0; k < nodes.size(); ++k) *accumulator_of(changed.nodes[nodes[k]]) = specs[k];
    return changed;
}

std::vector<AccumulatorSpec> wide_specs(const Graph& graph) {
    std::vector<AccumulatorSpec> specs;
    for (const std::size_t i : accumulating_nodes(graph)) specs.push_back(wide_spec(graph, graph.nodes[i]));
    return specs;
}

AccumulatorSpec with_width(const AccumulatorSpec& spec, int width, Keep keep) {
    AccumulatorSpec changed = spec;
    Format& format = changed.type.format;
    const int frac = format.frac();
    format.width = width;
    if (keep == Keep::Frac) format.integer = width - frac;
    if (spec.product == spec.type) changed.product = changed.type;
    if (spec.bias_cast == spec.type) changed.bias_cast = changed.type;
    return changed;
}

}  // namespace bittrue::explore
