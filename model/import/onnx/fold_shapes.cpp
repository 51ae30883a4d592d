#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "import/onnx/fold.hpp"
#include "import/onnx/linear.hpp"
#include "import/onnx/quantized.hpp"

namespace bittrue::onnx_import {

namespace {

std::size_t axis_of(const Node& node, std::int64_t axis, std::size_t rank) {
    const auto n = static_cast<std::int64_t>(rank);
    if (axis < -n || axis >= n) refuse(node, fmt::format("has the axis {} of {} axes", axis, rank));
    return static_cast<std::size_t>(axis < 0 ? axis + n : axis);
}

// A tensor as rows before an axis, the axis, and the numbers behind each of its indices.
struct Split {
    std::size_t before = 1, length = 1, behind = 1;
};
Split split(const Dims& dims, std::size_t axis) {
    Split s;
    for (std::size_t i = 0; i < dims.size(); ++i)
        (i < axis ? s.before : i == axis ? s.length : s.behind) *= static_cast<std::size_t>(dims[i]);
    return s;
}

Constant integers(std::vector<double> values, Dims dims) {
    return {.type = ElementType::Int64, .dims = std::move(dims), .values = std::move(values), .grid = {}, .source = {}};
}

// The same numbers in another shape.
Constant reshaped(Builder& builder, const Node& node, const Constant& c, Dims dims) {
    builder.charge(node, static_cast<std::int64_t>(c.values.size()));
    Constant result = c;
    result.dims = std::move(dims);
    if (c.grid && c.grid->scale.size() > 1) result.grid = nullptr;
    return result;
}

std::vector<std::int64_t> axes_of(Builder& builder, const Node& node, bool& given) {
    given = node.has("axes") || node.has_input(1);
    if (node.has("axes")) return node.integers("axes", {});
    return given ? indices_of(node, *builder.constant(node, 1)) : std::vector<std::int64_t>{};
}

// The indices along an axis of length `length` that a Slice takes.
std::vector<std::size_t> range(const Node& node, std::int64_t length, std::int64_t start, std::int64_t end,
                               std::int64_t step) {
    if (step == 0) refuse(node, "has a step of 0");
    const auto place = [&](std::int64_t i, std::int64_t low, std::int64_t high) {
        return std::clamp(i < 0 ? i + length : i, low, high);
    };
    std::vector<std::size_t> result;
    if (step > 0) {
        const std::int64_t last = place(end, 0, length);
        for (std::int64_t i = place(start, 0, length); i < last; i += std::min(step, length))
            result.push_back(static_cast<std::size_t>(i));
    } else {
        const std::int64_t last = place(end, -1, length - 1);
        for (std::int64_t i = place(start, -1, length - 1); i > last; i += std::max(step, -length))
            result.push_back(static_cast<std::size_t>(i));
    }
    return result;
}

Constant take(Builder& builder, const Node& node, const Constant& c, std::size_t axis,
              const std::vector<std::size_t>& indices) {
    const Split s = split(c.dims, axis);
    Constant result = c;
    result.grid = nullptr;
    result.source.clear();
    result.dims[axis] = static_cast<std::int64_t>(indices.size());
    const std::int64_t count =
        static_cast<std::int64_t>(s.before * s.behind) * static_cast<std::int64_t>(indices.size());
    builder.charge(node, count);
    result.values.clear();
    result.values.reserve(static_cast<std::size_t>(count));
    for (std::size_t b = 0; b < s.before; ++b) {
        for (const std::size_t i : indices) {
            const auto from = c.values.begin() + static_cast<std::ptrdiff_t>((b * s.length + i) * s.behind);
            result.values.insert(result.values.end(), from, from + static_cast<std::ptrdiff_t>(s.behind));
        }
    }
    return result;
}

}  // namespace

std::vector<std::int64_t> indices_of(const Node& node, const Constant& c) {
    constexpr double kMost = 0x1p62;
    std::vector<std::int64_t> result;
    for (const double x : c.values) {
        if (!(std::floor(x) == x)) refuse(node, fmt::format("has {} where it needs an integer", x));
        result.push_back(static_cast<std::int64_t>(std::clamp(x, -kMost, kMost)));
    }
    return result;
}

Constant shape_constant(Builder& builder, const Node& node, const Activation& a) {
    Dims dims = a.dims();
    if (a.images) dims.insert(dims.begin(), builder.batch());
    if (node.op == "Size") return integers({static_cast<double>(element_count(dims))}, {});
    const auto rank = static_cast<std::int64_t>(dims.size());
    const auto range_of = range(node, rank, node.integer("start", 0), node.integer("end", rank), 1);
    std::vector<double> values;
    for (const std::size_t i : range_of) values.push_back(static_cast<double>(dims[i]));
    const auto count = static_cast<std::int64_t>(values.size());
    return integers(std::move(values), {count});
}

Constant fold_shape(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    if (node.op == "Size") return integers({static_cast<double>(c->values.size())}, {});
    const std::vector<double> values(c->dims.begin(), c->dims.end());
    return integers(values, {static_cast<std::int64_t>(values.size())});
}

Constant fold_constant(Builder& /*builder*/, const Node& node) {
    for (const auto& [name, a] : node.attributes) {
        if (name == "value" && a.tensor) {
            Constant result = *a.tensor;
            if (!node.outputs.empty()) result.source = node.outputs[0];
            return result;
        }
        if (name == "value_int" && a.kind == AttributeKind::Int) return integers({static_cast<double>(a.ints[0])}, {});
        if (name == "value_ints" && a.kind == AttributeKind::Ints)
            return integers({a.ints.begin(), a.ints.end()}, {static_cast<std::int64_t>(a.ints.size())});
        Constant reals;
        reals.values = a.floats;
        if (name == "value_float" && a.kind == AttributeKind::Float) return reals;
        reals.dims = {static_cast<std::int64_t>(a.floats.size())};
        if (name == "value_floats" && a.kind == AttributeKind::Floats) return reals;
    }
    refuse(node, "has no numbers as its value; texts and sparse tensors are not supported");
}

Constant fold_identity(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    return reshaped(builder, node, *c, c->dims);
}

Constant fold_gather(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    const ConstantPtr i = builder.constant(node, 1);
    const std::size_t axis = axis_of(node, node.integer("axis", 0), c->dims.size());
    std::vector<std::size_t> indices;
    for (const std::int64_t at : indices_of(node, *i)) {
        if (at < -c->dims[axis] || at >= c->dims[axis])
            refuse(node, fmt::format("has the index {} of {}", at, c->dims[axis]));
        indices.push_back(static_cast<std::size_t>(at < 0 ? at + c->dims[axis] : at));
    }
    Constant result = take(builder, node, *c, axis, indices);
    result.dims.erase(result.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    result.dims.insert(result.dims.begin() + static_cast<std::ptrdiff_t>(axis), i->dims.begin(), i->dims.end());
    return result;
}

Constant fold_slice(Builder& builder, const Node& node) {
    const auto list = [&](const char* attribute, std::size_t input, std::int64_t otherwise, std::size_t count) {
        if (node.has(attribute)) return node.integers(attribute, {});
        if (node.has_input(input)) return indices_of(node, *builder.constant(node, input));
        return std::vector<std::int64_t>(count, otherwise);
    };
    const ConstantPtr c = builder.constant(node, 0);
    const auto starts = list("starts", 1, 0, 0);
    const auto ends = list("ends", 2, 0, 0);
    auto axes = list("axes", 3, -1, starts.size());
    const auto steps = list("steps", 4, 1, starts.size());
    if (!node.has("axes") && !node.has_input(3)) {
        for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<std::int64_t>(i);
    }
    if (starts.empty() || ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        refuse(node, "has starts, ends, axes and steps of different counts");
    Constant result = *c;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::size_t axis = axis_of(node, axes[i], result.dims.size());
        result = take(builder, node, result, axis, range(node, result.dims[axis], starts[i], ends[i], steps[i]));
    }
    return result;
}

Constant fold_concat(Builder& builder, const Node& node) {
    const ConstantPtr first = builder.constant(node, 0);
    const std::size_t axis = axis_of(node, node.integer("axis", 1), first->dims.size());
    Constant result = *first;
    result.grid = nullptr;
    result.source.clear();
    result.values.clear();
    result.dims[axis] = 0;
    std::vector<ConstantPtr> parts;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        parts.push_back(builder.constant(node, i));
        Dims dims = parts.back()->dims;
        if (dims.size() == first->dims.size()) dims[axis] = first->dims[axis];
        if (dims != first->dims) refuse(node, "joins constants of shapes that do not fit");
        result.dims[axis] += parts.back()->dims[axis];
        builder.charge(node, static_cast<std::int64_t>(parts.back()->values.size()));
    }
    const std::size_t before = split(first->dims, axis).before;
    for (std::size_t b = 0; b < before; ++b) {
        for (const ConstantPtr& p : parts) {
            const std::size_t row = p->values.size() / before;
            const auto from = p->values.begin() + static_cast<std::ptrdiff_t>(b * row);
            result.values.insert(result.values.end(), from, from + static_cast<std::ptrdiff_t>(row));
        }
    }
    return result;
}

Constant fold_reshape(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    const auto target = node.has("shape") ? node.integers("shape", {}) : indices_of(node, *builder.constant(node, 1));
    const auto count = static_cast<std::int64_t>(c->values.size());
    Dims dims;
    std::int64_t known = 1;
    std::optional<std::size_t> open;
    for (std::size_t i = 0; i < target.size(); ++i) {
        std::int64_t d = target[i];
        if (d == 0 && node.integer("allowzero", 0) == 0 && i < c->dims.size()) d = c->dims[i];
        if (d == -1 && !open)
            open = i;
        else if (d < 1 || d > std::max<std::int64_t>(count, 1) / known)
            refuse(node, fmt::format("reshapes {} numbers to {}", count, print_dims(target)));
        else
            known *= d;
        dims.push_back(d);
    }
    if (open) dims[*open] = count / known;
    if (element_count(dims) != count) refuse(node, fmt::format("reshapes {} numbers to {}", count, print_dims(target)));
    return reshaped(builder, node, *c, dims);
}

Constant fold_flatten(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    const auto rank = static_cast<std::int64_t>(c->dims.size());
    const std::int64_t axis = node.integer("axis", 1);
    if (axis < -rank || axis > rank) refuse(node, fmt::format("has the axis {} of {} axes", axis, rank));
    const Dims rows(c->dims.begin(), c->dims.begin() + (axis < 0 ? axis + rank : axis));
    const std::int64_t n = element_count(rows);
    return reshaped(builder, node, *c, {n, n == 0 ? 0 : static_cast<std::int64_t>(c->values.size()) / n});
}

Constant fold_squeeze(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    bool given = false;
    std::vector<bool> gone(c->dims.size(), false);
    for (const std::int64_t axis : axes_of(builder, node, given)) gone[axis_of(node, axis, c->dims.size())] = true;
    Dims dims;
    for (std::size_t i = 0; i < c->dims.size(); ++i) {
        if (given && gone[i] && c->dims[i] != 1)
            refuse(node, fmt::format("removes an axis of the length {}", c->dims[i]));
        if (given ? !gone[i] : c->dims[i] != 1) dims.push_back(c->dims[i]);
    }
    return reshaped(builder, node, *c, dims);
}

Constant fold_unsqueeze(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    bool given = false;
    const std::vector<std::int64_t> axes = axes_of(builder, node, given);
    constexpr std::size_t kMostAxes = 16;
    const std::size_t rank = c->dims.size() + axes.size();
    if (rank > kMostAxes) refuse(node, fmt::format("makes a constant of {} axes", rank));
    std::vector<bool> made(rank, false);
    for (const std::int64_t axis : axes) made[axis_of(node, axis, rank)] = true;
    if (static_cast<std::size_t>(std::count(made.begin(), made.end(), true)) != axes.size())
        refuse(node, "names an axis twice");
    Dims dims;
    std::size_t next = 0;
    for (std::size_t i = 0; i < rank; ++i) dims.push_back(made[i] ? 1 : c->dims[next++]);
    return reshaped(builder, node, *c, dims);
}

Constant fold_transpose(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    const std::size_t rank = c->dims.size();
    std::vector<std::size_t> order;
    const auto perm = node.integers("perm", {});
    for (const std::int64_t p : perm) order.push_back(axis_of(node, p, rank));
    if (perm.empty()) {
        for (std::size_t i = rank; i-- > 0;) order.push_back(i);
    }
    std::vector<std::size_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    if (order.size() != rank || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        refuse(node, fmt::format("has a perm that is no order of {} axes", rank));
    Constant result = reshaped(builder, node, *c, {});
    for (const std::size_t axis : order) result.dims.push_back(c->dims[axis]);
    result.values = permuted(c->values, c->dims, order);
    if (c->grid) {
        auto grid = std::make_shared<Grid>(*c->grid);
        grid->integers = permuted(c->grid->integers, c->dims, order);
        grid->axis = static_cast<std::size_t>(std::find(order.begin(), order.end(), c->grid->axis) - order.begin());
        result.grid = std::move(grid);
    }
    return result;
}

Constant fold_constant_of_shape(Builder& builder, const Node& node) {
    const ConstantPtr c = builder.constant(node, 0);
    Constant result;
    double fill = 0;
    if (const auto it = node.attributes.find("value"); it != node.attributes.end() && it->second.tensor) {
        if (it->second.tensor->values.size() != 1) refuse(node, "has a value that is not one number");
        fill = it->second.tensor->values[0];
        result.type = it->second.tensor->type;
    }
    std::int64_t count = 1;
    for (const std::int64_t d : indices_of(node, *c)) {
        if (d < 0 || (d > 0 && count > (std::int64_t{1} << 31) / d))
            refuse(node, "makes a constant of an impossible shape");
        result.dims.push_back(d);
        count *= d;
    }
    builder.charge(node, count);
    result.values.assign(static_cast<std::size_t>(count), fill);
    return result;
}

Folder folder_of(const std::string& op) {
    static const std::map<std::string, Folder> table{{"Constant", fold_constant},
                                                     {"Identity", fold_identity},
                                                     {"Dropout", fold_identity},
                                                     {"Shape", fold_shape},
                                                     {"Size", fold_shape},
                                                     {"Gather", fold_gather},
                                                     {"Slice", fold_slice},
                                                     {"Concat", fold_concat},
                                                     {"Reshape", fold_reshape},
                                                     {"Flatten", fold_flatten},
                                                     {"Squeeze", fold_squeeze},
                                                     {"Unsqueeze", fold_unsqueeze},
                                                     {"Transpose", fold_transpose},
                                                     {"Cast", fold_cast},
                                                     {"ConstantOfShape", fold_constant_of_shape},
                                                     {"Add", fold_binary},
                                                     {"Sub", fold_binary},
                                                     {"Mul", fold_binary},
                                                     {"Div", fold_binary},
                                                     {"Pow", fold_binary},
                                                     {"Neg", fold_unary},
                                                     {"Abs", fold_unary},
                                                     {"Sqrt", fold_unary},
                                                     {"Reciprocal", fold_unary},
                                                     {"Exp", fold_unary},
                                                     {"Log", fold_unary},
                                                     {"Floor", fold_unary},
                                                     {"Ceil", fold_unary},
                                                     {"Round", fold_unary},
                                                     {"Relu", fold_unary},
                                                     {"Sign", fold_unary},
                                                     {"Quant", fold_quant},
                                                     {"BipolarQuant", fold_bipolar_quant},
                                                     {"IntQuant", fold_quant},
                                                     {"QuantizeLinear", fold_quantize_linear},
                                                     {"DequantizeLinear", fold_dequantize_linear}};
    const auto it = table.find(op);
    return it == table.end() ? nullptr : it->second;
}

}  // namespace bittrue::onnx_import
