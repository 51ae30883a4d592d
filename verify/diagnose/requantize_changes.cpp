#include "candidates.hpp"

namespace bittrue::diagnose_detail {

void add_requantize_changes(const Maker& /*maker*/) {}

}  // namespace bittrue::diagnose_detail
