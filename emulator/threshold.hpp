// L23 as data: which raws reach each threshold, and the word of every number of thresholds reached.
#pragma once

#include <vector>

#include "layer.hpp"

namespace bittrue::emulator {

class ThresholdTable {
public:
    // `thresholds` has dims [1 or channels, n]. InputError where a result needs more than kExactBits bits.
    ThresholdTable(const LayerSetup& setup, const Threshold& op, const Tensor& thresholds);

    // Ascending: raws of the input from which on one more threshold is reached. One list for all channels or one each.
    [[nodiscard]] const std::vector<std::vector<i128>>& firsts() const { return firsts_; }
    // By the number of thresholds reached, 0..n.
    [[nodiscard]] const std::vector<Converted>& results() const { return results_; }

private:
    std::vector<std::vector<i128>> firsts_{};
    std::vector<Converted> results_{};
};

}  // namespace bittrue::emulator
