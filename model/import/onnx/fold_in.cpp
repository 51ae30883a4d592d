// Constants and normalisations behind a layer: merged into it where nobody else reads it, else an affine layer.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/layout.hpp"
#include "import/onnx/linear.hpp"

namespace bittrue::onnx_import {

namespace {

void combine(std::vector<double>& into, const std::vector<double>& numbers, bool product) {
    if (into.size() < numbers.size()) into.assign(numbers.size(), into[0]);
    for (std::size_t i = 0; i < into.size(); ++i) {
        const double x = numbers.size() == 1 ? numbers[0] : numbers[i];
        into[i] = product ? into[i] * x : into[i] + x;
    }
}

void combine(Parameter& into, const std::vector<double>& numbers, bool product) {
    combine(into.real, numbers, product);
    into.dims = {static_cast<std::int64_t>(into.real.size())};
}

// The channel axis of `a` must be that of the layer's own result: true unless ONNX sees it along another axis.
bool add_to_bias(FloatLayer& layer, const std::vector<double>& numbers, const Constant* source) {
    const auto add = [&](std::optional<Parameter>& bias, std::int64_t outputs) {
        const bool first = !bias;
        if (first) bias = reals({outputs}, std::vector<double>(static_cast<std::size_t>(outputs), 0.0));
        combine(*bias, numbers, false);
        layer.bias_type.reset();
        layer.bias_source = first && source != nullptr ? source->source : "";
        if (first && source != nullptr && source->grid)
            layer.bias_type = type_of_grid(source->grid->scale, source->grid->integer_type);
        return true;
    };
    if (auto* conv = std::get_if<Conv2d>(&layer.op)) return add(conv->bias, layer.shape.channels());
    if (auto* dense = std::get_if<Dense>(&layer.op)) return add(dense->bias, layer.shape.channels());
    if (auto* affine = std::get_if<Affine>(&layer.op)) {
        if (!affine->bias) affine->bias = reals({1}, {0.0});
        combine(*affine->bias, numbers, false);
        return true;
    }
    return false;
}

bool all_are(const std::vector<double>& numbers, double x) {
    return std::all_of(numbers.begin(), numbers.end(), [&](double n) { return n == x; });
}

Parameter numbers_of(const std::vector<double>& numbers) {
    return reals({static_cast<std::int64_t>(numbers.size())}, numbers);
}

std::vector<double> channel_numbers(Builder& builder, const Node& node, std::size_t i, std::int64_t channels) {
    const ConstantPtr c = builder.constant(node, i);
    if (element_count(c->dims) != channels)
        refuse(node, fmt::format("has {} numbers in '{}', its input has {} channels", element_count(c->dims),
                                 node.inputs[i], channels));
    return c->values;
}

}  // namespace

Activation add_numbers(Builder& builder, const Node& node, const Activation& a, const std::vector<double>& numbers,
                       const Constant* source) {
    if (all_are(numbers, 0)) return a;
    builder.charge(node, static_cast<std::int64_t>(numbers.size()));
    if (FloatLayer* layer = builder.private_layer_of(a); layer != nullptr && add_to_bias(*layer, numbers, source))
        return a;
    return builder.append(node, Affine{.scale = reals({1}, {1.0}), .bias = numbers_of(numbers)}, {&a});
}

Activation multiply_numbers(Builder& builder, const Node& node, const Activation& a,
                            const std::vector<double>& numbers) {
    if (all_are(numbers, 1)) return a;
    builder.charge(node, static_cast<std::int64_t>(numbers.size()));
    FloatLayer* layer = builder.private_layer_of(a);
    if (auto* affine = layer == nullptr ? nullptr : std::get_if<Affine>(&layer->op)) {
        combine(affine->scale, numbers, true);
        if (affine->bias) combine(*affine->bias, numbers, true);
        return a;
    }
    return builder.append(node, Affine{.scale = numbers_of(numbers), .bias = {}}, {&a});
}

void convert_batch_norm(Builder& builder, const Node& node) {
    if (node.integer("training_mode", 0) != 0) refuse(node, "is in training mode; export the model for inference");
    if (builder.opset() < 9 && node.integer("spatial", 1) == 0)
        refuse(node, "normalises every position on its own (spatial = 0); one number for each channel is supported");
    Activation a = builder.activation(node, 0);
    a = need_channel(builder, node, a, 0);
    const std::int64_t channels = a.shape.channels();
    BatchNorm norm{.gamma = channel_numbers(builder, node, 1, channels),
                   .beta = channel_numbers(builder, node, 2, channels),
                   .mean = channel_numbers(builder, node, 3, channels),
                   .variance = channel_numbers(builder, node, 4, channels),
                   .epsilon = node.real("epsilon", 1e-5)};
    builder.charge(node, 4 * channels);
    FloatLayer* layer = builder.private_layer_of(a);
    const auto fold = [&](auto& op) {
        RealTensor weights{.dims = op.weights.dims, .values = std::move(op.weights.real)};
        RealTensor bias;
        if (op.bias) bias = {.dims = op.bias->dims, .values = op.bias->real};
        fold_batch_norm(node.where, norm, weights, bias);
        op.weights.real = std::move(weights.values);
        op.bias = reals(bias.dims, std::move(bias.values));
        layer->bias_type.reset();
        layer->weights_source.clear();
        layer->bias_source.clear();
        builder.note(fmt::format("{} is folded into {}",
                                 node.name.empty() ? "a BatchNormalization" : node.name + " (BatchNormalization)",
                                 layer->name));
        builder.set(node, a);
    };
    // Weights of a quantiser stay what they are.
    if (layer != nullptr && !layer->weight_type && !layer->stepped_weights) {
        if (auto* conv = std::get_if<Conv2d>(&layer->op)) return fold(*conv);
        if (auto* dense = std::get_if<Dense>(&layer->op)) return fold(*dense);
    }
    RealTensor scale{.dims = {1, channels}, .values = std::vector<double>(static_cast<std::size_t>(channels), 1.0)};
    RealTensor bias;
    fold_batch_norm(node.where, norm, scale, bias);
    const Activation scaled = multiply_numbers(builder, node, a, scale.values);
    Activation mine = scaled;
    mine.shared = false;
    builder.set(node, add_numbers(builder, node, mine, bias.values));
}

}  // namespace bittrue::onnx_import
