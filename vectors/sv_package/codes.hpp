// The numbers that stand for modes in the package, each under a name.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/ops.hpp"

namespace bittrue::sv_package {

struct CodeGroup {
    std::string title{};               // what the codes are of
    std::vector<std::string> names{};  // their numbers are 0, 1, 2, ...
};

// All groups, in the order in which the package lists them. No name occurs twice.
[[nodiscard]] const std::vector<CodeGroup>& code_groups();

// Names out of code_groups().
[[nodiscard]] std::string rounding_code(Rounding rounding);
// WRAP with saturated bits has a code of its own: RTL that knows none of them must not take it for plain WRAP.
[[nodiscard]] std::string overflow_code(const FixedType& type);
[[nodiscard]] std::string op_code(const Operation& op);
[[nodiscard]] std::string schedule_code(Schedule schedule);
[[nodiscard]] std::string quantize_code(QuantizeAt at);
[[nodiscard]] std::string terms_code(TermOrder terms);
[[nodiscard]] std::string bias_code(BiasPosition position);
[[nodiscard]] std::string softmax_code(SoftmaxKind kind);
[[nodiscard]] std::string axis_code(Axis axis);
[[nodiscard]] std::string rule_code(RequantizeRule rule);

}  // namespace bittrue::sv_package
