// A number added to every word of the result, or a shift of them, behind the cast.
#pragma once

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

void add_result_arithmetic(const Maker& maker);

}  // namespace bittrue::diagnose_detail
