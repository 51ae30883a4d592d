#include <cmath>

#include <fmt/format.h>

#include "import/onnx/fold.hpp"

namespace bittrue::onnx_import {

namespace {

double computed(const Node& node, bool integer, double a, double b) {
    if (node.op == "Add") return a + b;
    if (node.op == "Sub") return a - b;
    if (node.op == "Mul") return a * b;
    if (node.op == "Pow") return integer ? std::trunc(std::pow(a, b)) : std::pow(a, b);
    if (integer && b == 0) refuse(node, "divides an integer by zero");
    return integer ? std::trunc(a / b) : a / b;
}

double computed(const Node& node, double x) {
    if (node.op == "Neg") return -x;
    if (node.op == "Abs") return std::abs(x);
    if (node.op == "Sqrt") return std::sqrt(x);
    if (node.op == "Reciprocal") return 1 / x;
    if (node.op == "Exp") return std::exp(x);
    if (node.op == "Log") return std::log(x);
    if (node.op == "Floor") return std::floor(x);
    if (node.op == "Ceil") return std::ceil(x);
    if (node.op == "Round") return std::nearbyint(x);
    if (node.op == "Relu") return x > 0 ? x : 0;
    return x > 0 ? 1 : x < 0 ? -1 : 0;  // Sign
}

struct Range {
    double low, high;
};
Range range_of(ElementType type) {
    switch (type) {
        case ElementType::Int8: return {-128, 127};
        case ElementType::UInt8: return {0, 255};
        case ElementType::Int16: return {-32768, 32767};
        case ElementType::UInt16: return {0, 65535};
        case ElementType::Int32: return {-0x1p31, 0x1p31 - 1};
        case ElementType::UInt32: return {0, 0x1p32 - 1};
        case ElementType::Int64: return {-0x1p63, 0x1p63};
        case ElementType::UInt64: return {0, 0x1p64};
        case ElementType::Bool: return {0, 1};
        case ElementType::Real: return {-HUGE_VAL, HUGE_VAL};
    }
    return {0, 0};
}

}  // namespace

ElementType cast_target(const Node& node) {
    const auto it = node.attributes.find("to");
    if (it != node.attributes.end() && it->second.kind == AttributeKind::Text) {  // before opset 6
        const std::string& name = it->second.text;
        if (name == "FLOAT" || name == "DOUBLE" || name == "FLOAT16") return ElementType::Real;
        if (name == "INT32") return ElementType::Int32;
        if (name == "INT64") return ElementType::Int64;
    }
    switch (node.integer("to", 0)) {  // TensorProto.DataType
        case 1:
        case 10:
        case 11:
        case 16: return ElementType::Real;
        case 2: return ElementType::UInt8;
        case 3: return ElementType::Int8;
        case 4: return ElementType::UInt16;
        case 5: return ElementType::Int16;
        case 6: return ElementType::Int32;
        case 7: return ElementType::Int64;
        case 9: return ElementType::Bool;
        case 12: return ElementType::UInt32;
        case 13: return ElementType::UInt64;
        default: break;
    }
    refuse(node, "casts to a type that is neither real nor an integer of 8 to 64 bits");
}

Constant fold_cast(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    builder.charge(node, static_cast<std::int64_t>(c->values.size()));
    Constant result = *c;
    result.type = cast_target(node);
    if (result.type == ElementType::Real) return result;
    const auto [low, high] = range_of(result.type);
    for (double& x : result.values) {
        const double whole = result.type == ElementType::Bool ? (x != 0 ? 1.0 : 0.0) : std::trunc(x);
        if (!(whole >= low && whole <= high))
            refuse(node, fmt::format("casts {} to an integer type that does not hold it", x));
        if (whole != x) result.grid = nullptr;
        x = whole;
    }
    return result;
}

Constant fold_unary(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    builder.charge(node, static_cast<std::int64_t>(c->values.size()));
    Constant result = *c;
    result.grid = nullptr;
    result.source.clear();
    for (double& x : result.values) x = computed(node, x);
    return result;
}

// By numpy's rules: axes of length 1 are repeated.
Constant fold_binary(Builder& builder, const Node& node) {
    const ConstantPtr a = builder.constant(node, 0);
    const ConstantPtr b = builder.constant(node, 1);
    const std::size_t rank = std::max(a->dims.size(), b->dims.size());
    const auto length = [&](const Constant& c, std::size_t i) {
        return i + c.dims.size() < rank ? std::int64_t{1} : c.dims[i + c.dims.size() - rank];
    };
    Constant result;
    result.type = a->type;
    std::int64_t count = 1;
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t x = length(*a, i);
        const std::int64_t y = length(*b, i);
        if (x != y && x != 1 && y != 1)
            refuse(node,
                   fmt::format("combines constants of the shapes {} and {}", print_dims(a->dims), print_dims(b->dims)));
        result.dims.push_back(x == 1 ? y : x);
        count *= result.dims.back();
        builder.check(node, count);
    }
    builder.charge(node, count);
    result.values.reserve(static_cast<std::size_t>(count));
    const bool integer = is_integer(a->type) && is_integer(b->type);
    for (std::int64_t k = 0; k < count; ++k) {
        std::int64_t rest = k;
        std::int64_t at_a = 0;
        std::int64_t at_b = 0;
        std::int64_t step_a = 1;
        std::int64_t step_b = 1;
        for (std::size_t i = rank; i-- > 0;) {
            const std::int64_t index = rest % result.dims[i];
            rest /= result.dims[i];
            if (length(*a, i) > 1) at_a += index * step_a;
            if (length(*b, i) > 1) at_b += index * step_b;
            step_a *= length(*a, i);
            step_b *= length(*b, i);
        }
        result.values.push_back(computed(node, integer, a->values[static_cast<std::size_t>(at_a)],
                                         b->values[static_cast<std::size_t>(at_b)]));
    }
    return result;
}

}  // namespace bittrue::onnx_import
