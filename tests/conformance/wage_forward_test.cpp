// The forward pass of a WAGE LeNet-5, tensor by tensor, against an independent program's two training steps.
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"

using namespace bittrue;

namespace {

const std::string kFile = std::string(BITTRUE_SOURCE_DIR) + "/../shared/data/wage/two_steps_lr1.npz";

// {0} is the step's prefix. Result types keep every bit: frac 3 behind the first convolution, 4 behind all others.
constexpr const char* kNetwork = R"(bittrue = 1
name = "wage"
weights = "two_steps_lr1.npz"

[input]
shape = [1, 28, 28]
layout = "chw"
type = "ap_fixed<2,1,AP_RND_CONV,AP_SAT_SYM>"
pixel = {{ divide = 256 }}

[defaults]
quantizer = "sign"
accumulator = "ap_fixed<16,12>"
product = "exact"

[[layer]]
name = "conv1"
op = "conv2d"
weights = "{0}.w1_before"
weights_layout = "oihw"
weight_type = "ap_fixed<2,0>"
bias = false
result = "ap_fixed<16,13>"

[[layer]]
name = "pool1"
op = "max_pool"

[[layer]]
name = "a1"
op = "relu"
result = "ap_ufixed<1,0,AP_RND_CONV,AP_SAT>"

[[layer]]
name = "conv2"
op = "conv2d"
weights = "{0}.w2_before"
weights_layout = "oihw"
weight_type = "ap_fixed<2,-1>"
bias = false
result = "ap_fixed<16,12>"

[[layer]]
name = "pool2"
op = "max_pool"

[[layer]]
name = "a2"
op = "relu"
result = "ap_ufixed<1,0,AP_RND_CONV,AP_SAT>"

[[layer]]
name = "fc1"
op = "dense"
weights = "{0}.w3_before"
weight_type = "ap_fixed<2,-1>"
bias = false
result = "ap_fixed<16,12>"

[[layer]]
name = "a3"
op = "relu"
result = "ap_ufixed<1,0,AP_RND_CONV,AP_SAT>"

[[layer]]
name = "fc2"
op = "dense"
weights = "{0}.w4_before"
weight_type = "ap_fixed<2,-1>"
bias = false
result = "ap_fixed<16,12>"

[[layer]]
name = "a4"
op = "relu"
result = "ap_ufixed<1,0,AP_RND_CONV,AP_SAT>"

[[layer]]
name = "fc3"
op = "dense"
weights = "{0}.w5_before"
weight_type = "ap_fixed<2,-1>"
bias = false
result = "ap_fixed<16,12>"

[[layer]]
name = "out"
op = "clipped_relu"
max = 1.0
result = "ap_ufixed<5,1>"
)";

struct Pair {
    const char* layer;
    const char* array;
};
constexpr Pair kPairs[] = {{"input", "h0_x2"}, {"conv1", "conv1_x8"}, {"a1", "a1_x2"},   {"conv2", "conv2_x16"},
                           {"a2", "a2_x2"},    {"fc1", "fc1_x16"},    {"a3", "a3_x2"},   {"fc2", "fc2_x16"},
                           {"a4", "a4_x2"},    {"fc3", "fc3_x16"},    {"out", "out_x16"}};

const LayerResult& layer_of(const RunResult& run, const std::string& name) {
    for (const LayerResult& layer : run.layers) {
        if (layer.name == name) return layer;
    }
    throw std::logic_error("no layer " + name);
}

}  // namespace

TEST_CASE("G1-G4: every forward tensor of two WAGE training steps is reproduced by both engines") {
    if (!std::filesystem::exists(kFile)) {
        WARN("SKIPPED: the WAGE training steps are absent");
        return;
    }
    for (const std::string step : {"s0", "s1"}) {
        const Graph graph = parse_network(fmt::format(kNetwork, step), kFile + ".toml");
        const InputBatch batch = load_input(kFile + ":" + step + ".images", graph.input);
        REQUIRE(batch.images == 48);
        const RunResult fast = emulator::make_engine(graph)->run(batch, {.keep_layers = true});
        const RunResult exact = golden::make_engine(graph)->run(batch, {.keep_layers = true});
        for (const Pair& pair : kPairs) {
            CAPTURE(step, pair.layer);
            const NpyArray expected = read_npz_array(kFile, step + "." + pair.array);
            CHECK(layer_of(fast, pair.layer).words == expected.integers);
            CHECK(layer_of(exact, pair.layer).words == expected.integers);
        }
    }
}
