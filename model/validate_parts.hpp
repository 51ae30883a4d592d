// Pieces of the per-operation checks that several operations share: private to model.
#pragma once

#include <string>

#include "validate_ops.hpp"

namespace bittrue::detail {

inline constexpr int kMaxGeometry = 1 << 20;  // of strides, dilations and paddings

// Type, shape and numbers of a parameter; `role` names it in messages ("weights").
void check_parameter(const std::string& where, const std::string& role, const Parameter& p,
                     bool infinity_allowed = false);
void need_map(const std::string& where, const Shape& shape);
void check_geometry(const std::string& where, const char* what, int value, int least);

// Operations with numbers of their own for every channel.
[[nodiscard]] Shape check_affine(const std::string& where, const Affine& op, const Shape& in);
[[nodiscard]] Shape check_threshold(const std::string& where, const Threshold& op, const Shape& in);
[[nodiscard]] Shape check_requantize(const std::string& where, const Requantize& op, const TensorInfo& in);

// Operations that put elements elsewhere.
[[nodiscard]] Shape check_concat(const std::string& where, const Concat& op, const std::vector<TensorInfo>& inputs);
[[nodiscard]] Shape check_transpose(const std::string& where, const Transpose& op, const Shape& in);
[[nodiscard]] Shape check_pad(const std::string& where, const Pad& op, const Shape& in);

}  // namespace bittrue::detail
