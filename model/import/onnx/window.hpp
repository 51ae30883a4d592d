// Windows of convolutions and pools, as attributes give them.
#pragma once

#include "import/geometry.hpp"
#include "import/onnx/builder.hpp"

namespace bittrue::onnx_import {

using detail::Window2d;

// Kernel, strides and dilations for one or two axes of positions; one axis is a map of one row. `kernel` is that of the
// weights and must be the attribute's where that is given; empty for pools, which need the attribute.
[[nodiscard]] Window2d window_of(const Node& node, std::size_t positions, const Dims& kernel);

// Attributes pads and auto_pad.
[[nodiscard]] Padding padding_of(const Node& node, std::size_t positions, const Shape& in, const Window2d& window);
// ONNX pads of one or two axes (all starts, then all ends) as a padding.
[[nodiscard]] Padding padding_of(const Node& node, std::size_t positions, const std::vector<std::int64_t>& pads);

// InputError beyond +-2^20.
[[nodiscard]] int small_number(const Node& node, const char* what, std::int64_t number);

}  // namespace bittrue::onnx_import
