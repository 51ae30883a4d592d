#include "import/onnx/linear.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"
#include "import/onnx/window.hpp"

namespace bittrue::onnx_import {

namespace {

ConstantPtr bias_of(const Node& node, ConstantPtr bias, std::int64_t outputs) {
    if (!bias) return nullptr;
    const std::int64_t count = element_count(bias->dims);
    if (!bias->dims.empty() && count == bias->dims.back() && count == outputs) return bias;
    if (count != 1)
        refuse(node, fmt::format("has a bias of the shape {}, it has {} outputs", print_dims(bias->dims), outputs));
    auto wide = std::make_shared<Constant>(*bias);
    wide->dims = {outputs};
    wide->values.assign(static_cast<std::size_t>(outputs), bias->values[0]);
    if (bias->grid) {
        auto grid = std::make_shared<Grid>(*bias->grid);
        grid->integers.assign(static_cast<std::size_t>(outputs), bias->grid->integers[0]);
        wide->grid = grid;
    }
    return wide;
}

// A constant with all numbers multiplied; no longer what a quantiser made.
ConstantPtr scaled(const ConstantPtr& c, double factor) {
    if (!c || factor == 1) return c;
    auto result = std::make_shared<Constant>(*c);
    for (double& x : result->values) x *= factor;
    result->grid = nullptr;
    return result;
}

}  // namespace

std::vector<double> permuted(const std::vector<double>& values, const Dims& dims,
                             const std::vector<std::size_t>& order) {
    std::vector<std::size_t> step(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;) step[i - 1] = step[i] * static_cast<std::size_t>(dims[i]);
    std::vector<std::size_t> index(order.size(), 0);
    std::vector<double> result;
    result.reserve(values.size());
    std::size_t at = 0;
    for (std::size_t n = 0; n < values.size(); ++n) {
        result.push_back(values[at]);
        for (std::size_t k = order.size(); k-- > 0;) {
            at += step[order[k]];
            if (++index[k] < static_cast<std::size_t>(dims[order[k]])) break;
            at -= index[k] * step[order[k]];
            index[k] = 0;
        }
    }
    return result;
}

Parameter reals(Dims dims, std::vector<double> values) {
    return {.dims = std::move(dims), .real = std::move(values), .raw = {}, .type = {}};
}

void take_weights(Builder& builder, const Node& node, const Constant& c, const std::vector<std::size_t>& order,
                  Dims dims, Linear& linear) {
    builder.charge(node, element_count(c.dims) * (c.grid ? 2 : 1));
    linear.weights = permuted(c.values, c.dims, order);
    linear.dims = std::move(dims);
    linear.source = c.source;
    if (!c.grid) return;
    linear.scale = c.grid->scale;
    linear.integer_type = c.grid->integer_type;
    const bool one =
        std::all_of(linear.scale.begin(), linear.scale.end(), [&](double s) { return s == linear.scale[0]; });
    if (one) linear.scale.resize(1);
    if (one || c.grid->axis == order.back()) linear.integers = permuted(c.grid->integers, c.dims, order);
}

std::optional<FixedType> type_of_grid(const std::vector<double>& scale, const std::optional<FixedType>& integer_type) {
    constexpr int kMostExponent = 64;
    if (!integer_type) return std::nullopt;
    int exponent = 0;
    for (const double s : scale) {
        if (s != scale[0] || std::frexp(s, &exponent) != 0.5 || std::abs(exponent) > kMostExponent) return std::nullopt;
    }
    FixedType type = *integer_type;
    type.format.integer += exponent - 1;
    return type;
}

Activation append_linear(Builder& builder, const Node& node, const Activation& in, Linear linear) {
    linear.bias = bias_of(node, linear.bias, linear.outputs());
    if (in.content != Content::Reals && !linear.integers.empty()) {
        if (const auto result = append_integer_linear(builder, node, in, linear)) return *result;
    }
    const Activation from = in.content == Content::Reals ? in : as_reals(builder, node, in);
    const auto fill = [&](auto& op) {
        op.weights = reals(linear.dims, std::move(linear.weights));
        if (linear.bias) op.bias = reals({linear.outputs()}, linear.bias->values);
    };
    if (auto* conv = std::get_if<Conv2d>(&linear.op)) fill(*conv);
    if (auto* dense = std::get_if<Dense>(&linear.op)) fill(*dense);
    const Activation result = builder.append(node, std::move(linear.op), {&from});
    FloatLayer& layer = *builder.layer_of(result);
    layer.weights_source = linear.source;
    layer.weight_type = type_of_grid(linear.scale, linear.integer_type);
    layer.stepped_weights = !linear.integers.empty();
    if (linear.bias) {
        layer.bias_source = linear.bias->source;
        if (const auto& grid = linear.bias->grid) layer.bias_type = type_of_grid(grid->scale, grid->integer_type);
    }
    return result;
}

Linear conv_of(Builder& builder, const Node& node, const Activation& in, const Constant& weights) {
    const std::size_t positions = in.axes.size() - 1;
    const Dims& w = weights.dims;
    if (w.size() != positions + 2)
        refuse(node, fmt::format("has weights of {} axes, an input with {} axes of positions needs {}", w.size(),
                                 positions, positions + 2));
    if (element_count(w) == 0) refuse(node, "has no weights");
    const Window2d window = window_of(node, positions, {w.begin() + 2, w.end()});
    Linear linear;
    Conv2d op;
    op.stride = window.stride;
    op.dilation = window.dilation;
    op.padding = padding_of(node, positions, in.shape, window);
    op.groups = small_number(node, "group", node.integer("group", 1));
    if (positions == 1)
        take_weights(builder, node, weights, {2, 1, 0}, {1, w[2], w[1], w[0]}, linear);
    else
        take_weights(builder, node, weights, {2, 3, 1, 0}, {w[2], w[3], w[1], w[0]}, linear);
    linear.op = std::move(op);
    return linear;
}

void convert_conv(Builder& builder, const Node& node) {
    Activation in = need_map(builder, node, builder.stored(node, 0));
    Linear linear = conv_of(builder, node, in, *builder.constant(node, 1));
    linear.bias = builder.optional_constant(node, 2);
    // A frame of zeros in front, which nobody else reads, is padding.
    if (FloatLayer* from = builder.private_layer_of(in); from != nullptr && in.content == Content::Reals) {
        if (const auto* pad = std::get_if<Pad>(&from->op)) {
            Padding& p = std::get<Conv2d>(linear.op).padding;
            p = {.top = p.top + pad->padding.top,
                 .bottom = p.bottom + pad->padding.bottom,
                 .left = p.left + pad->padding.left,
                 .right = p.right + pad->padding.right};
            builder.note(fmt::format("{} (Pad) is merged into the convolution behind it", from->name));
            builder.bypass(in);
        }
    }
    builder.set(node, append_linear(builder, node, in, std::move(linear)));
}

Linear matmul_of(Builder& builder, const Node& node, Activation& in, const Constant& weights) {
    const Dims& w = weights.dims;
    if (w.size() != 2 || element_count(w) == 0)
        refuse(node,
               fmt::format("has weights of the shape {}; a matrix of inputs x outputs is supported", print_dims(w)));
    Linear linear;
    if (in.axes.size() == 1) {
        linear.op = Dense{};
        take_weights(builder, node, weights, {0, 1}, w, linear);
    } else {
        in = need_channel(builder, node, in, in.axes.size() - 1);
        linear.op = Conv2d{};
        take_weights(builder, node, weights, {0, 1}, {1, 1, w[0], w[1]}, linear);
    }
    return linear;
}

void convert_matmul(Builder& builder, const Node& node) {
    if (builder.is_constant(node, 0))
        refuse(node, "has the constant in front of the activation; transpose both so that the weights come second");
    Activation in = builder.stored(node, 0);
    Linear linear = matmul_of(builder, node, in, *builder.constant(node, 1));
    builder.set(node, append_linear(builder, node, in, std::move(linear)));
}

void convert_gemm(Builder& builder, const Node& node) {
    if (node.integer("transA", 0) != 0)
        refuse(node, "transposes its input (transA), which mixes images; export it with transA = 0");
    const Activation in = builder.stored(node, 0);
    if (in.axes.size() != 1) refuse(node, "needs a vector for every image; put a Flatten in front");
    const ConstantPtr weights = scaled(builder.constant(node, 1), node.real("alpha", 1));
    const Dims& w = weights->dims;
    if (w.size() != 2 || element_count(w) == 0)
        refuse(node, fmt::format("has weights of the shape {}, which is no matrix", print_dims(w)));
    Linear linear;
    linear.op = Dense{};
    if (node.integer("transB", 0) != 0)
        take_weights(builder, node, *weights, {1, 0}, {w[1], w[0]}, linear);
    else
        take_weights(builder, node, *weights, {0, 1}, w, linear);
    linear.bias = scaled(builder.optional_constant(node, 2), node.real("beta", 1));
    builder.set(node, append_linear(builder, node, in, std::move(linear)));
}

}  // namespace bittrue::onnx_import
