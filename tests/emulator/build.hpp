// Short ways to say types, parameters and networks of one layer.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "bittrue/emulator/emulator.hpp"

namespace bittrue::testing {

inline FixedType fixed(int width, int integer, Rounding rounding = Rounding::Trn, Overflow overflow = Overflow::Wrap,
                       int n = 0, Dialect dialect = Dialect::Ap) {
    return {{width, integer, true}, rounding, overflow, n, dialect};
}
inline FixedType ufixed(int width, int integer, Rounding rounding = Rounding::Trn, Overflow overflow = Overflow::Wrap,
                        int n = 0, Dialect dialect = Dialect::Ap) {
    return {{width, integer, false}, rounding, overflow, n, dialect};
}

inline Parameter words(const Dims& dims, const std::vector<std::int64_t>& raw, const FixedType& type) {
    return {.dims = dims, .real = {}, .raw = raw, .type = type, .quantizer = WeightQuantizer::Cast};
}
inline Parameter reals(const Dims& dims, const std::vector<double>& real, const FixedType& type,
                       WeightQuantizer quantizer = WeightQuantizer::Cast) {
    return {.dims = dims, .real = real, .raw = {}, .type = type, .quantizer = quantizer};
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
inline InputBatch batch_of(const Graph& graph, const std::vector<std::int64_t>& raws) {
    const auto size = static_cast<std::size_t>(graph.input.shape.count());
    InputBatch batch{.images = raws.size() / size, .dims = graph.input.shape.dims, .values = {}};
    for (const auto raw : raws)
        batch.values.push_back(std::ldexp(static_cast<double>(raw), -graph.input.type.format.frac()));
    return batch;
}

inline LayerResult run_layer(const Graph& graph, const std::vector<std::int64_t>& raws) {
    return emulator::make_engine(graph)->run(batch_of(graph, raws), {}).layers.back();
}

using Words = std::vector<std::int64_t>;

// splitmix64: the same numbers everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
    std::int64_t word(Format f) { return word_from_pattern(next(), f); }

private:
    std::uint64_t state_;
};

}  // namespace bittrue::testing
