// The converters of all operators that become layers; each is in the file of its family.
#pragma once

#include "import/onnx/builder.hpp"

namespace bittrue::onnx_import {

// The converter of an operator of the standard domain or of QONNX; null when there is none.
[[nodiscard]] Converter converter_of(const std::string& op);
// "Add, AveragePool, ..."
[[nodiscard]] std::string supported_operators();

// activations.cpp
void convert_relu(Builder& builder, const Node& node);
void convert_leaky_relu(Builder& builder, const Node& node);
void convert_prelu(Builder& builder, const Node& node);
void convert_clip(Builder& builder, const Node& node);
void convert_sigmoid(Builder& builder, const Node& node);
void convert_tanh(Builder& builder, const Node& node);
void convert_hard_sigmoid(Builder& builder, const Node& node);
void convert_softmax(Builder& builder, const Node& node);

// elementwise.cpp
void convert_add(Builder& builder, const Node& node);
void convert_sub(Builder& builder, const Node& node);
void convert_mul(Builder& builder, const Node& node);
void convert_div(Builder& builder, const Node& node);
void convert_neg(Builder& builder, const Node& node);

// pools.cpp
void convert_max_pool(Builder& builder, const Node& node);
void convert_average_pool(Builder& builder, const Node& node);
void convert_global_max_pool(Builder& builder, const Node& node);
void convert_global_average_pool(Builder& builder, const Node& node);
void convert_reduce_mean(Builder& builder, const Node& node);
void convert_reduce_max(Builder& builder, const Node& node);

// shapes.cpp
void convert_identity(Builder& builder, const Node& node);
void convert_dropout(Builder& builder, const Node& node);
void convert_cast(Builder& builder, const Node& node);
void convert_flatten(Builder& builder, const Node& node);
void convert_reshape(Builder& builder, const Node& node);
void convert_squeeze(Builder& builder, const Node& node);
void convert_unsqueeze(Builder& builder, const Node& node);
void convert_transpose(Builder& builder, const Node& node);
void convert_pad(Builder& builder, const Node& node);
void convert_concat(Builder& builder, const Node& node);

}  // namespace bittrue::onnx_import
