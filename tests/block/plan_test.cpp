// What `bittrue plan` says is what the engine does.
#include "bittrue/emulator/plan.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"

using namespace bittrue;
using namespace bittrue::emulator;

namespace {

Graph example() {
    return load_network(BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml");
}

const LayerPlan& layer_of(const Plan& plan, const std::string& name) {
    for (const LayerPlan& layer : plan.layers)
        if (layer.name == name) return layer;
    throw std::logic_error("no layer " + name);
}

}  // namespace

TEST_CASE("without events the pooling of the example runs fused with its convolution") {
    const Plan plan = plan_of(example(), {.count_events = false});
    CHECK(plan.lanes == 64);
    CHECK(layer_of(plan, "conv2d").runs_with.empty());
    CHECK(layer_of(plan, "conv2d_relu").runs_with == "conv2d");
    CHECK(layer_of(plan, "max_pooling2d").runs_with == "conv2d");
    CHECK(layer_of(plan, "conv2d_relu").lane_type == "-");
    CHECK(layer_of(plan, "dense_relu").runs_with == "dense");
    CHECK(layer_of(plan, "dense_1_softmax").kernel == "lanes int64");
}

TEST_CASE("with events the pooling stands alone, and with kept layers everything does") {
    const Plan counting = plan_of(example(), {.count_events = true});
    CHECK(layer_of(counting, "conv2d_relu").runs_with == "conv2d");
    CHECK(layer_of(counting, "max_pooling2d").runs_with.empty());
    CHECK(layer_of(counting, "conv2d_relu").lane_type == "u8");
    const Plan keeping = plan_of(example(), {.keep_layers = true});
    for (const LayerPlan& layer : keeping.layers) CHECK(layer.runs_with.empty());
}

TEST_CASE("a bounded channel that runs with wrapping or saturating ones is called bounded all the same") {
    for (const Overflow overflow : {Overflow::Wrap, Overflow::Sat}) {
        Graph graph = example();
        std::get<Conv2d>(graph.nodes[0].op).accumulator.type = {.format = {.width = 16, .integer = 2},
                                                                .overflow = overflow};
        validate(graph);
        const LayerPlan conv = plan_of(graph, {.count_events = false}).layers[0];
        REQUIRE(conv.groups.size() == 1);
        CHECK(conv.groups[0].channels == std::vector<int>{0, 1});
        CHECK(conv.groups[0].bounded == std::vector<int>{0});
        CHECK(conv.groups[0].proof == (overflow == Overflow::Wrap ? Proof::Modular : Proof::Ordered));
    }
}

TEST_CASE("every channel of a linear layer is in exactly one group with a kernel") {
    const Graph graph = example();
    for (const Isa isa : available_isas()) {
        const Plan plan = plan_of(graph, {.isa = isa});
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const LayerPlan& layer = plan.layers[i];
            CHECK(layer.name == graph.nodes[i].name);
            if (layer.groups.empty()) continue;
            std::vector<int> seen(static_cast<std::size_t>(graph.nodes[i].shape.channels()));
            for (const ChannelGroup& group : layer.groups) {
                CHECK(!group.kernel.empty());
                for (const int channel : group.channels) ++seen[static_cast<std::size_t>(channel)];
            }
            CHECK(seen == std::vector<int>(seen.size(), 1));
        }
    }
}

TEST_CASE("the memory of a block is at least its largest two tensors that meet and at most all of them") {
    const Plan plan = plan_of(example(), {});
    std::int64_t all = 28 * 28 * 64;
    for (const LayerPlan& layer : plan.layers) all += layer.block_bytes;
    const std::int64_t meeting = 28 * 28 * 64 + layer_of(plan, "conv2d_relu").block_bytes;
    CHECK(plan.block_bytes >= meeting);
    CHECK(plan.block_bytes <= all);
}

TEST_CASE("instruction sets have names that are read back, and others are refused with a list") {
    for (const Isa isa : available_isas()) CHECK(parse_isa(print_isa(isa)) == isa);
    CHECK(available_isas().front() == Isa::Scalar);
    CHECK(available_isas().back() == best_isa());
    CHECK(print_isa(Isa::Avx512) == "avx512");
    CHECK(print_isa(Isa::Avx512Vnni) == "avx512-vnni");
    CHECK_THROWS_WITH(parse_isa("avx1024"), Catch::Contains("no instruction set") && Catch::Contains("scalar"));
}

TEST_CASE("a machine with VNNI also runs AVX-512 without it") {
    const auto& isas = available_isas();
    const auto vnni = std::find(isas.begin(), isas.end(), Isa::Avx512Vnni);
    if (vnni == isas.end()) {
        WARN("SKIPPED: AVX-512 with VNNI absent");
        return;
    }
    CHECK(std::find(isas.begin(), vnni, Isa::Avx512) != vnni);
}

TEST_CASE("L17 to L24: the operations between convolutions run in lanes, a requantisation by another rule does not") {
    const FixedType word{.format = {.width = 8, .integer = 4}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat};
    const FixedType integers{.format = {.width = 16, .integer = 16}};
    Graph graph{.name = "lanes"};
    graph.input = {.shape = make_map(Layout::Hwc, 2, 3, 3), .type = word};
    const auto add = [&](const char* name, std::vector<std::string> inputs, Operation op) {
        graph.nodes.push_back({.name = name, .inputs = std::move(inputs), .op = std::move(op), .result = word});
    };
    const Parameter two{.dims = {2}, .raw = {3, -5}, .type = integers};
    add("affine", {"input"}, Affine{.scale = two});
    add("multiply", {"affine", "affine"}, Multiply{});
    add("concat", {"affine", "multiply"}, Concat{.axis = Axis::Row});
    add("pad", {"concat"}, Pad{.padding = {.top = 1}});
    add("threshold", {"pad"}, Threshold{.thresholds = {.dims = {1, 2}, .raw = {-1, 1}, .type = word}});
    add("exact", {"threshold"}, Requantize{.multiplier = two, .shift = {1, 2}});
    add("float32", {"exact"}, Requantize{.multiplier = two, .shift = {1, 2}, .rule = RequantizeRule::Float32});
    add("transpose", {"float32"}, Transpose{.axes = {1, 0, 2}});
    add("clip", {"transpose"}, Clip{});
    validate(graph);
    const Plan plan = plan_of(graph, {});
    CHECK(layer_of(plan, "affine").kernel == "lanes by channel int32");
    CHECK(layer_of(plan, "multiply").kernel == "lanes int32");
    CHECK(layer_of(plan, "concat").kernel == "lanes moved");
    CHECK(layer_of(plan, "threshold").kernel == "lanes by channel int32");
    CHECK(layer_of(plan, "exact").kernel == "lanes by channel int32");
    CHECK(layer_of(plan, "float32").kernel != "lanes by channel int32");
    CHECK(layer_of(plan, "float32").why_not == "its rule or its rounding before the zero point is no cast");
    CHECK(layer_of(plan, "clip").runs_with == "transpose");
}
