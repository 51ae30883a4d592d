// The datapath that a diagnosis computes with: chains of layers on given words.
#include "datapath.hpp"

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

// All layers of an example, its input given.
struct Example {
    Graph graph = load_network(BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml");
    Chain chain{};
    RunResult result{};

    explicit Example(std::size_t images) {
        Random random(5);
        const Format format = graph.input.type.format;
        Words raws;
        const auto size = static_cast<std::size_t>(graph.input.shape.count());
        for (std::size_t i = 0; i < images * size; ++i) raws.push_back(random.word(format));
        RunOptions options;
        options.keep_layers = true;
        result = emulator::make_engine(graph)->run(batch_of(graph, raws), options);
        chain.given.push_back({graph.input.name, graph.input.shape, graph.input.type, raws, images});
        chain.nodes = graph.nodes;
    }
};

TensorWords tensor(const std::string& name, const Words& words, const FixedType& type = fixed(8, 8)) {
    return {name, vector_of(std::ssize(words)), type, words, 1};
}

}  // namespace

TEST_CASE("a chain of all layers gives what the network gives") {
    const Example e(70);
    const auto datapath = cli::make_datapath();
    const auto all = datapath->run(e.chain);
    REQUIRE(all.size() == e.graph.nodes.size());
    for (std::size_t n = 0; n < all.size(); ++n) {
        CAPTURE(all[n].name);
        CHECK(all[n].name == e.graph.nodes[n].name);
        CHECK(all[n].shape == e.graph.nodes[n].shape);
        CHECK(all[n].type == e.graph.nodes[n].result);
        CHECK(all[n].images == 70);
        CHECK(all[n].words == e.result.layers[n + 1].words);
    }
}

TEST_CASE("some images of a chain are those of all") {
    const Example e(5);
    const std::vector<std::uint32_t> images{4, 0, 4};
    const auto some = cli::make_datapath()->run(e.chain, &images);
    for (std::size_t n = 0; n < some.size(); ++n) {
        const Words& all = e.result.layers[n + 1].words;
        const std::ptrdiff_t size = std::ssize(all) / 5;
        Words expected;
        for (const auto image : images) {
            const auto begin = all.begin() + static_cast<std::ptrdiff_t>(image) * size;
            expected.insert(expected.end(), begin, begin + size);
        }
        CHECK(some[n].words == expected);
    }
}

TEST_CASE("several given tensors meet in one chain") {
    Chain chain;
    chain.given = {tensor("a", {1, 2, 3}), tensor("b", {10, 20, 30})};
    chain.nodes.push_back({.name = "sum", .inputs = {"a", "b"}, .op = Add{}, .result = fixed(8, 8)});
    chain.nodes.push_back({.name = "product", .inputs = {"sum", "b"}, .op = Multiply{}, .result = fixed(16, 16)});
    chain.nodes.push_back({.name = "all", .inputs = {"a", "product"}, .op = Concat{}, .result = fixed(16, 16)});
    const auto out = cli::make_datapath()->run(chain);
    CHECK(out[0].words == Words{11, 22, 33});
    CHECK(out[1].words == Words{110, 440, 990});
    CHECK(out[2].words == Words{1, 2, 3, 110, 440, 990});
}

TEST_CASE("given words outside of their format are taken by their lowest bits") {
    Chain chain;
    chain.given = {tensor("a", {300, -129, 5, 128})};
    chain.nodes.push_back({.name = "same", .inputs = {"a"}, .op = Quantize{}, .result = fixed(9, 9)});
    CHECK(cli::make_datapath()->run(chain)[0].words == Words{44, 127, 5, -128});
    chain.given = {tensor("a", {300, -1, 5, 128}, ufixed(8, 8))};
    CHECK(cli::make_datapath()->run(chain)[0].words == Words{44, 255, 5, 128});
}

TEST_CASE("the lowest word of a symmetric type can be given, although its cast never gives it") {
    Chain chain;
    chain.given = {tensor("a", {-128, 127}, fixed(8, 8, Rounding::Trn, Overflow::SatSym))};
    chain.nodes.push_back({.name = "wide", .inputs = {"a"}, .op = Quantize{}, .result = fixed(9, 9)});
    chain.nodes.push_back({.name = "dense", .inputs = {"a"}, .op = Dense{}, .result = fixed(20, 20)});
    Dense& dense = std::get<Dense>(chain.nodes[1].op);
    dense.weights = words({2, 1}, {100, 1}, fixed(8, 8));
    dense.accumulator.type = fixed(20, 20);
    const auto out = cli::make_datapath()->run(chain);
    CHECK(out[0].words == Words{-128, 127});
    CHECK(out[1].words == Words{-12800 + 127});
}

TEST_CASE("an edited node has the shape that follows from its settings") {
    Chain chain;
    chain.given = {{"a", {Layout::Hwc, {4, 4, 1}}, fixed(8, 8), Words(16, 1), 1}};
    Conv2d op;
    op.weights = words({2, 2, 1, 1}, {1, 1, 1, 1}, fixed(8, 8));
    op.accumulator.type = fixed(20, 20);
    op.stride = {2, 2};
    chain.nodes.push_back(
        {.name = "c", .inputs = {"a"}, .op = op, .result = fixed(8, 8), .shape = {Layout::Hwc, {3, 3, 1}}});
    const auto out = cli::make_datapath()->run(chain);
    CHECK(out[0].shape == Shape{Layout::Hwc, {2, 2, 1}});
    CHECK(out[0].words == Words{4, 4, 4, 4});
}

TEST_CASE("a node that fits nothing is an input error that names it") {
    Chain chain;
    chain.given = {tensor("a", {1, 2, 3})};
    Dense op;
    op.weights = words({2, 1}, {1, 1}, fixed(8, 8));
    op.accumulator.type = fixed(20, 20);
    chain.nodes.push_back({.name = "dense", .inputs = {"a"}, .op = op, .result = fixed(8, 8)});
    const auto datapath = cli::make_datapath();
    CHECK_THROWS_WITH(datapath->run(chain), Catch::Contains("layer 'dense'") && Catch::Contains("2x1"));
    chain.nodes[0].inputs = {"b"};
    CHECK_THROWS_WITH(datapath->run(chain), Catch::Contains("its input 'b' is not known"));
    CHECK_THROWS_AS(datapath->run(chain), InputError);
}

TEST_CASE("a fault stands in its own node, and later nodes read what it gives") {
    Chain chain;
    chain.given = {tensor("a", {1, 2})};
    Dense op;
    op.weights = words({2, 1}, {4, 2}, fixed(8, 8));
    op.accumulator.type = fixed(20, 20);
    chain.nodes.push_back({.name = "dense", .inputs = {"a"}, .op = op, .result = fixed(8, 8)});
    op.weights = words({1, 1}, {3}, fixed(8, 8));
    chain.nodes.push_back({.name = "next", .inputs = {"dense"}, .op = op, .result = fixed(8, 8)});
    const auto datapath = cli::make_datapath();
    const MacFault fault{.stuck = MacFault::StuckBit{.bit = 0, .value = true, .lanes = 2, .lane = 1}};
    const auto out = datapath->run_faulty(chain, 0, fault);
    CHECK(out[0].words == Words{4 + 5});
    CHECK(out[1].words == Words{27});
    CHECK(datapath->run(chain)[1].words == Words{24});
    const MacOperands operands{.weight = {8, 8, true}, .input = {8, 8, true}, .weights = {4, 2}, .inputs = {1, 2}};
    CHECK(datapath->accumulate(operands, op.accumulator, fault) == 9);
    CHECK(datapath->accumulate(operands, op.accumulator, {.skip_first = 1}) == 4);
    CHECK(datapath->steps(operands, op.accumulator).back().accumulator_raw == 8);
}

TEST_CASE("parameters are the words after the cast") {
    Dense op;
    op.weights = reals({2, 1}, {0.75, -0.3}, fixed(4, 2, Rounding::Rnd));
    op.bias = reals({1}, {1.5}, fixed(4, 3));
    op.accumulator.type = fixed(20, 10);
    const Node node{.name = "dense", .inputs = {"a"}, .op = op, .result = fixed(8, 8)};
    const auto parameters = cli::make_datapath()->parameters(node, tensor("a", {1, 2}));
    REQUIRE(parameters.size() == 2);
    CHECK(parameters[0].role == "weights");
    CHECK(parameters[0].tensor.words == Words{3, -1});
    CHECK(parameters[1].role == "bias");
    CHECK(parameters[1].tensor.words == Words{3});
}
