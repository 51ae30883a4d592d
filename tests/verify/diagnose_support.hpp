// Small networks with dumps of designs that compute otherwise.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/verify/diagnose.hpp"
#include "datapath.hpp"
#include "emulator/build.hpp"

namespace bittrue::testing {

// x -> conv -> act -> flat -> fc, and beside flat a second dense layer; both are added: out.
inline Graph branched_network() {
    Random random(11);
    const auto some = [&random](std::int64_t count, int low, int high) {
        std::vector<std::int64_t> raws;
        for (std::int64_t i = 0; i < count; ++i) raws.push_back(low + random.below(high - low + 1));
        return raws;
    };
    const FixedType weight = fixed(6, 1);
    const FixedType sum = fixed(12, 4, Rounding::Trn, Overflow::Sat);
    const FixedType result = fixed(8, 3, Rounding::RndConv, Overflow::Sat);
    Graph g;
    g.name = "branched";
    g.input = {.name = "x", .shape = {.layout = Layout::Hwc, .dims = {6, 6, 2}}, .type = ufixed(6, 0)};
    Conv2d conv{.weights = words({3, 3, 2, 3}, some(54, -31, 31), weight),
                .bias = words({3}, some(3, -20, 20), weight)};
    conv.accumulator.type = sum;
    g.nodes.push_back({.name = "conv", .inputs = {"x"}, .op = conv, .result = result});
    g.nodes.push_back(
        {.name = "act", .inputs = {"conv"}, .op = Relu{}, .result = ufixed(6, 2, Rounding::Rnd, Overflow::Sat)});
    g.nodes.push_back({.name = "flat", .inputs = {"act"}, .op = Flatten{}, .result = ufixed(6, 2)});
    for (const char* name : {"left", "right"}) {
        Dense dense{.weights = words({48, 5}, some(240, -31, 31), weight),
                    .bias = words({5}, some(5, -31, 31), weight)};
        dense.accumulator.type = fixed(14, 6, Rounding::Trn, Overflow::Sat);
        g.nodes.push_back(
            {.name = name, .inputs = {"flat"}, .op = dense, .result = fixed(8, 5, Rounding::Rnd, Overflow::Sat)});
    }
    g.nodes.push_back(
        {.name = "out", .inputs = {"left", "right"}, .op = Add{}, .result = fixed(9, 6, Rounding::Trn, Overflow::Sat)});
    validate(g);
    return g;
}

inline VectorSet vectors_of(const Graph& graph, std::size_t images, std::uint64_t seed = 3) {
    Random random(seed);
    std::vector<std::int64_t> raws;
    for (std::size_t i = 0; i < images * static_cast<std::size_t>(graph.input.shape.count()); ++i)
        raws.push_back(random.word(graph.input.type.format));
    RunOptions options;
    options.keep_layers = true;
    VectorSet set = from_run(graph, emulator::make_engine(graph)->run(batch_of(graph, raws), options));
    set.tool = "test";
    set.source = "expected";
    return set;
}

inline Node& node_of(Graph& graph, const std::string& name) {
    return graph.nodes[static_cast<std::size_t>(node_index(graph, name))];
}
inline VectorLayer& layer_of(VectorSet& set, const std::string& name) {
    for (VectorLayer& layer : set.layers) {
        if (layer.name == name) return layer;
    }
    throw std::logic_error("no layer " + name);
}

// What a design dumps that computes `fault`.
inline VectorSet dump_of(Graph graph, const std::function<void(Graph&)>& fault, std::size_t images) {
    fault(graph);
    validate(graph);
    return vectors_of(graph, images);
}

inline DiagnosisReport diagnose_dump(const Graph& graph, const VectorSet& expected, const VectorSet& dump,
                                     DiagnoseOptions options = {}) {
    static const auto datapath = cli::make_datapath();
    // Time must not decide here.
    if (options.seconds == DiagnoseOptions{}.seconds) options.seconds = 60;
    return diagnose(graph, expected, dump, diff(expected, dump), *datapath, options);
}

inline const LayerDiagnosis& of_layer(const DiagnosisReport& report, const std::string& name) {
    for (const LayerDiagnosis& layer : report.layers) {
        if (layer.layer == name) return layer;
    }
    throw std::logic_error("no diagnosis of " + name);
}

// The layers that are not equal.
inline std::vector<std::string> not_equal(const DiagnosisReport& report) {
    std::vector<std::string> names;
    for (const LayerDiagnosis& layer : report.layers) {
        if (layer.verdict != Verdict::Equal) names.push_back(layer.layer);
    }
    return names;
}

}  // namespace bittrue::testing
