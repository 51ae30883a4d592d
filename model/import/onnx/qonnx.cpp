// The quantisers of QONNX (Brevitas, QKeras by way of qonnx).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "import/onnx/converters.hpp"
#include "import/onnx/layout.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

constexpr int kMostBits = 32;

struct IntQuant {
    int bits = 8;
    bool is_signed = true;
    bool narrow = false;
    QuantizerRounding rounding = QuantizerRounding::HalfEven;
    [[nodiscard]] bool bipolar() const { return bits == 1 && is_signed; }
    [[nodiscard]] double low() const { return is_signed ? -std::ldexp(1.0, bits - 1) + (narrow ? 1 : 0) : 0.0; }
    [[nodiscard]] double high() const {
        return is_signed ? std::ldexp(1.0, bits - 1) - 1 : std::ldexp(1.0, bits) - 1 - (narrow ? 1 : 0);
    }
};

QuantizerRounding rounding_of(const Node& node, const char* otherwise) {
    std::string mode = node.text("rounding_mode", otherwise);
    std::transform(mode.begin(), mode.end(), mode.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (mode == "ROUND" || mode == "HALF_EVEN") return QuantizerRounding::HalfEven;
    if (mode == "HALF_UP") return QuantizerRounding::HalfUp;
    if (mode == "HALF_DOWN") return QuantizerRounding::HalfDown;
    if (mode == "UP") return QuantizerRounding::Up;
    if (mode == "DOWN") return QuantizerRounding::Down;
    if (mode == "CEIL") return QuantizerRounding::Ceil;
    if (mode == "FLOOR") return QuantizerRounding::Floor;
    refuse(
        node,
        fmt::format(
            "has the rounding_mode '{}'; ROUND, HALF_EVEN, HALF_UP, HALF_DOWN, UP, DOWN, CEIL and FLOOR are possible",
            mode));
}

// The rounding of a fixed-point type that does the same.
std::optional<Rounding> fixed_rounding(QuantizerRounding r) {
    switch (r) {
        case QuantizerRounding::HalfEven: return Rounding::RndConv;
        case QuantizerRounding::HalfUp: return Rounding::RndInf;
        case QuantizerRounding::HalfDown: return Rounding::RndZero;
        case QuantizerRounding::Down: return Rounding::TrnZero;
        case QuantizerRounding::Floor: return Rounding::Trn;
        case QuantizerRounding::Up:
        case QuantizerRounding::Ceil: return std::nullopt;
    }
    return std::nullopt;
}

int bits_of(Builder& builder, const Node& node, std::size_t i) {
    const double bits = single(node, *builder.constant(node, i), "bit width");
    if (bits != std::floor(bits) || bits < 1 || bits > kMostBits)
        refuse(node, fmt::format("has the bit width {}; whole numbers from 1 to {} are supported", bits, kMostBits));
    return static_cast<int>(bits);
}

IntQuant int_quant_of(Builder& builder, const Node& node) {
    IntQuant q;
    q.bits = bits_of(builder, node, 3);
    q.is_signed = node.integer("signed", 1) != 0;
    q.narrow = node.integer("narrow", 0) != 0;
    q.rounding = rounding_of(node, "ROUND");
    if (!(q.low() < q.high()) && !q.bipolar()) refuse(node, "has a single level; give it another bit");
    return q;
}

// The type of the integers, where one has the same ends.
std::optional<FixedType> type_of(const IntQuant& q) {
    if (q.bipolar()) return std::nullopt;
    if (q.narrow && !q.is_signed) return std::nullopt;
    const auto rounding = fixed_rounding(q.rounding);
    if (!rounding) return std::nullopt;
    FixedType type = integer_type(q.bits, q.is_signed);
    type.rounding = *rounding;
    if (q.narrow) type.overflow = Overflow::SatSym;
    return type;
}

double rounded(double x, QuantizerRounding r) {
    const double whole = std::trunc(x);
    const double rest = std::abs(x - whole);
    const double away = whole + std::copysign(1.0, x);
    switch (r) {
        case QuantizerRounding::HalfEven: return std::nearbyint(x);
        case QuantizerRounding::HalfUp: return rest >= 0.5 ? away : whole;
        case QuantizerRounding::HalfDown: return rest > 0.5 ? away : whole;
        case QuantizerRounding::Up: return rest > 0 ? away : whole;
        case QuantizerRounding::Down: return whole;
        case QuantizerRounding::Ceil: return std::ceil(x);
        case QuantizerRounding::Floor: return std::floor(x);
    }
    return x;
}

void check_scales(const Node& node, const std::vector<double>& scales) {
    for (const double s : scales) static_cast<void>(positive_scale(node, s));
}

// A constant's number beside each element of another one, by numpy's rules.
struct Beside {
    const Constant& c;
    const Dims& dims;
    Beside(const Node& node, const Constant& constant, const Dims& of) : c(constant), dims(of) {
        const std::size_t shift = dims.size() - std::min(dims.size(), c.dims.size());
        bool fits = c.dims.size() <= dims.size() && !c.values.empty();
        for (std::size_t i = 0; fits && i < c.dims.size(); ++i) fits = c.dims[i] == 1 || c.dims[i] == dims[i + shift];
        if (!fits && c.values.size() != 1)
            refuse(node, fmt::format("has the shape {} beside a constant of {}", print_dims(c.dims), print_dims(dims)));
    }
    [[nodiscard]] double of(std::size_t i) const {
        if (c.values.size() == 1) return c.values[0];
        std::size_t at = 0;
        std::size_t step = 1;
        for (std::size_t k = c.dims.size(); k-- > 0;) {
            const auto length = static_cast<std::size_t>(dims[k + dims.size() - c.dims.size()]);
            if (c.dims[k] > 1) at += i % length * step;
            i /= length;
            step *= static_cast<std::size_t>(c.dims[k]);
        }
        return c.values[at];
    }
};

// Integers and numbers of a quantised constant; a grid where its scale differs along one axis at most.
Constant on_grid(Builder& builder, const Node& node, const Constant& c, const Constant& scale,
                 double (*integer)(const Node&, double, double, const IntQuant&), const Constant* zero,
                 const IntQuant& q, const std::optional<FixedType>& type) {
    builder.charge(node, 2 * static_cast<std::int64_t>(c.values.size()));
    check_scales(node, scale.values);
    static const Constant none{.type = ElementType::Real, .dims = {}, .values = {0.0}, .grid = {}, .source = {}};
    const Beside scales(node, scale, c.dims);
    const Beside zeros(node, zero == nullptr ? none : *zero, c.dims);
    auto grid = std::make_shared<Grid>();
    Constant result;
    result.dims = c.dims;
    bool has_zero = false;
    for (std::size_t i = 0; i < c.values.size(); ++i) {
        const double z = zeros.of(i);
        has_zero = has_zero || z != 0;
        grid->integers.push_back(integer(node, c.values[i] / scales.of(i) + z, z, q));
        result.values.push_back(grid->integers.back() * scales.of(i));
    }
    std::size_t axes = 0;
    for (std::size_t i = 0; i < scale.dims.size(); ++i) {
        if (scale.dims[i] == 1) continue;
        grid->axis = i + c.dims.size() - scale.dims.size();
        ++axes;
    }
    grid->scale = scale.values;
    if (!has_zero) grid->integer_type = type;
    if (axes <= 1) result.grid = std::move(grid);
    return result;
}

double quantised(const Node& node, double y, double zero, const IntQuant& q) {
    if (std::isnan(y) || std::isnan(zero)) refuse(node, "quantises a number that is none");
    if (q.bipolar()) return y >= 0 ? 1 : -1;
    return rounded(std::clamp(y, q.low(), q.high()), q.rounding) - zero;
}

// Appends a quantiser whose scale and zero point are inputs 1 and 2.
Activation append_quantizer(Builder& builder, const Node& node, FloatQuantizer quantizer,
                            std::optional<FixedType> type) {
    Activation a = builder.activation(node, 0);
    quantizer.scale = per_channel(builder, node, a, *builder.constant(node, 1));
    check_scales(node, quantizer.scale);
    quantizer.zero_point = {0.0};
    if (!quantizer.bipolar) quantizer.zero_point = per_channel(builder, node, a, *builder.constant(node, 2));
    for (const double z : quantizer.zero_point) {
        if (!std::isfinite(z)) refuse(node, "has a zero point that is no number");
        if (z != 0) type = std::nullopt;
    }
    const std::size_t count = std::max(quantizer.scale.size(), quantizer.zero_point.size());
    quantizer.scale.resize(count, quantizer.scale[0]);
    quantizer.zero_point.resize(count, quantizer.zero_point[0]);
    const Activation result = builder.append(node, Quantize{}, {&a});
    FloatLayer& layer = *builder.layer_of(result);
    layer.result_type = type_of_grid(quantizer.scale, type);
    layer.quantizer = std::move(quantizer);
    return result;
}

}  // namespace

void convert_quant(Builder& builder, const Node& node) {
    const IntQuant q = int_quant_of(builder, node);
    FloatQuantizer quantizer;
    quantizer.low = q.low();
    quantizer.high = q.high();
    quantizer.rounding = q.rounding;
    quantizer.bipolar = q.bipolar();
    builder.set(node, append_quantizer(builder, node, std::move(quantizer), type_of(q)));
}

void convert_bipolar_quant(Builder& builder, const Node& node) {
    FloatQuantizer quantizer;
    quantizer.low = -1;
    quantizer.high = 1;
    quantizer.bipolar = true;
    builder.set(node, append_quantizer(builder, node, std::move(quantizer), std::nullopt));
}

Constant fold_quant(Builder& builder, const Node& node) {
    const IntQuant q = int_quant_of(builder, node);
    std::optional<FixedType> type = q.bipolar() ? std::optional(integer_type(2, true)) : type_of(q);
    if (type) type->rounding = Rounding::RndConv;  // the numbers are on the grid already
    return on_grid(builder, node, *builder.constant(node, 0), *builder.constant(node, 1), quantised,
                   builder.constant(node, 2).get(), q, type);
}

Constant fold_bipolar_quant(Builder& builder, const Node& node) {
    const IntQuant q{.bits = 1, .is_signed = true, .narrow = false, .rounding = QuantizerRounding::HalfEven};
    return on_grid(builder, node, *builder.constant(node, 0), *builder.constant(node, 1), quantised, nullptr, q,
                   integer_type(2, true));
}

// Of old: x, scale, zero_point, bits before, bits behind; the scale stays. Since version 2: x, scale, zero_point, bits
// before, scale behind, bits behind; clamped.
void convert_trunc(Builder& builder, const Node& node) {
    const bool second = node.has_input(5);
    FloatQuantizer quantizer;
    quantizer.rounding = rounding_of(node, "FLOOR");
    const double scale = positive_scale(node, single(node, *builder.constant(node, 1), "scale"));
    const double zero = single(node, *builder.constant(node, 2), "zero point");
    if (second) {
        const double behind = positive_scale(node, single(node, *builder.constant(node, 4), "output scale"));
        quantizer.truncate = std::exp2(std::nearbyint(std::log2(behind / scale)));
        IntQuant q{.bits = bits_of(builder, node, 5),
                   .is_signed = node.integer("signed", 1) != 0,
                   .narrow = node.integer("narrow", 0) != 0};
        quantizer.low = q.low();
        quantizer.high = q.high();
        if (behind != scale * quantizer.truncate)
            refuse(node, "has an output scale that is no power of two times its input scale");
    } else {
        const int dropped = bits_of(builder, node, 3) - bits_of(builder, node, 4);
        quantizer.truncate = std::ldexp(1.0, dropped);
        quantizer.low = -0x1p62;
        quantizer.high = 0x1p62;
    }
    const double factor = quantizer.truncate;
    const Activation a = append_quantizer(builder, node, std::move(quantizer), std::nullopt);
    if (second || factor == 1) return builder.set(node, a);
    // The old one's number is (q - zero) * scale, the layer's (q - zero / factor) * (scale * factor).
    Affine op{.scale = reals({1}, {1 / factor}), .bias = {}};
    if (zero != 0) op.bias = reals({1}, {(zero / factor - zero) * scale});
    builder.set(node, builder.append(node, std::move(op), {&a}));
}

void convert_multi_threshold(Builder& builder, const Node& node) {
    Activation a = builder.activation(node, 0);
    const std::string layout = node.text("data_layout", "NCHW");
    a = need_channel(builder, node, a, layout == "NHWC" || layout == "NWC" ? a.axes.size() - 1 : 0);
    const ConstantPtr t = builder.constant(node, 1);
    if (t->dims.size() != 2)
        refuse(node,
               fmt::format("has thresholds of the shape {}; channels x thresholds are needed", print_dims(t->dims)));
    builder.charge(node, static_cast<std::int64_t>(t->values.size()));
    Threshold op;
    op.thresholds = reals(t->dims, t->values);
    op.scale = node.real("out_scale", 1);
    op.bias = node.real("out_bias", 0);
    const double low = op.bias;
    const double high = op.bias + op.scale * static_cast<double>(t->dims[1]);
    const Activation result = builder.append(node, std::move(op), {&a});
    // INT4, UINT2, ...: where all levels are integers of it.
    const std::string type = node.text("out_dtype", "");
    for (int bits = 1; bits <= kMostBits; ++bits) {
        const bool is_signed = type == fmt::format("INT{}", bits);
        if (!is_signed && type != fmt::format("UINT{}", bits)) continue;
        const FixedType fixed = integer_type(bits, is_signed);
        const bool holds = node.real("out_scale", 1) == std::floor(node.real("out_scale", 1)) &&
                           low == std::floor(low) &&
                           std::min(low, high) >= static_cast<double>(raw_min(fixed.format)) &&
                           std::max(low, high) <= static_cast<double>(raw_max(fixed.format));
        if (holds) builder.layer_of(result)->result_type = fixed;
    }
    builder.set(node, result);
}

}  // namespace bittrue::onnx_import
