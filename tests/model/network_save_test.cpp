// A saved network is read back as the same network.
#include "bittrue/model/network_save.hpp"

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/fingerprint.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"
#include "bittrue/model/tables.hpp"
#include "exhaustive/random_graph.hpp"
#include "model/files.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// Without what no rule reads: a network file has no place for it.
void drop_unread(AccumulatorSpec& spec) {
    if (spec.schedule == Schedule::Sequential || spec.schedule == Schedule::Tree) spec.group = 1;
}
Graph without_unread(Graph graph) {
    for (Node& node : graph.nodes) {
        if (auto* dense = std::get_if<Dense>(&node.op)) drop_unread(dense->accumulator);
        if (auto* conv = std::get_if<Conv2d>(&node.op)) drop_unread(conv->accumulator);
        auto* softmax = std::get_if<Softmax>(&node.op);
        if (softmax == nullptr) continue;
        if (softmax->kind == SoftmaxKind::Argmax) *softmax = {.kind = SoftmaxKind::Argmax};
        if (softmax->kind != SoftmaxKind::Stable) softmax->difference = {};
        if (softmax->kind == SoftmaxKind::Legacy) softmax->inv_input = {};
    }
    return graph;
}

Graph saved_and_loaded(const Graph& graph, const TemporaryFolder& folder) {
    save_network(graph, folder.file("net.toml"));
    return load_network(folder.file("net.toml"));
}

Graph one_layer(Operation op, const Shape& shape) {
    Graph graph{.name = "one"};
    graph.input = {.shape = shape, .type = {.format = {.width = 8, .integer = 4}}};
    graph.nodes.push_back({.name = "layer", .inputs = {"input"}, .op = std::move(op), .result = graph.input.type});
    validate(graph);
    return graph;
}

}  // namespace

TEST_CASE("random networks are saved and loaded as the same networks, and compute the same words") {
    const TemporaryFolder folder;
    bittrue::testing::Random random(77);
    for (int i = 0; i < 600; ++i) {
        Graph graph = without_unread(bittrue::testing::random_graph(random, 6));
        graph.input.divide = i % 2 == 0 ? 255 : 0.1;
        graph.input.float32 = i % 3 == 0;
        INFO("case " << i << "\n" << bittrue::testing::describe(graph));
        const Graph loaded = saved_and_loaded(graph, folder);
        REQUIRE(explore::fingerprint(loaded) == explore::fingerprint(graph));
        REQUIRE(loaded.name == graph.name);
        const InputBatch batch = bittrue::testing::random_batch(random, graph, 2);
        const RunResult before = emulator::make_engine(graph)->run(batch, {});
        const RunResult after = emulator::make_engine(loaded)->run(batch, {});
        REQUIRE(before.layers.back().words == after.layers.back().words);
    }
}

TEST_CASE("a saved network keeps its declared range, names with quotes and its output") {
    const TemporaryFolder folder;
    Graph graph = one_layer(Quantize{}, {.layout = Layout::Vector, .dims = {3}});
    graph.name = "a \"name\"\\\n";
    graph.input.name = "in \"x\"";
    graph.input.range = ValueRange{-1.5, 0.1};
    graph.nodes[0].name = "l/l/l:0";
    graph.nodes[0].inputs = {graph.input.name};
    graph.nodes.push_back({.name = "l/l:0", .inputs = {"l/l/l:0"}, .op = Relu{}, .result = graph.input.type});
    graph.output = "l/l/l:0";
    validate(graph);
    const Graph loaded = saved_and_loaded(graph, folder);
    CHECK(loaded.name == graph.name);
    CHECK(explore::fingerprint(loaded) == explore::fingerprint(graph));
    CHECK(folder.entries() == 1);  // no numbers, no .npz
}

TEST_CASE("arrays of layers whose names repeat a group are told apart") {
    const TemporaryFolder folder;
    Graph graph{.name = "groups"};
    graph.input = {.shape = {.layout = Layout::Vector, .dims = {1}}, .type = {.format = {.width = 8, .integer = 4}}};
    const FixedType type = graph.input.type;
    std::string before = "input";
    for (const char* name : {"a", "a/a", "a/a/a"}) {
        Affine op{.scale = {.dims = {1}, .real = {0.5 * static_cast<double>(1 + graph.nodes.size())}, .type = type}};
        graph.nodes.push_back({.name = name, .inputs = {before}, .op = op, .result = type});
        before = name;
    }
    validate(graph);
    CHECK(explore::fingerprint(saved_and_loaded(graph, folder)) == explore::fingerprint(graph));
}

TEST_CASE("T2: generated tables are saved by their sizes, entries of one's own as arrays, infinite ones too") {
    const TemporaryFolder folder;
    const FixedType table{.format = {.width = 18, .integer = 8}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat};
    const Shape shape{.layout = Layout::Vector, .dims = {5}};
    Softmax op{.exp_table = {}, .inv_table = {}, .accumulator = table, .inv_input = table, .difference = table};
    op.exp_table = stable_exp_table(64, table, table.format);
    op.inv_table = inverse_table(64, table, table.format);
    Graph graph = one_layer(op, shape);
    CHECK(explore::fingerprint(saved_and_loaded(graph, folder)) == explore::fingerprint(graph));
    CHECK(folder.entries() == 1);
    op.inv_table.entries.real[3] = 7;
    graph = one_layer(op, shape);
    CHECK(explore::fingerprint(saved_and_loaded(graph, folder)) == explore::fingerprint(graph));
    CHECK(npz_names(folder.file("net.npz")) == std::vector<std::string>{"layer/inv_table"});
    for (const Table& curve : {sigmoid_table(32, table), tanh_table(32, table)}) {
        graph = one_layer(Lookup{.table = curve, .span = curve.origin == "tanh" ? 8 : 16}, shape);
        const Graph loaded = saved_and_loaded(graph, folder);
        CHECK(explore::fingerprint(loaded) == explore::fingerprint(graph));
        CHECK(op_name(loaded.nodes[0].op) == curve.origin);
    }
    // Called sigmoid, but with another entry.
    Lookup other{.table = sigmoid_table(32, table)};
    other.table.entries.real[0] = 0.25;
    graph = one_layer(other, shape);
    CHECK(explore::fingerprint(saved_and_loaded(graph, folder)) == explore::fingerprint(graph));
}

TEST_CASE("raw words of 64 unsigned bits, reals that are no floats and the smallest double survive saving") {
    const TemporaryFolder folder;
    const FixedType wide{.format = {.width = 64, .integer = 64, .is_signed = false}};
    const Shape shape{.layout = Layout::Vector, .dims = {3}};
    const Affine op{.scale = {.dims = {3}, .raw = {-1, 0, 5}, .type = wide},
                    .bias = Parameter{.dims = {3}, .real = {0.1, -0.0, 5e-324}, .type = wide}};
    const Graph graph = one_layer(op, shape);
    CHECK(explore::fingerprint(saved_and_loaded(graph, folder)) == explore::fingerprint(graph));
    const Graph clip = one_layer(Clip{.min = -0.1, .max = 5e-324}, shape);
    CHECK(explore::fingerprint(saved_and_loaded(clip, folder)) == explore::fingerprint(clip));
}

TEST_CASE("comments stand above their layers and stay comments") {
    const TemporaryFolder folder;
    const Graph graph = one_layer(Relu{}, {.layout = Layout::Vector, .dims = {3}});
    save_network(graph, folder.file("net.toml"), {{"", "made by hand"}, {"layer", "two\n[[layer]]"}});
    const std::string text = read_file(folder.file("net.toml"));
    CHECK(text.starts_with("# made by hand\n"));
    CHECK(text.find("# two\n# [[layer]]\n[[layer]]\n") != std::string::npos);
    CHECK(explore::fingerprint(load_network(folder.file("net.toml"))) == explore::fingerprint(graph));
}

TEST_CASE("where a network cannot be written, nothing is left behind") {
    const TemporaryFolder folder;
    const Shape shape{.layout = Layout::Vector, .dims = {1}};
    const Graph graph = one_layer(Affine{.scale = {.dims = {1}, .real = {1}}}, shape);
    CHECK(!error_of([&] { save_network(graph, folder.file("absent/net.toml")); }).empty());
    std::filesystem::create_directory(folder.file("net.toml"));  // in the way of the second file
    CHECK(!error_of([&] { save_network(graph, folder.file("net.toml")); }).empty());
    CHECK(folder.entries() == 1);
}

TEST_CASE("a model becomes a graph of the types it was trained for, else of the given ones") {
    const FixedType narrow{.format = {.width = 4, .integer = 1}}, wide{.format = {.width = 16, .integer = 6}};
    const Shape vector{.layout = Layout::Vector, .dims = {2}};
    FloatModel model{.name = "m", .input_name = "x", .input_shape = make_map(Layout::Hwc, 2, 1, 1), .output = "s"};
    const Parameter square{.dims = {2, 2}, .real = {1, 2, 3, 4}};
    model.layers = {
        {.name = "f", .inputs = {"x"}, .op = Flatten{}, .shape = vector},
        {.name = "d", .inputs = {"f"}, .op = Dense{.weights = square}, .shape = vector, .weight_type = narrow},
        {.name = "q",
         .inputs = {"d"},
         .op = Quantize{},
         .shape = vector,
         .quantizer = FloatQuantizer{},
         .result_type = narrow},
        {.name = "s", .inputs = {"q"}, .op = Softmax{}, .shape = vector}};
    const GraphTypes types{.input = narrow, .weight = wide, .bias = wide, .accumulator = wide, .result = wide};
    const Graph graph = make_graph(model, types);
    CHECK(graph.nodes[0].result == narrow);
    CHECK(std::get<Dense>(graph.nodes[1].op).weights.type == narrow);
    CHECK(std::get<Dense>(graph.nodes[1].op).accumulator.type == wide);
    CHECK(graph.nodes[1].result == wide);
    CHECK(graph.nodes[2].result == narrow);
    CHECK(!std::get<Softmax>(graph.nodes[3].op).exp_table.entries.real.empty());
    CHECK(graph.output == "s");
    model.layers[2].result_type.reset();
    CHECK(error_of([&] {
              (void)make_graph(model, types);
          }).starts_with("layer 'q': its quantiser is no fixed-point type"));
    model.layers.clear();
    CHECK(!error_of([&] { (void)make_graph(model, types); }).empty());
}
