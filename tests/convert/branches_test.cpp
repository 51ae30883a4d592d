// Networks that branch and join: converters stand at every input of a join, and all words are as both engines say.
#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/convert.hpp"
#include "bittrue/explore/explain_conversion.hpp"
#include "bittrue/golden/golden.hpp"
#include "convert/models.hpp"

using namespace bittrue;
using namespace bittrue::test;
using namespace bittrue::explore;

TEST_CASE("a residual network with a concatenation is converted at both inputs of each join") {
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        for (const int bits : {3, 8}) {
            const FloatModel model = residual_cnn(seed);
            const InputBatch batch = random_batch(seed, model.input_shape, 60);
            ConvertOptions options;
            options.bits = {.input = bits, .weight = bits, .bias = bits, .activation = bits, .output = bits};
            const Conversion done = convert(model, batch, options);
            const Graph& graph = done.graph;
            int joins = 0;
            for (const Node& node : graph.nodes) {
                if (!std::holds_alternative<Add>(node.op) && !std::holds_alternative<Concat>(node.op)) continue;
                ++joins;
                for (const std::string& input : node.inputs) {
                    INFO(node.name << " reads " << input);
                    const FixedType type = type_of(graph, input);
                    CHECK(type.format.width == bits);
                    CHECK(type.rounding == Rounding::Rnd);
                    CHECK(type.overflow == Overflow::Sat);
                }
            }
            CHECK(joins == 2);
            const RunOptions all{.keep_layers = true, .progress = {}};
            const InputBatch others = random_batch(seed + 50, model.input_shape, 40);
            const RunResult fast = emulator::make_engine(graph)->run(others, all);
            const RunResult slow = golden::make_engine(graph)->run(others, all);
            for (std::size_t i = 0; i < fast.layers.size(); ++i) {
                CHECK(fast.layers[i].words == slow.layers[i].words);
                CHECK(fast.layers[i].events == slow.layers[i].events);
            }
        }
    }
}

TEST_CASE(
    "a residual network keeps the answers of the float model with 10 bits, and its explanation names every join") {
    const FloatModel model = residual_cnn(3);
    const InputBatch batch = random_batch(3, model.input_shape, 100);
    ConvertOptions options;
    options.bits = {.input = 10, .weight = 10, .bias = 10, .activation = 10, .output = 10};
    const Conversion done = convert(model, batch, options);
    const ConversionReport report = explain_conversion(model, done, options, batch, {});
    CHECK(report.ours.good >= 97);
    std::vector<std::string> names;
    for (const LayerConversion& row : report.layers) names.push_back(row.layer);
    for (const char* join : {"sum", "both"}) CHECK(std::count(names.begin(), names.end(), join) == 1);
}
