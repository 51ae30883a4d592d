// QuantizeLinear and DequantizeLinear.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

// All zero points of an activation are one: a type has one zero.
double zero_of(const Node& node, const Constant* zero) {
    if (zero == nullptr) return 0;
    if (zero->values.empty()) refuse(node, "has an empty zero point");
    for (const double z : zero->values) {
        if (z != zero->values[0])
            refuse(node, "has zero points that differ from channel to channel; one for all is supported");
    }
    return checked_zero(node, zero->values[0], zero->type);
}

// Scale and zero point of inputs 1 and 2. Several scales belong to the channels: `a` becomes a view in which they do.
Quantization quantization_of(Builder& builder, const Node& node, Activation& a, ElementType otherwise) {
    Quantization q;
    const ConstantPtr scale = builder.constant(node, 1);
    const ConstantPtr zero = builder.optional_constant(node, 2);
    q.type = zero ? zero->type : otherwise;
    q.zero_point = zero_of(node, zero.get());
    q.scale = scale->values;
    q.node = &node;
    if (q.scale.empty()) refuse(node, "has no scale");
    for (const double s : q.scale) static_cast<void>(positive_scale(node, s));
    if (std::all_of(q.scale.begin(), q.scale.end(), [&](double s) { return s == q.scale[0]; })) q.scale.resize(1);
    if (q.scale.size() > 1) {
        a = need_channel(builder, node, a, axis_index(node, a, node.integer("axis", 1)));
        if (static_cast<std::int64_t>(q.scale.size()) != a.shape.channels())
            refuse(node, fmt::format("has {} scales for {} channels", q.scale.size(), a.shape.channels()));
    }
    return q;
}

bool same_meaning(const Quantization& a, const Quantization& b) {
    return a.scale == b.scale && a.zero_point == b.zero_point && a.type == b.type;
}

// Numbers of a constant's axis: of index i the (i / step % count)-th; one number serves all.
struct Along {
    std::size_t step = 1;
    std::size_t count = 1;
    [[nodiscard]] double of(const std::vector<double>& numbers, std::size_t i) const {
        return numbers.size() == 1 ? numbers[0] : numbers[i / step % count];
    }
};

Along along(const Node& node, const Constant& c, const Constant& scale, const Constant* zero, std::int64_t axis,
            std::size_t& index) {
    const auto rank = static_cast<std::int64_t>(c.dims.size());
    Along result;
    index = 0;
    if (scale.values.empty() ||
        (zero != nullptr && zero->values.size() != scale.values.size() && zero->values.size() != 1))
        refuse(node, "has scales and zero points of different counts");
    if (scale.values.size() == 1) return result;
    if (axis < -rank || axis >= rank) refuse(node, fmt::format("has the axis {} of {} axes", axis, rank));
    index = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    if (c.dims[index] != static_cast<std::int64_t>(scale.values.size()))
        refuse(node, fmt::format("has {} scales along an axis of the length {}", scale.values.size(), c.dims[index]));
    result.count = scale.values.size();
    for (std::size_t i = index + 1; i < c.dims.size(); ++i) result.step *= static_cast<std::size_t>(c.dims[i]);
    return result;
}

}  // namespace

double positive_scale(const Node& node, double scale) {
    if (!std::isfinite(scale) || scale <= 0) refuse(node, fmt::format("has the scale {}; scales are positive", scale));
    return scale;
}

void need_small_integers(const Node& node, ElementType type) {
    const bool small = type == ElementType::Int8 || type == ElementType::UInt8 || type == ElementType::Int16 ||
                       type == ElementType::UInt16;
    if (!small) refuse(node, "quantises to a type other than integers of 8 or 16 bits");
}

double checked_zero(const Node& node, double zero, ElementType type) {
    const Format f = integer_type(type).format;
    if (!(zero == std::floor(zero) && zero >= static_cast<double>(raw_min(f)) &&
          zero <= static_cast<double>(raw_max(f))))
        refuse(node, fmt::format("has the zero point {}, which its integers cannot be", zero));
    return zero;
}

double single(const Node& node, const Constant& c, const char* what) {
    if (c.values.size() != 1)
        refuse(node, fmt::format("has {} numbers as its {}; one is supported", c.values.size(), what));
    return c.values[0];
}

void convert_quantize_linear(Builder& builder, const Node& node) {
    Activation a = builder.stored(node, 0);
    Quantization q = quantization_of(builder, node, a, ElementType::UInt8);
    need_small_integers(node, q.type);
    if (a.content == Content::Dequantized) {
        if (same_meaning(q, *a.quantization)) {
            a.content = Content::Integers;
            return builder.set(node, a);
        }
        return builder.set(node, requantized(builder, node, a, q, false));
    }
    if (a.content == Content::Integers) a = integers_as_reals(builder, node, a);
    q.pending = true;
    a.content = Content::Integers;
    a.quantization = std::make_shared<Quantization>(std::move(q));
    builder.set(node, a);
}

void convert_dequantize_linear(Builder& builder, const Node& node) {
    Activation a = builder.stored(node, 0);
    if (a.content == Content::Dequantized) refuse(node, "dequantises numbers that are dequantised already");
    Quantization q = quantization_of(builder, node, a, a.quantization ? a.quantization->type : ElementType::Int32);
    if (a.content == Content::Reals || !same_meaning(q, *a.quantization)) {
        if (a.content == Content::Integers) a = integers_of(builder, node, a);
        a.quantization = std::make_shared<Quantization>(std::move(q));
    }
    a.content = Content::Dequantized;
    builder.set(node, a);
}

Activation dequantized(Builder& builder, const Node& node, const Activation& a, double scale, double zero_point) {
    Activation result = a;
    if (a.content == Content::Integers) {
        result = integers_of(builder, node, a);
        const ElementType type = result.quantization->type;
        const bool same =
            result.quantization->scale == std::vector<double>{scale} && result.quantization->zero_point == zero_point;
        if (!same) {
            result.quantization = std::make_shared<Quantization>();
            result.quantization->scale = {scale};
            result.quantization->zero_point = zero_point;
            result.quantization->type = type;
            result.quantization->node = &node;
        }
        result.content = Content::Dequantized;
        return result;
    }
    refuse(node, "needs integers as its input; put a QuantizeLinear in front");
}

Constant dequantized(Builder& builder, const Node& node, const Constant& c, const Constant& scale, const Constant* zero,
                     std::int64_t axis) {
    if (!is_integer(c.type)) refuse(node, "dequantises a constant of real numbers");
    auto grid = std::make_shared<Grid>();
    const Along along_axis = along(node, c, scale, zero, axis, grid->axis);
    for (const double s : scale.values) static_cast<void>(positive_scale(node, s));
    builder.charge(node, 2 * static_cast<std::int64_t>(c.values.size()));
    Constant result;
    result.dims = c.dims;
    result.source = c.source;
    grid->scale = scale.values;
    double most_zero = 0;
    for (std::size_t i = 0; i < c.values.size(); ++i) {
        const double z = zero == nullptr            ? 0
                         : zero->values.size() == 1 ? zero->values[0]
                                                    : along_axis.of(zero->values, i);
        most_zero = std::max(most_zero, std::abs(checked_zero(node, z, c.type)));
        grid->integers.push_back(c.values[i] - z);
        result.values.push_back(grid->integers.back() * along_axis.of(scale.values, i));
    }
    const FixedType type = integer_type(c.type);
    grid->integer_type = most_zero == 0 ? type : integer_type(std::min(type.format.width + 1, 64), true);
    result.grid = std::move(grid);
    return result;
}

Constant fold_dequantize_linear(Builder& builder, const Node& node) {
    const ConstantPtr zero = builder.optional_constant(node, 2);
    return dequantized(builder, node, *builder.constant(node, 0), *builder.constant(node, 1), zero.get(),
                       node.integer("axis", 1));
}

Constant fold_quantize_linear(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    const ConstantPtr scale = builder.constant(node, 1);
    const ConstantPtr zero = builder.optional_constant(node, 2);
    std::size_t index = 0;
    const Along along_axis = along(node, *c, *scale, zero.get(), node.integer("axis", 1), index);
    for (const double s : scale->values) static_cast<void>(positive_scale(node, s));
    builder.charge(node, static_cast<std::int64_t>(c->values.size()));
    Constant result;
    result.type = zero ? zero->type : ElementType::UInt8;
    need_small_integers(node, result.type);
    const Format f = integer_type(result.type).format;
    result.dims = c->dims;
    for (std::size_t i = 0; i < c->values.size(); ++i) {
        const double z = !zero ? 0 : zero->values.size() == 1 ? zero->values[0] : along_axis.of(zero->values, i);
        // In single precision, half to even, and the zero point behind the rounding.
        const float quotient = static_cast<float>(c->values[i]) / static_cast<float>(along_axis.of(scale->values, i));
        if (std::isnan(quotient)) refuse(node, "quantises a number that is none");
        result.values.push_back(std::clamp(static_cast<double>(std::nearbyint(quotient)) + z,
                                           static_cast<double>(raw_min(f)), static_cast<double>(raw_max(f))));
    }
    return result;
}

}  // namespace bittrue::onnx_import
