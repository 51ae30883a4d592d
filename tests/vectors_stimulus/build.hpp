// Short ways to say types, parameters and networks of one layer.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue::testing {

using Words = std::vector<std::int64_t>;

inline FixedType fixed(int width, int integer, Rounding rounding = Rounding::Trn, Overflow overflow = Overflow::Wrap) {
    return {.format = {width, integer, true}, .rounding = rounding, .overflow = overflow};
}
inline FixedType ufixed(int width, int integer, Rounding rounding = Rounding::Trn, Overflow overflow = Overflow::Wrap) {
    return {.format = {width, integer, false}, .rounding = rounding, .overflow = overflow};
}

inline Parameter words(const Dims& dims, const Words& raw, const FixedType& type) {
    return {.dims = dims, .raw = raw, .type = type};
}

inline Shape vector_of(std::int64_t n) {
    return {Layout::Vector, {n}};
}

// input "x" -> layer "layer"
inline Graph one_layer(const Shape& shape, const FixedType& input, const Operation& op, const FixedType& result) {
    Graph graph;
    graph.input = {.name = "x", .shape = shape, .type = input};
    graph.nodes.push_back({.name = "layer", .inputs = {"x"}, .op = op, .result = result});
    validate(graph);
    return graph;
}

// Images whose values are exactly the given raws of the network's input.
inline InputBatch batch_of(const Graph& graph, const Words& raws) {
    const auto size = static_cast<std::size_t>(graph.input.shape.count());
    InputBatch batch{.images = raws.size() / size, .dims = graph.input.shape.dims};
    for (const auto raw : raws)
        batch.values.push_back(std::ldexp(static_cast<double>(raw), -graph.input.type.format.frac()));
    return batch;
}

}  // namespace bittrue::testing
