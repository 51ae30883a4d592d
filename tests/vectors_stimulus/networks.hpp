// Networks of the stimulus tests.
#pragma once

#include <optional>
#include <string>

#include "exhaustive/random.hpp"
#include "vectors_stimulus/build.hpp"

namespace bittrue::testing {

inline const std::string kExamples = BITTRUE_SOURCE_DIR "/examples/";
inline const std::string kCnn = kExamples + "mnist-cnn/mnist_cnn_8bit.toml";

// As hls4ml would build it by default: 16 bits that truncate and wrap, every product cast to the accumulator.
inline const std::string kHls4mlStyle = R"(bittrue = 1
name = "hls4ml"
weights = "seed_cnn_mnist.h5"

[input]
name = "input"
shape = [28, 28, 1]
type = "ap_fixed<16,6>"
pixel = { divide = 255, precision = "float32" }

[defaults]
weight_type = "ap_fixed<16,6>"
accumulator = "ap_fixed<16,6>"
product = "accumulator"
result = "ap_fixed<16,6>"

[[layer]]
name = "conv"
op = "conv2d"
weights = "conv2d/kernel"
bias = "conv2d/bias"
padding = "same"

[[layer]]
name = "relu"
op = "relu"

[[layer]]
name = "average"
op = "average_pool"
pool = 2

[[layer]]
name = "mix"
op = "conv2d"
weights = { raw = [1, 500, -32768, 32767], shape = [1, 1, 2, 2] }
bias = false

[[layer]]
name = "pool"
op = "max_pool"
pool = 2
padding = [1, 0, 0, 1]
pad_rule = "msb"

[[layer]]
name = "narrow"
op = "quantize"
result = "ap_fixed<8,3,AP_RND,AP_SAT>"

[[layer]]
name = "back"
op = "conv2d"
weights = "conv2d/kernel"
weights_layout = "hwoi"
bias = false
schedule = "interleave:6"
result = "ap_fixed<12,4,AP_RND_CONV,AP_SAT>"

[[layer]]
name = "sigmoid"
op = "sigmoid"
table_size = 64

[[layer]]
name = "flat"
op = "flatten"
order = "chw"
)";

// 20 inputs, 3 outputs; the accumulator has fewer fraction bits than the products and overflows both ways, so that
// every quantisation of the schedule matters. Nothing for a schedule that does not exist (A3).
inline std::optional<Graph> dense_in_schedule(const std::string& schedule, QuantizeAt quantize, BiasPosition bias) {
    Random random(9);
    Words weights, biases;
    for (int i = 0; i < 60; ++i) weights.push_back(random.integer(-128, 127));
    weights[7] = -128;
    weights[8] = 1;
    for (int i = 0; i < 3; ++i) biases.push_back(random.integer(-128, 127));
    Dense op{.weights = words({20, 3}, weights, fixed(8, 1)), .bias = words({3}, biases, fixed(8, 2))};
    op.accumulator.type = fixed(12, 4, Rounding::RndConv, Overflow::Sat);
    op.accumulator.quantize = quantize;
    op.accumulator.bias = bias;
    parse_schedule(schedule, op.accumulator);
    op.accumulator.quantize = quantize;
    if (!reason_invalid(op.accumulator).empty()) return std::nullopt;
    return one_layer(vector_of(20), fixed(8, 2), op, fixed(6, 3, Rounding::Rnd, Overflow::Sat));
}

}  // namespace bittrue::testing
