// How types and modes are named in the clauses of changes.
#pragma once

#include <string>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue::diagnose_detail {

[[nodiscard]] std::string mode_name(Rounding rounding, Dialect dialect);  // "AP_RND"
[[nodiscard]] std::string mode_name(Overflow overflow, Dialect dialect);
// "wraps (AP_WRAP)", "saturate (AP_SAT)"
[[nodiscard]] std::string overflow_clause(const FixedType& type, bool plural);
// "one integer bit", "3 integer bits"
[[nodiscard]] std::string count_of(int n, const std::string& what);

}  // namespace bittrue::diagnose_detail
