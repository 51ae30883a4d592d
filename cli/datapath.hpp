// The datapath of a diagnosis, computed by the emulator.
#pragma once

#include <memory>

#include "bittrue/emulator/single.hpp"
#include "bittrue/verify/datapath.hpp"

namespace bittrue::cli {

// Keeps nothing from call to call; may be called from several threads at once. Given words outside of their format are
// taken by their lowest bits.
[[nodiscard]] std::unique_ptr<Datapath> make_datapath();

// The fault as the emulator takes it.
[[nodiscard]] emulator::AccumulationFault emulator_fault(const MacFault& fault);

}  // namespace bittrue::cli
