#include <algorithm>
#include <cfloat>
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/converters.hpp"
#include "import/onnx/layout.hpp"
#include "import/onnx/linear.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

double scalar(const Node& node, const ConstantPtr& c, double otherwise) {
    if (!c) return otherwise;
    if (c->values.size() != 1) refuse(node, "has a bound that is not one number");
    return c->values[0];
}

Operation leaky(const Node& node, double alpha) {
    if (!std::isfinite(alpha)) refuse(node, fmt::format("has the slope {}", alpha));
    return LeakyRelu{.alpha = reals({1}, {alpha})};
}

void append_lookup(Builder& builder, const Node& node, const char* origin, int span) {
    const Activation a = builder.activation(node, 0);
    Lookup op;
    op.table.origin = origin;
    op.span = span;
    builder.set(node, builder.append(node, std::move(op), {&a}));
}

}  // namespace

void convert_relu(Builder& builder, const Node& node) {
    const Activation a = builder.stored(node, 0);
    // Sums of products in integers have no zero point, so that their sign is that of the number.
    if (a.content == Content::Dequantized && !a.quantization->pending && a.quantization->zero_point == 0) {
        Activation result = builder.append(node, Relu{}, {&a});
        keep_integers(builder, a, result);
        return builder.set(node, std::move(result));
    }
    const Activation x = builder.activation(node, 0);
    builder.set(node, builder.append(node, Relu{}, {&x}));
}

void convert_leaky_relu(Builder& builder, const Node& node) {
    const Activation a = builder.activation(node, 0);
    builder.set(node, builder.append(node, leaky(node, node.real("alpha", 0.01)), {&a}));
}

void convert_prelu(Builder& builder, const Node& node) {
    const Activation a = builder.activation(node, 0);
    const ConstantPtr slope = builder.constant(node, 1);
    const auto& s = slope->values;
    if (s.empty() || std::any_of(s.begin(), s.end(), [&](double x) { return x != s[0]; }))
        refuse(node, "has a slope for each channel; bittrue's leaky_relu has one for all");
    builder.set(node, builder.append(node, leaky(node, s[0]), {&a}));
}

void convert_clip(Builder& builder, const Node& node) {
    const Activation a = builder.activation(node, 0);
    const bool attributes = builder.opset() < 11;
    const double low =
        attributes ? node.real("min", -FLT_MAX) : scalar(node, builder.optional_constant(node, 1), -FLT_MAX);
    const double high =
        attributes ? node.real("max", FLT_MAX) : scalar(node, builder.optional_constant(node, 2), FLT_MAX);
    if (std::isnan(low) || std::isnan(high) || low > high)
        refuse(node, fmt::format("clips to {} .. {}, which is no range", low, high));
    const bool no_low = low <= -FLT_MAX;
    const bool no_high = high >= FLT_MAX;
    if (no_low && no_high) return builder.set(node, a);
    Operation op = Clip{.min = no_low ? -FLT_MAX : low, .max = no_high ? FLT_MAX : high};
    if (low == 0 && no_high) op = Relu{};
    if (low == 0 && !no_high) op = ClippedRelu{.max = high};
    builder.set(node, builder.append(node, std::move(op), {&a}));
}

void convert_sigmoid(Builder& builder, const Node& node) {
    append_lookup(builder, node, "sigmoid", 16);
}

void convert_tanh(Builder& builder, const Node& node) {
    append_lookup(builder, node, "tanh", 8);
}

void convert_hard_sigmoid(Builder& builder, const Node& node) {
    const double alpha = node.real("alpha", 0.2);
    const double beta = node.real("beta", 0.5);
    if (!std::isfinite(alpha) || !std::isfinite(beta)) refuse(node, "has an alpha or beta that is not finite");
    const Activation a = builder.activation(node, 0);
    const Activation line =
        builder.append(node, Affine{.scale = reals({1}, {alpha}), .bias = reals({1}, {beta})}, {&a}, "line");
    builder.set(node, builder.append(node, Clip{.min = 0, .max = 1}, {&line}));
}

void convert_softmax(Builder& builder, const Node& node) {
    const Activation a = builder.activation(node, 0);
    const std::size_t index = axis_index(node, a, node.integer("axis", builder.opset() < 13 ? 1 : -1));
    // All other axes must have length 1; before opset 13 those behind are taken together with it.
    const Dims dims = a.dims();
    std::int64_t others = 1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        const bool taken = i == index || (builder.opset() < 13 && i > index);
        if (!taken) others *= dims[i];
    }
    if (others != 1)
        refuse(node,
               "works at every position of a map; bittrue's softmax takes one vector for each image, so put a Flatten "
               "in front");
    const Activation vector = a.axes.size() == 1 ? a : to_vector(builder, node, a, "flatten");
    const Activation result = builder.append(node, Softmax{}, {&vector});
    builder.set(node, reshape(builder, node, result, dims));
}

}  // namespace bittrue::onnx_import
