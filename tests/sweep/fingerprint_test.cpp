// The check sum of a network: every change of what it computes gives another one, a change of its name does not.
#include "bittrue/explore/fingerprint.hpp"

#include <functional>
#include <map>

#include <catch2/catch.hpp>

#include "sweep/example.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

template <class Op>
Op& first(Graph& graph) {
    for (Node& node : graph.nodes) {
        if (Op* op = std::get_if<Op>(&node.op)) return *op;
    }
    throw std::logic_error("the example has no such layer");
}

}  // namespace

TEST_CASE("networks that differ in one place have different fingerprints") {
    const Graph example = test::example_network();
    const std::map<std::string, std::function<void(Graph&)>> changes{
        {"input divide", [](Graph& g) { g.input.divide = 250; }},
        {"input precision", [](Graph& g) { g.input.float32 = !g.input.float32; }},
        {"input rounding", [](Graph& g) { g.input.type.rounding = Rounding::RndMinInf; }},
        {"input name", [](Graph& g) { g.input.name = "x"; }},
        {"output", [](Graph& g) { g.output = g.nodes.front().name; }},
        {"a layer's name", [](Graph& g) { g.nodes.back().name += "x"; }},
        {"result width", [](Graph& g) { ++g.nodes.front().result.format.width; }},
        {"result overflow", [](Graph& g) { g.nodes.front().result.overflow = Overflow::SatSym; }},
        {"one weight", [](Graph& g) { first<Conv2d>(g).weights.real.back() += 1e-9; }},
        {"weight type", [](Graph& g) { ++first<Conv2d>(g).weights.type.format.integer; }},
        {"one bias", [](Graph& g) { first<Dense>(g).bias->real.front() += 1e-9; }},
        {"no bias", [](Graph& g) { first<Dense>(g).bias.reset(); }},
        {"quantizer", [](Graph& g) { first<Dense>(g).weights.quantizer = WeightQuantizer::Bipolar; }},
        {"accumulator", [](Graph& g) { ++first<Dense>(g).accumulator.type.format.width; }},
        {"order of terms", [](Graph& g) { first<Conv2d>(g).accumulator.terms = TermOrder::Kernel; }},
        {"bias cast", [](Graph& g) { first<Conv2d>(g).accumulator.bias_cast = FixedType{}; }},
        {"stride",
         [](Graph& g) {
             first<Conv2d>(g).stride = {2, 1};
         }},
        {"stride of columns",
         [](Graph& g) {
             first<Conv2d>(g).stride = {1, 2};
         }},
        {"padding", [](Graph& g) { first<Conv2d>(g).padding.right = 1; }},
        {"pool",
         [](Graph& g) {
             first<MaxPool>(g).pool = {3, 2};
         }},
        {"softmax table", [](Graph& g) { first<Softmax>(g).exp_table.entries.real.front() += 1e-9; }},
        {"softmax sum", [](Graph& g) { ++first<Softmax>(g).accumulator.format.width; }},
    };
    std::map<std::string, std::string> seen{{fingerprint(example), "the example"}};
    for (const auto& [what, change] : changes) {
        Graph graph = example;
        change(graph);
        const auto [other, is_new] = seen.emplace(fingerprint(graph), what);
        INFO(what << " against " << other->second);
        CHECK(is_new);
    }
}

TEST_CASE("names of a network and of where its tables came from do not change its fingerprint") {
    Graph graph = test::example_network();
    const std::string before = fingerprint(graph);
    graph.name = "another";
    first<Softmax>(graph).exp_table.origin = "../exp.npy";
    CHECK(fingerprint(graph) == before);
    CHECK(fingerprint(test::example_network()) == before);
}
