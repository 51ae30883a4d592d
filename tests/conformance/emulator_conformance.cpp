#include <cmath>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "conformance/cases.hpp"

using namespace bittrue;

namespace {

void check_casts(const std::string& file, std::size_t lines) {
    const auto cases = conformance::cast_cases(file);
    if (cases.empty()) {
        WARN("SKIPPED: " << (conformance::folder() / file) << " absent");
        return;
    }
    REQUIRE(cases.size() == lines);
    for (const auto& c : cases) {
        INFO(c.text);
        REQUIRE(c.expected.size() == std::size_t{1} << c.from.width);
        std::vector<std::int64_t> actual;
        for (std::uint64_t pattern = 0; pattern < c.expected.size(); ++pattern) {
            const std::int64_t word = word_from_pattern(pattern, c.from);
            actual.push_back(emulator::quantize(raw_from_word(word, c.from), c.from.frac(), c.to).word);
        }
        CHECK(actual == c.expected);
    }
}

AccumulatorSpec spec_of(const conformance::DotCase& c) {
    AccumulatorSpec spec;
    spec.type = c.accumulator;
    return spec;
}

// The case as a network of one dense layer, whose result type is the accumulator's.
Graph network_of(const conformance::DotCase& c) {
    const auto n = static_cast<std::int64_t>(c.weights.size());
    Dense dense;
    dense.weights = {.dims = {n, 1}, .real = {}, .raw = c.weights, .type = {.format = c.weight}};
    dense.bias = Parameter{.dims = {1}, .real = {}, .raw = {c.bias_raw}, .type = {.format = c.bias}};
    dense.accumulator = spec_of(c);
    Graph graph;
    graph.input = {.name = "x", .shape = {Layout::Vector, {n}}, .type = {.format = c.input}};
    graph.nodes.push_back({.name = "dense", .inputs = {"x"}, .op = dense, .result = c.accumulator});
    validate(graph);
    return graph;
}

}  // namespace

TEST_CASE("Q, O, D: every cast of AMD's ap_fixed headers is reproduced") {
    check_casts("cast_ap_fixed.csv", 980);
}
TEST_CASE("Q, O, D: every cast of Siemens' ac_fixed headers is reproduced") {
    check_casts("cast_ac_fixed.csv", 640);
}
TEST_CASE("Q, O, D: every cast of SystemC is reproduced") {
    check_casts("cast_sc_fixed.csv", 980);
}

TEST_CASE("A6: every accumulation of AMD's ap_fixed headers is reproduced step by step and as a layer") {
    const auto cases = conformance::dot_cases();
    if (cases.empty()) {
        WARN("SKIPPED: " << (conformance::folder() / "dot_ap_fixed.txt") << " absent");
        return;
    }
    REQUIRE(cases.size() == 336);
    for (const auto& c : cases) {
        INFO(c.text);
        const auto steps = emulator::mac({.weight = c.weight,
                                          .input = c.input,
                                          .weights = c.weights,
                                          .inputs = c.inputs,
                                          .has_bias = true,
                                          .bias = c.bias,
                                          .bias_word = c.bias_raw},
                                         spec_of(c));
        std::vector<std::int64_t> actual;
        for (const auto& step : steps) actual.push_back(word_from_raw(step.accumulator_raw));
        CHECK(actual == c.expected);

        InputBatch batch{.images = 1, .dims = {std::ssize(c.inputs)}, .values = {}};
        for (const auto x : c.inputs) batch.values.push_back(std::ldexp(static_cast<double>(x), -c.input.frac()));
        const RunResult result = emulator::make_engine(network_of(c))->run(batch, {});
        CHECK(result.layers.back().words == std::vector<std::int64_t>{c.expected.back()});
    }
}
