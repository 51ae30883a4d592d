// The parts of softmax that stand in files of their own.
#pragma once

#include "table.hpp"

namespace bittrue::emulator {

// L15
[[nodiscard]] LayerPointer make_legacy_softmax(const LayerSetup& setup, const Softmax& op, const Tensor& exp_table,
                                               const Tensor& inv_table, LayerParameters parameters);

}  // namespace bittrue::emulator
