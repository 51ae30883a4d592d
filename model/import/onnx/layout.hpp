// Views of activations: which map axis stands behind which ONNX axis, and layers that move elements where it matters.
#pragma once

#include "import/onnx/builder.hpp"

namespace bittrue::onnx_import {

// The ONNX axis `axis` (negative: from the end) as an index into `a.axes`; InputError for the image axis or one that is
// not there.
[[nodiscard]] std::size_t axis_index(const Node& node, const Activation& a, std::int64_t axis);

// The same numbers with these map axes behind the ONNX axes, as many as there are, in the order in which a layout
// stores them. Adds a reshape or transpose when the tensor is stored otherwise.
[[nodiscard]] Activation arrange(Builder& builder, const Node& node, const Activation& a,
                                 const std::vector<Axis>& axes);

// A map for operators whose ONNX axes are images, channels, [rows,] columns.
[[nodiscard]] Activation need_map(Builder& builder, const Node& node, const Activation& a);

// With the channel axis behind this ONNX axis (index into `axes`).
[[nodiscard]] Activation need_channel(Builder& builder, const Node& node, const Activation& a, std::size_t index);

// With the map axes and the layout of another one of as many ONNX axes.
[[nodiscard]] Activation like(Builder& builder, const Node& node, const Activation& a, const Activation& other);

// All numbers as a vector, in the order of ONNX.
[[nodiscard]] Activation to_vector(Builder& builder, const Node& node, const Activation& a,
                                   const std::string& suffix = "");

// The ONNX tensor with other axes (without the image axis), its numbers in the same order.
[[nodiscard]] Activation reshape(Builder& builder, const Node& node, const Activation& a, const Dims& dims);

// Stored in the order of ONNX: for the output of the network.
[[nodiscard]] Activation in_order(Builder& builder, const Node& node, const Activation& a);

// A constant beside an activation, by numpy's rules: one number, or one per channel. The activation may become another
// view, so that the axis along which the constant differs is its channel axis. `legacy_axis`: before opset 7.
[[nodiscard]] std::vector<double> per_channel(Builder& builder, const Node& node, Activation& a, const Constant& c,
                                              std::optional<std::int64_t> legacy_axis = std::nullopt);

}  // namespace bittrue::onnx_import
