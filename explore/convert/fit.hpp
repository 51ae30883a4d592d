// Rounds the weights of a layer together, so that the errors of its sums cancel on the calibration images.
#pragma once

#include <span>

#include "draft.hpp"
#include "windows.hpp"

namespace bittrue::explore {

// How far the weights may move away from the trained ones, relative to the mean square of an input.
inline constexpr double kRidges[] = {0.03, 0.3};

struct FitTask {
    const Operation& op;  // with real weights
    Windows windows;
    std::span<const double> inputs;   // what the layer reads in the fixed-point network, images first
    std::span<const double> targets;  // what it gives in the float model
    std::size_t images = 0;
    double ridge = kRidges[0];
    bool correct_bias = true;
    bool settle = false;  // words move on, one by one, while that helps; of few images it learns them by heart
    bool fit = true;      // false: every weight to its nearest word, biases corrected all the same
};

// Least squares on these inputs first (the weights may move, within the ridge), then one input after the other is
// rounded and what the rounding did is made up for by those that are left. Layers with more than kMostColumns inputs
// are rounded weight by weight.
[[nodiscard]] LayerWords fit_words(const FitTask& task, const LayerFormats& choice);

inline constexpr std::size_t kMostColumns = 2304;

}  // namespace bittrue::explore
