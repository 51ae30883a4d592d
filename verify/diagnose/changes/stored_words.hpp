// Stored numbers as the words that the layer holds, so that a change can move words instead of numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "bittrue/model/ops.hpp"
#include "bittrue/verify/datapath.hpp"

namespace bittrue::diagnose_detail {

// Rules W1 to W3. Numbers must be finite.
[[nodiscard]] std::vector<i128> stored_raws(const Parameter& parameter, const Datapath& datapath);
// The same parameter, its words given as such.
void make_raw(Parameter& parameter, const Datapath& datapath);
// Element i of the result is element from[i].
void gather(Parameter& parameter, const std::vector<std::size_t>& from);
// The words' patterns read with the other sign. false: the words cannot be taken so.
bool read_with_other_sign(Parameter& parameter, const Datapath& datapath);

}  // namespace bittrue::diagnose_detail
