// Per-operation checks of validate(): private to model.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue::detail {

using TensorInfo = NodeInput;

// Why a layer or input cannot have this name ("must be ..."); empty when it can: 1 to 200 Unicode characters without
// control characters.
[[nodiscard]] std::string reason_bad_name(const std::string& name);

// Throws InputError for a shape whose axes do not fit its layout, are below 1 or multiply to 2^31 or more.
void check_shape(const std::string& where, const Shape& shape);
void check_type(const std::string& where, const std::string& role, const FixedType& type);

// Throws InputError for a declared range of which no word of the input's type can be.
void check_range(const std::string& where, const InputSpec& input);

// Checks the node's own fields and returns the shape of its result. `where` is "layer 'name'".
[[nodiscard]] Shape check_operation(const std::string& where, const Operation& op,
                                    const std::vector<TensorInfo>& inputs);

}  // namespace bittrue::detail
