// layer/<op>: each operation once, in 8-bit words, one thread.
#include "bittrue/model/tables.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

const FixedType kWord{.format = {.width = 8, .integer = 3}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat};
const FixedType kWeight{.format = {.width = 8, .integer = 1}};
const FixedType kSum{.format = {.width = 18, .integer = 8}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat};
const AccumulatorSpec kAccumulator{.type = kSum};

const Shape kMap = make_map(Layout::Hwc, 8, 16, 16);
const Shape kVector{.layout = Layout::Vector, .dims = {256}};

void add(const std::string& name, const Shape& shape, Operation op, bool second_input = false,
         const FixedType& input = kWord) {
    const Graph graph = network_of(shape, input, std::move(op), kWord, second_input);
    const InputBatch batch = random_batch(graph, 32, 5);
    benchmark::RegisterBenchmark(("layer/" + name).c_str(), [=](benchmark::State& state) {
        time_engine(state, Which::Emulator, graph, batch, 4, 1);
    })->Unit(benchmark::kMicrosecond);
}

Conv2d convolution(int kernel, int groups, int pad) {
    return {.weights = random_parameter({kernel, kernel, 8 / groups, 8}, kWeight, 7),
            .accumulator = kAccumulator,
            .groups = groups,
            .padding = {.top = pad, .bottom = pad, .left = pad, .right = pad}};
}

Softmax softmax(SoftmaxKind kind) {
    const FixedType table{.format = {.width = 18, .integer = 8}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat};
    Softmax op{.kind = kind, .accumulator = table, .inv_input = table, .difference = kWord};
    switch (kind) {
        case SoftmaxKind::Stable:
            op.exp_table = stable_exp_table(256, table, op.difference.format);
            op.inv_table = inverse_table(1024, table, op.inv_input.format);
            break;
        case SoftmaxKind::Latency:
            op.exp_table = latency_exp_table(256, table, kWord.format);
            op.inv_table = inverse_table(1024, table, op.inv_input.format);
            break;
        case SoftmaxKind::Legacy:
            op.exp_table = legacy_exp_table(1024, table);
            op.inv_table = legacy_inverse_table(1024, table);
            break;
        case SoftmaxKind::Argmax: break;
    }
    return op;
}

Threshold thresholds(int n) {
    Threshold op{.thresholds = {.dims = {1, n}, .type = kWord}};
    for (int i = 0; i < n; ++i) op.thresholds.raw.push_back(8 * (i - n / 2));
    return op;
}

Requantize requantize(RequantizeRule rule) {
    const FixedType integers{.format = {.width = 32, .integer = 32}};
    return {.multiplier = {.dims = {1}, .raw = {11863283}, .type = integers}, .shift = {24}, .rule = rule};
}

}  // namespace

void register_layers() {
    add("quantize", kMap, Quantize{});
    add("dense/256x64", kVector,
        Dense{.weights = random_parameter({256, 64}, kWeight, 7), .accumulator = kAccumulator});
    add("conv2d/3x3/8x8", kMap, convolution(3, 1, 0));
    add("conv2d/3x3/8x8/padded", kMap, convolution(3, 1, 1));
    add("conv2d/3x3/depthwise8", kMap, convolution(3, 8, 0));
    add("conv2d/1x1/8x8", kMap, convolution(1, 1, 0));
    add("max_pool/2x2", kMap, MaxPool{});
    add("average_pool/2x2", kMap, AveragePool{.accumulator = kSum});
    add("relu", kMap, Relu{});
    add("clipped_relu", kMap, ClippedRelu{.max = 1});
    add("leaky_relu", kMap, LeakyRelu{.alpha = random_parameter({1}, kWeight, 9)});
    add("flatten", kMap, Flatten{});
    add("flatten/transposed", kMap, Flatten{.order = Layout::Chw});
    add("reshape", kVector, Reshape{.shape = make_map(Layout::Chw, 4, 8, 8)});
    add("add", kMap, Add{}, true);
    add("lookup/sigmoid1024", kMap, Lookup{.table = sigmoid_table(1024, kSum)});
    add("lookup/tanh1024", kMap, Lookup{.table = tanh_table(1024, kSum), .span = 8});
    add("affine", kMap,
        Affine{.scale = random_parameter({8}, kWeight, 11), .bias = random_parameter({8}, kWeight, 12)});
    add("multiply", kMap, Multiply{}, true);
    add("concat", kMap, Concat{}, true);
    add("transpose", kMap, Transpose{.axes = {2, 0, 1}, .layout = Layout::Chw});
    add("pad", kMap, Pad{.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1}});
    add("clip", kMap, Clip{.min = -0.5, .max = 1});
    add("threshold/15", kMap, thresholds(15));
    for (const auto& [name, rule] :
         {std::pair{"exact", RequantizeRule::Exact}, std::pair{"tflite_double", RequantizeRule::TfliteDouble},
          std::pair{"float32", RequantizeRule::Float32}})
        add(std::string("requantize/") + name, kMap, requantize(rule));
    const Shape ten{.layout = Layout::Vector, .dims = {10}};
    add("softmax/stable/10", ten, softmax(SoftmaxKind::Stable));
    add("softmax/latency/10", ten, softmax(SoftmaxKind::Latency));
    add("softmax/legacy/10", ten, softmax(SoftmaxKind::Legacy));
    add("softmax/argmax/10", ten, softmax(SoftmaxKind::Argmax));
}

}  // namespace bench
