// Runs a network of one layer on one image of small integers, for cases worked by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bittrue/golden/golden.hpp"

namespace bittrue::testing {

constexpr FixedType integers(int width, bool is_signed = true) {
    return {.format = {.width = width, .integer = width, .is_signed = is_signed}, .overflow = Overflow::Sat};
}

inline Graph one_layer(Operation op, Shape in, FixedType input, FixedType result) {
    Graph graph{.name = "test", .input = {.shape = std::move(in), .type = input}};
    graph.nodes.push_back({.name = "layer", .inputs = {"input"}, .op = std::move(op), .result = result});
    validate(graph);
    return graph;
}

inline RunResult run_one(const Graph& graph, std::vector<double> values, std::size_t images = 1) {
    const InputBatch batch{.images = images, .dims = graph.input.shape.dims, .values = std::move(values)};
    return golden::make_engine(graph)->run(batch, {.keep_layers = true, .threads = 1});
}

using Words = std::vector<std::int64_t>;

inline Shape vector_of(std::int64_t n) {
    return {.layout = Layout::Vector, .dims = {n}};
}

inline Parameter raw_parameter(Dims dims, std::vector<std::int64_t> raw, int width = 8) {
    return {.dims = std::move(dims), .raw = std::move(raw), .type = integers(width)};
}

}  // namespace bittrue::testing
