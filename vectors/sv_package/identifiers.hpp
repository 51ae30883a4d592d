// Names that SystemVerilog takes.
#pragma once

#include <string>
#include <vector>

namespace bittrue::sv_package {

// A letter or '_', then letters, digits and '_', and no keyword of IEEE 1800-2012.
[[nodiscard]] bool is_identifier(const std::string& name);

// Capital letters; whatever is no letter or digit is a '_', and a digit in front gets an 'N': "conv2d/relu" is
// CONV2D_RELU.
[[nodiscard]] std::string constant_prefix(const std::string& name);

}  // namespace bittrue::sv_package
