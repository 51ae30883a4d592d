#include <cmath>

#include <fmt/format.h>

#include "import/onnx/converters.hpp"
#include "import/onnx/layout.hpp"
#include "import/onnx/linear.hpp"

namespace bittrue::onnx_import {

namespace {

// Before opset 7 the second input had to be of the same shape, or to be placed by attributes.
std::optional<std::int64_t> legacy_axis(const Builder& builder, const Node& node, const Activation& a,
                                        const Constant& c) {
    if (builder.opset() >= 7 || node.integer("broadcast", 0) == 0 || !node.has("axis")) return std::nullopt;
    const auto behind = static_cast<std::int64_t>(a.onnx_rank()) - static_cast<std::int64_t>(c.dims.size());
    return node.integer("axis", behind);
}

// The numbers of input `i`, a constant, beside the activation `a`.
std::vector<double> numbers_beside(Builder& builder, const Node& node, Activation& a, std::size_t i) {
    const ConstantPtr c = builder.constant(node, i);
    std::vector<double> numbers = per_channel(builder, node, a, *c, legacy_axis(builder, node, a, *c));
    for (const double x : numbers) {
        if (!std::isfinite(x))
            refuse(node,
                   fmt::format("has the constant {} in '{}'; only finite numbers are possible", x, node.inputs[i]));
    }
    return numbers;
}

void need_two(const Node& node) {
    if (node.inputs.size() != 2) refuse(node, fmt::format("has {} inputs, two are needed", node.inputs.size()));
}

// Which of the two inputs is constant; both are not, that is folded before.
std::optional<std::size_t> constant_input(const Builder& builder, const Node& node) {
    need_two(node);
    if (builder.is_constant(node, 1)) return 1;
    if (builder.is_constant(node, 0)) return 0;
    return std::nullopt;
}

// All inputs stored alike, as the first.
std::vector<Activation> alike(Builder& builder, const Node& node) {
    std::vector<Activation> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        if (builder.is_constant(node, i))
            refuse(node, "has a constant among more than two inputs; fold it with onnx-simplifier");
        inputs.push_back(builder.activation(node, i));
        Activation& a = inputs.back();
        const Activation& first = inputs.front();
        if (a.dims() != first.dims() || a.images != first.images)
            refuse(node, fmt::format("combines activations of the shapes {} and {}; equal shapes are supported, so "
                                     "expand the smaller one",
                                     print_dims(first.dims()), print_dims(a.dims())));
        a = like(builder, node, a, first);
    }
    return inputs;
}

void append_joined(Builder& builder, const Node& node, Operation op, const std::vector<Activation>& inputs) {
    std::vector<const Activation*> pointers;
    for (const Activation& a : inputs) pointers.push_back(&a);
    builder.set(node, builder.append(node, std::move(op), pointers));
}

void negate_second(Builder& builder, const Node& node, std::vector<Activation>& inputs) {
    inputs[1] = builder.append(node, Affine{.scale = reals({1}, {-1.0}), .bias = {}}, {&inputs[1]}, "negated");
}

}  // namespace

void convert_add(Builder& builder, const Node& node) {
    if (node.inputs.size() == 1) return builder.set(node, builder.activation(node, 0));  // Sum of one
    if (node.inputs.size() == 2) {
        if (const auto c = constant_input(builder, node)) {
            Activation a = builder.activation(node, 1 - *c);
            const std::vector<double> numbers = numbers_beside(builder, node, a, *c);
            return builder.set(node, add_numbers(builder, node, a, numbers, builder.constant(node, *c).get()));
        }
    }
    append_joined(builder, node, Add{}, alike(builder, node));
}

void convert_sub(Builder& builder, const Node& node) {
    if (const auto c = constant_input(builder, node)) {
        Activation a = builder.activation(node, 1 - *c);
        std::vector<double> numbers = numbers_beside(builder, node, a, *c);
        if (*c == 1) {
            for (double& x : numbers) x = -x;
        } else {
            a = multiply_numbers(builder, node, a, {-1.0});
        }
        a.shared = a.shared && *c == 1;
        return builder.set(node, add_numbers(builder, node, a, numbers));
    }
    std::vector<Activation> inputs = alike(builder, node);
    negate_second(builder, node, inputs);
    append_joined(builder, node, Add{}, inputs);
}

void convert_mul(Builder& builder, const Node& node) {
    if (const auto c = constant_input(builder, node)) {
        Activation a = builder.activation(node, 1 - *c);
        const std::vector<double> numbers = numbers_beside(builder, node, a, *c);
        return builder.set(node, multiply_numbers(builder, node, a, numbers));
    }
    append_joined(builder, node, Multiply{}, alike(builder, node));
}

void convert_div(Builder& builder, const Node& node) {
    if (constant_input(builder, node) != 1)
        refuse(node,
               "divides by numbers that depend on the image, for which bittrue has no operation; train the model "
               "without it");
    Activation a = builder.activation(node, 0);
    std::vector<double> numbers = numbers_beside(builder, node, a, 1);
    for (double& x : numbers) {
        if (x == 0) refuse(node, "divides by zero");
        x = 1 / x;
    }
    builder.set(node, multiply_numbers(builder, node, a, numbers));
}

void convert_neg(Builder& builder, const Node& node) {
    const Activation a = builder.activation(node, 0);
    builder.set(node, multiply_numbers(builder, node, a, {-1.0}));
}

}  // namespace bittrue::onnx_import
