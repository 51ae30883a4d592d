#include "candidates.hpp"

namespace bittrue::diagnose_detail {

void add_output_changes(const Maker& /*maker*/) {}

}  // namespace bittrue::diagnose_detail
