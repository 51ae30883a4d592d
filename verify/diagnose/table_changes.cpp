#include "candidates.hpp"

namespace bittrue::diagnose_detail {

void add_table_changes(const Maker& /*maker*/) {}

}  // namespace bittrue::diagnose_detail
