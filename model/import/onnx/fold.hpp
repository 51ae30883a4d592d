// Nodes that compute with constants only, done while the model is read.
#pragma once

#include "import/onnx/builder.hpp"

namespace bittrue::onnx_import {

using Folder = Constant (*)(Builder& builder, const Node& node);

// Null when bittrue cannot fold the operator.
[[nodiscard]] Folder folder_of(const std::string& op);

// Integers for axes, shapes and the like; InputError when they are none. Beyond +-2^62 they stay there.
[[nodiscard]] std::vector<std::int64_t> indices_of(const Node& node, const Constant& c);

// The attribute `to` of Cast.
[[nodiscard]] ElementType cast_target(const Node& node);

// Shape of an activation, the number of images as declared.
[[nodiscard]] Constant shape_constant(Builder& builder, const Node& node, const Activation& a);

// fold_shapes.cpp
[[nodiscard]] Constant fold_constant(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_identity(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_shape(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_gather(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_slice(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_concat(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_reshape(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_flatten(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_squeeze(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_unsqueeze(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_transpose(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_constant_of_shape(Builder& builder, const Node& node);

// fold_arithmetic.cpp
[[nodiscard]] Constant fold_cast(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_binary(Builder& builder, const Node& node);
[[nodiscard]] Constant fold_unary(Builder& builder, const Node& node);

}  // namespace bittrue::onnx_import
