// Layers with weights, and what is folded into them.
#pragma once

#include "import/onnx/builder.hpp"

namespace bittrue::onnx_import {

// Weights in the canonical layout of ops.hpp (output channel last), in `op` without their numbers.
struct Linear {
    Operation op{};  // Dense or Conv2d
    Dims dims{};
    std::vector<double> weights{};
    std::vector<double> integers{};  // empty where the weights are no quantised ones
    std::vector<double> scale{1};    // of the integers, one or one per output
    std::optional<FixedType> integer_type{};
    std::string source{};
    ConstantPtr bias{};  // one number per output
    [[nodiscard]] std::int64_t outputs() const { return dims.back(); }
};

// Weights of a constant, its axes permuted (`order[k]` is the constant's axis that becomes axis k), the outputs last;
// `dims` are the lengths of the result with axes of length 1 put in where the canonical layout has more.
void take_weights(Builder& builder, const Node& node, const Constant& c, const std::vector<std::size_t>& order,
                  Dims dims, Linear& linear);

// Appends the layer: in integers where weights and input are quantised, else in reals.
[[nodiscard]] Activation append_linear(Builder& builder, const Node& node, const Activation& in, Linear linear);

// The type that holds a quantised constant's numbers, where its scale is one power of two.
[[nodiscard]] std::optional<FixedType> type_of_grid(const std::vector<double>& scale,
                                                    const std::optional<FixedType>& integer_type);

// a + numbers, a * numbers (one or one per channel): merged into a linear or affine layer that nobody else reads.
[[nodiscard]] Activation add_numbers(Builder& builder, const Node& node, const Activation& a,
                                     const std::vector<double>& numbers, const Constant* source = nullptr);
[[nodiscard]] Activation multiply_numbers(Builder& builder, const Node& node, const Activation& a,
                                          const std::vector<double>& numbers);

// Weights of Conv and ConvInteger, of dims [outputs, inputs / groups, [rows,] columns], with the geometry of the node.
[[nodiscard]] Linear conv_of(Builder& builder, const Node& node, const Activation& in, const Constant& weights);
// Weights of MatMul: a constant of dims [inputs, outputs]. `in` becomes the view the layer reads.
[[nodiscard]] Linear matmul_of(Builder& builder, const Node& node, Activation& in, const Constant& weights);

// Numbers in C order with axis order[k] of `dims` as axis k.
[[nodiscard]] std::vector<double> permuted(const std::vector<double>& values, const Dims& dims,
                                           const std::vector<std::size_t>& order);

[[nodiscard]] Parameter reals(Dims dims, std::vector<double> values);

void convert_conv(Builder& builder, const Node& node);
void convert_gemm(Builder& builder, const Node& node);
void convert_matmul(Builder& builder, const Node& node);
void convert_batch_norm(Builder& builder, const Node& node);

}  // namespace bittrue::onnx_import
