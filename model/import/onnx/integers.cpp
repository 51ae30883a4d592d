// From numbers to integers and back, each layer made when it is needed.
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

// The quantiser of a QuantizeLinear. ONNX adds the zero point behind the rounding: the same as none and shifted ends.
FloatQuantizer quantizer_of(const Quantization& q, std::vector<double> scale) {
    const Format f = integer_type(q.type).format;
    FloatQuantizer quantizer;
    quantizer.zero_point.assign(scale.size(), 0.0);
    quantizer.scale = std::move(scale);
    quantizer.low = static_cast<double>(raw_min(f)) - q.zero_point;
    quantizer.high = static_cast<double>(raw_max(f)) - q.zero_point;
    return quantizer;
}

Activation reals_of(const Activation& a) {
    Activation result = a;
    result.content = Content::Reals;
    result.quantization = nullptr;
    return result;
}

std::vector<double> inverse(const std::vector<double>& numbers) {
    std::vector<double> result;
    for (const double x : numbers) result.push_back(1 / x);
    return result;
}

Parameter numbers_of(const std::vector<double>& numbers) {
    return reals({static_cast<std::int64_t>(numbers.size())}, numbers);
}

}  // namespace

FixedType integer_type(int bits, bool is_signed) {
    return {.format = {.width = bits, .integer = bits, .is_signed = is_signed},
            .rounding = Rounding::RndConv,
            .overflow = Overflow::Sat,
            .saturated_bits = 0,
            .dialect = Dialect::Ap};
}

FixedType integer_type(ElementType type) {
    switch (type) {
        case ElementType::Int8: return integer_type(8, true);
        case ElementType::UInt8: return integer_type(8, false);
        case ElementType::Int16: return integer_type(16, true);
        case ElementType::UInt16: return integer_type(16, false);
        case ElementType::Real:
        case ElementType::Int32: return integer_type(32, true);
        case ElementType::UInt32: return integer_type(32, false);
        case ElementType::Int64: return integer_type(64, true);
        case ElementType::UInt64: return integer_type(64, false);
        case ElementType::Bool: return integer_type(1, false);
    }
    return {};
}

void keep_integers(Builder& builder, const Activation& from, Activation& result) {
    result.content = from.content;
    if (!from.quantization) return;
    result.quantization = std::make_shared<Quantization>(*from.quantization);
    result.quantization->integers.clear();
    result.quantization->numbers.clear();
    result.quantization->centred.clear();
    const FloatLayer* layer = builder.layer_of(from);
    if (from.quantization->pending || layer == nullptr) return;
    builder.layer_of(result)->result_type = layer->result_type;
}

Activation integers_as_reals(Builder& builder, const Node& node, const Activation& a) {
    return reals_of(integers_of(builder, node, a));
}

Activation as_reals(Builder& builder, const Node& node, const Activation& a) {
    if (a.content == Content::Reals) return a;
    if (a.content == Content::Integers) return integers_as_reals(builder, node, a);
    Quantization& q = *a.quantization;
    Activation result = reals_of(a);
    if (!q.numbers.empty()) {
        result.tensor = q.numbers;
        return result;
    }
    const Activation from = result;
    if (q.pending) {
        result = builder.append(*q.node, Quantize{}, {&from});
        FloatLayer& layer = *builder.layer_of(result);
        layer.quantizer = quantizer_of(q, q.scale);
        if (q.zero_point == 0) layer.result_type = type_of_grid(q.scale, integer_type(q.type));
    } else {
        std::vector<double> bias = q.scale;
        for (double& x : bias) x *= -q.zero_point;
        Affine op{.scale = numbers_of(q.scale), .bias = {}};
        if (q.zero_point != 0) op.bias = numbers_of(bias);
        result = builder.append(node, std::move(op), {&from}, "dequantized");
    }
    result.axes = a.axes;
    result.shared = a.shared;
    q.numbers = result.tensor;
    return result;
}

Activation integers_of(Builder& builder, const Node& node, const Activation& a) {
    if (!a.quantization)
        refuse(node, "needs integers, but its input holds real numbers; put a QuantizeLinear in front");
    Quantization& q = *a.quantization;
    Activation result = a;
    result.content = Content::Integers;
    if (!q.pending) return result;
    if (q.integers.empty()) {
        Activation x = reals_of(a);
        if (q.scale != std::vector<double>{1.0})
            x = builder.append(*q.node, Affine{.scale = numbers_of(inverse(q.scale)), .bias = {}}, {&x}, "scaled");
        x = builder.append(*q.node, Quantize{}, {&x}, q.zero_point == 0 ? "" : "rounded");
        FloatLayer& layer = *builder.layer_of(x);
        layer.quantizer = quantizer_of(q, {1.0});
        const FixedType type = integer_type(q.type);
        layer.result_type = q.zero_point == 0 ? type : integer_type(type.format.width + 1, true);
        if (q.zero_point != 0) {
            Requantize op;
            op.multiplier = {.dims = {1}, .real = {}, .raw = {1}, .type = integer_type(2, true)};
            op.shift = {0};
            op.zero_point = static_cast<std::int64_t>(q.zero_point);
            x = builder.append(*q.node, std::move(op), {&x});
            builder.layer_of(x)->result_type = type;
        }
        q.integers = x.tensor;
    }
    result.tensor = q.integers;
    // From here on the integers are what is there.
    result.quantization = std::make_shared<Quantization>(q);
    result.quantization->pending = false;
    result.quantization->numbers.clear();
    return result;
}

}  // namespace bittrue::onnx_import
