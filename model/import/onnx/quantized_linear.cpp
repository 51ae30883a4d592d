// Layers of integers, and the change of scale between them.
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

constexpr double kSameScale = 1e-5;  // relative: scales are products in single precision

float as_single(double x) {
    return static_cast<float>(x);
}

// The bias in units of the products' scale; nothing when it is between two integers.
std::optional<std::vector<double>> bias_integers(const Constant& bias, const std::vector<double>& scale) {
    std::vector<double> result;
    const auto of = [](const std::vector<double>& numbers, std::size_t i) {
        return numbers.size() == 1 ? numbers[0] : numbers[i];
    };
    for (std::size_t i = 0; i < bias.values.size(); ++i) {
        const double unit = of(scale, i);
        if (bias.grid && (bias.grid->scale.size() == 1 || bias.grid->scale.size() == bias.values.size()) &&
            std::abs(of(bias.grid->scale, i) / unit - 1) <= kSameScale) {
            result.push_back(bias.grid->integers[i]);
            continue;
        }
        const double whole = std::nearbyint(bias.values[i] / unit);
        if (whole * unit != bias.values[i] || std::abs(whole) > 0x1p31) return std::nullopt;
        result.push_back(whole);
    }
    return result;
}

Requantize by_one(double zero_point) {
    Requantize op;
    op.multiplier = {.dims = {1}, .real = {}, .raw = {1}, .type = integer_type(2, true)};
    op.shift = {0};
    op.zero_point = static_cast<std::int64_t>(zero_point);
    return op;
}

// Weights as integers times their scale; `axis` is that of the outputs.
Constant weights_of(Builder& builder, const Node& node, std::size_t w, std::size_t zero, const ConstantPtr& scale,
                    std::int64_t axis) {
    static const Constant one{.type = ElementType::Real, .dims = {}, .values = {1.0}, .grid = {}, .source = {}};
    const ConstantPtr zero_point = builder.optional_constant(node, zero);
    return dequantized(builder, node, *builder.constant(node, w), scale ? *scale : one, zero_point.get(), axis);
}

// A DequantizeLinear per output whose scales differ only in the zero points would lose its axis: one scale, many zeros.
ConstantPtr wide_scale(const ConstantPtr& scale, const ConstantPtr& zero) {
    const std::size_t count = zero ? zero->values.size() : 1;
    if (count <= 1 || (scale && scale->values.size() > 1)) return scale;
    auto wide = std::make_shared<Constant>();
    wide->dims = {static_cast<std::int64_t>(count)};
    wide->values.assign(count, scale ? scale->values.at(0) : 1.0);
    return wide;
}

double zero_point_of(Builder& builder, const Node& node, std::size_t i) {
    const ConstantPtr zero = builder.optional_constant(node, i);
    return zero ? checked_zero(node, single(node, *zero, "zero point"), zero->type) : 0;
}

// y_scale and y_zero_point of QLinearConv and QLinearMatMul.
Quantization result_of(Builder& builder, const Node& node, std::size_t scale, std::size_t zero) {
    Quantization q;
    q.node = &node;
    q.scale = {positive_scale(node, single(node, *builder.constant(node, scale), "scale"))};
    const ConstantPtr z = builder.constant(node, zero);
    need_small_integers(node, z->type);
    q.zero_point = checked_zero(node, single(node, *z, "zero point"), z->type);
    q.type = z->type;
    return q;
}

Activation need(const Node& node, std::optional<Activation> result) {
    if (!result) refuse(node, "has a bias that is no multiple of its input's scale times its weights' scale");
    return *result;
}

Linear linear_of(Builder& builder, const Node& node, Activation& in, const Constant& weights, bool conv) {
    if (!conv) return matmul_of(builder, node, in, weights);
    in = need_map(builder, node, in);
    return conv_of(builder, node, in, weights);
}

void convert_qlinear(Builder& builder, const Node& node, bool conv) {
    const double x_scale = positive_scale(node, single(node, *builder.constant(node, 1), "scale"));
    Activation in = dequantized(builder, node, builder.stored(node, 0), x_scale, zero_point_of(builder, node, 2));
    const ConstantPtr scale = wide_scale(builder.constant(node, 4), builder.optional_constant(node, 5));
    const Constant weights = weights_of(builder, node, 3, 5, scale, conv ? 0 : 1);
    Linear linear = linear_of(builder, node, in, weights, conv);
    if (linear.integers.empty()) refuse(node, "has weights whose scale differs along another axis than the outputs");
    if (const ConstantPtr bias = conv ? builder.optional_constant(node, 8) : nullptr) {
        auto product = std::make_shared<Constant>(*scale);
        for (double& s : product->values) s = as_single(as_single(x_scale) * as_single(s));
        if (product->values.size() > 1 && product->values.size() != bias->values.size())
            refuse(node, "has a bias of another length than its outputs");
        linear.bias = std::make_shared<const Constant>(dequantized(builder, node, *bias, *product, nullptr, 0));
    }
    if (linear.bias && static_cast<std::int64_t>(linear.bias->values.size()) != linear.outputs())
        refuse(node, "has a bias of another length than its outputs");
    const Activation sums = need(node, append_integer_linear(builder, node, in, linear));
    builder.set(node, requantized(builder, node, sums, result_of(builder, node, 6, 7), true));
}

void convert_integer(Builder& builder, const Node& node, bool conv) {
    Activation in = dequantized(builder, node, builder.stored(node, 0), 1.0, zero_point_of(builder, node, 2));
    const ConstantPtr scale = wide_scale(nullptr, builder.optional_constant(node, 3));
    const Constant weights = weights_of(builder, node, 1, 3, scale, conv ? 0 : 1);
    const Linear linear = linear_of(builder, node, in, weights, conv);
    Activation sums = need(node, append_integer_linear(builder, node, in, linear));
    sums.content = Content::Integers;
    builder.set(node, sums);
}

}  // namespace

Activation centred(Builder& builder, const Node& node, const Activation& a) {
    Quantization& q = *a.quantization;
    if (q.zero_point == 0) return a;
    Activation result = a;
    if (q.centred.empty()) {
        const int width = integer_type(q.type).format.width + 1;
        if (width > 64) refuse(node, "has a zero point beside integers of 64 bits");
        result = builder.append(node, by_one(-q.zero_point), {&a}, "centred");
        builder.layer_of(result)->result_type = integer_type(width, true);
        q.centred = result.tensor;
    }
    result.tensor = q.centred;
    result.axes = a.axes;
    result.content = Content::Integers;
    result.quantization = std::make_shared<Quantization>(q);
    result.quantization->zero_point = 0;
    result.quantization->numbers.clear();
    return result;
}

std::optional<Activation> append_integer_linear(Builder& builder, const Node& node, const Activation& in,
                                                const Linear& linear) {
    if (in.content != Content::Dequantized || in.quantization->scale.size() != 1) return std::nullopt;
    auto sums = std::make_shared<Quantization>();
    sums->type = ElementType::Int32;
    sums->node = &node;
    sums->scale.clear();
    for (const double s : linear.scale)
        sums->scale.push_back(as_single(as_single(in.quantization->scale[0]) * as_single(s)));
    std::optional<std::vector<double>> bias;
    if (linear.bias) {
        bias = bias_integers(*linear.bias, sums->scale);
        if (!bias) return std::nullopt;
    }
    const Activation x = centred(builder, node, integers_of(builder, node, in));
    Operation op = linear.op;
    const auto fill = [&](auto& layer) {
        layer.weights = reals(linear.dims, linear.integers);
        if (bias) layer.bias = reals({linear.outputs()}, *bias);
        layer.accumulator.type = integer_type(ElementType::Int32);
    };
    if (auto* conv = std::get_if<Conv2d>(&op)) fill(*conv);
    if (auto* dense = std::get_if<Dense>(&op)) fill(*dense);
    Activation result = builder.append(node, std::move(op), {&x});
    FloatLayer& layer = *builder.layer_of(result);
    layer.weights_source = linear.source;
    layer.weight_type = linear.integer_type;
    layer.result_type = integer_type(ElementType::Int32);
    if (bias) layer.bias_type = integer_type(ElementType::Int32);
    result.content = Content::Dequantized;
    result.quantization = std::move(sums);
    return result;
}

Activation requantized(Builder& builder, const Node& node, const Activation& a, Quantization to,
                       bool zero_point_first) {
    constexpr int kSingleBits = 24;
    constexpr int kMostShift = 62;
    const Activation x = centred(builder, node, integers_of(builder, node, a));
    const std::vector<double>& from = a.quantization->scale;
    const std::size_t count = std::max(from.size(), to.scale.size());
    Requantize op;
    op.rule = RequantizeRule::Float32;
    op.multiplier = {
        .dims = {static_cast<std::int64_t>(count)}, .real = {}, .raw = {}, .type = integer_type(kSingleBits + 1, true)};
    for (std::size_t i = 0; i < count; ++i) {
        const float f = as_single(from.size() == 1 ? from[0] : from[i]) /
                        as_single(to.scale.size() == 1 ? to.scale[0] : to.scale[i]);
        int exponent = 0;
        auto m = static_cast<std::int64_t>(std::ldexp(std::frexp(static_cast<double>(f), &exponent), kSingleBits));
        int shift = kSingleBits - exponent;
        for (; m != 0 && m % 2 == 0; m /= 2) --shift;
        if (m == 0 || !std::isfinite(f) || shift > kMostShift || shift < -kMostShift)
            refuse(node, fmt::format("changes the scale by {}, which is out of range", f));
        op.multiplier.raw.push_back(m);
        op.shift.push_back(shift);
    }
    op.zero_point = static_cast<std::int64_t>(to.zero_point);
    op.zero_point_first = zero_point_first && to.zero_point != 0;
    Activation result = builder.append(node, std::move(op), {&x}, zero_point_first ? "requantized" : "");
    builder.layer_of(result)->result_type = integer_type(to.type);
    result.axes = a.axes;
    result.content = Content::Integers;
    to.pending = false;
    result.quantization = std::make_shared<Quantization>(std::move(to));
    return result;
}

void convert_qlinear_conv(Builder& builder, const Node& node) {
    convert_qlinear(builder, node, true);
}

void convert_qlinear_matmul(Builder& builder, const Node& node) {
    convert_qlinear(builder, node, false);
}

void convert_conv_integer(Builder& builder, const Node& node) {
    convert_integer(builder, node, true);
}

void convert_matmul_integer(Builder& builder, const Node& node) {
    convert_integer(builder, node, false);
}

}  // namespace bittrue::onnx_import
