// Numbers that stand for integers: QONNX quantisers and the integer operators of ONNX.
//
// An integer tensor of ONNX is a tensor of integers here, too: its values are the stored integers and its type has frac
// 0. Where a DequantizeLinear gives them a scale, nothing is computed until somebody asks for the numbers.
#pragma once

#include "import/onnx/linear.hpp"

namespace bittrue::onnx_import {

// Saturates and rounds half to even, as ONNX does.
[[nodiscard]] FixedType integer_type(int bits, bool is_signed);
[[nodiscard]] FixedType integer_type(ElementType type);

// The numbers that a dequantised activation stands for, or the integers themselves as numbers.
[[nodiscard]] Activation as_reals(Builder& builder, const Node& node, const Activation& a);
[[nodiscard]] Activation integers_as_reals(Builder& builder, const Node& node, const Activation& a);
// The integers of an activation that has some.
[[nodiscard]] Activation integers_of(Builder& builder, const Node& node, const Activation& a);
// `result` holds some of the integers of `from`, or all in other places: they keep their meaning and type.
void keep_integers(Builder& builder, const Activation& from, Activation& result);

// quantized_linear.cpp: the layer in integers, its zero points taken out in front, its result the sums. Nothing when
// the input's scale differs between channels or the bias is no integer.
[[nodiscard]] std::optional<Activation> append_integer_linear(Builder& builder, const Node& node, const Activation& in,
                                                              const Linear& linear);
void convert_qlinear_conv(Builder& builder, const Node& node);
void convert_qlinear_matmul(Builder& builder, const Node& node);
void convert_conv_integer(Builder& builder, const Node& node);
void convert_matmul_integer(Builder& builder, const Node& node);

// The integers without their zero point, in a signed type, so that padding by zero is right.
[[nodiscard]] Activation centred(Builder& builder, const Node& node, const Activation& integers);
// Integers of another scale, in single precision and rounded half to even (L24).
[[nodiscard]] Activation requantized(Builder& builder, const Node& node, const Activation& a, Quantization to,
                                     bool zero_point_first);

// quantize_linear.cpp
void convert_quantize_linear(Builder& builder, const Node& node);
void convert_dequantize_linear(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_quantize_linear(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_dequantize_linear(Builder& builder, const Node& node);
// The activation as a DequantizeLinear with this scale and zero point would give it.
[[nodiscard]] Activation dequantized(Builder& builder, const Node& node, const Activation& a, double scale,
                                     double zero_point);
// A constant's integers times their scale along an axis; `zero` may be null.
[[nodiscard]] Constant dequantized(Builder& builder, const Node& node, const Constant& c, const Constant& scale,
                                   const Constant* zero, std::int64_t axis);
// The only number of a constant; a positive and finite one for scales.
[[nodiscard]] double single(const Node& node, const Constant& c, const char* what);
[[nodiscard]] double positive_scale(const Node& node, double scale);
// A whole number that the type holds.
[[nodiscard]] double checked_zero(const Node& node, double zero, ElementType type);
void need_small_integers(const Node& node, ElementType type);

// qonnx.cpp
void convert_quant(Builder& builder, const Node& node);
void convert_bipolar_quant(Builder& builder, const Node& node);
void convert_trunc(Builder& builder, const Node& node);
void convert_multi_threshold(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_quant(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_bipolar_quant(Builder& builder, const Node& node);

}  // namespace bittrue::onnx_import
