// The small network that the designs in hdl/ compute, and vectors of it.
#pragma once

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/vectors/vector_set.hpp"

namespace bittrue::test {

// image (4x4x2, s10.6) -> scale (s8.4) -> relu (u5.3)
inline Graph small_graph() {
    Graph graph;
    graph.name = "pipe";
    graph.input = {.name = "image",
                   .shape = make_map(Layout::Hwc, 2, 4, 4),
                   .type = {{.width = 10, .integer = 4, .is_signed = true}, Rounding::Trn, Overflow::Wrap}};
    graph.nodes.push_back(
        {.name = "scale",
         .inputs = {"image"},
         .op = Quantize{},
         .result = {{.width = 8, .integer = 4, .is_signed = true}, Rounding::RndConv, Overflow::Sat}});
    graph.nodes.push_back({.name = "relu",
                           .inputs = {"scale"},
                           .op = Relu{},
                           .result = {{.width = 5, .integer = 2, .is_signed = false}, Rounding::Rnd, Overflow::Sat}});
    validate(graph);
    return graph;
}

// Words of all kinds, the same on every machine: neighbours in the list are far apart, ties are among them.
inline VectorSet small_vectors(std::size_t images = 4) {
    const Graph graph = small_graph();
    InputBatch batch{.images = images, .dims = graph.input.shape.dims, .values = {}};
    std::uint64_t state = 1;
    for (std::size_t i = 0; i < images * 32; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        auto raw = static_cast<std::int64_t>(state >> 54) - 512;
        if (i % 13 == 12) raw = i % 2 == 0 ? 511 : -512;
        batch.values.push_back(static_cast<double>(raw) / 64);
    }
    RunOptions options;
    options.keep_layers = true;
    return from_run(graph, emulator::make_engine(graph)->run(batch, options));
}

}  // namespace bittrue::test
