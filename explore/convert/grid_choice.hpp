// Where the binary point goes: fraction bits for numbers that will have `bits` bits.
#pragma once

#include <span>

#include "bittrue/explore/convert.hpp"

namespace bittrue::explore {

// The finest grid of this width on which no number from `low` to `high` overflows.
[[nodiscard]] WordFormat fitting_grid(int bits, bool is_signed, double low, double high);

// The numbers of a tensor as calibration needs them.
class Numbers {
public:
    explicit Numbers(std::span<const double> values);

    [[nodiscard]] double low() const { return low_; }
    [[nodiscard]] double high() const { return high_; }
    [[nodiscard]] bool is_signed() const { return low_ < 0; }

    // The grid of this width; signed if any number is negative, or as told. Joint counts as Mse.
    [[nodiscard]] WordFormat choose(int bits, Calibration how, double percentile,
                                    std::optional<bool> is_signed = {}) const;

private:
    [[nodiscard]] double error(const WordFormat& grid) const;
    [[nodiscard]] double divergence(const WordFormat& grid) const;

    std::span<const double> values_;
    std::vector<double> magnitudes_{};  // of a sample, ascending
    double low_ = 0, high_ = 0;
};

// The step with the least squared error for each output channel (the last axis) when words are signed and have `bits`
// bits; 1 for a channel of zeros.
[[nodiscard]] std::vector<double> best_steps(const Parameter& weights, int bits);

// The nearest word (a tie goes up, the ends saturate), as a raw.
[[nodiscard]] std::int64_t raw_on(const WordFormat& grid, double value);
[[nodiscard]] double value_on(const WordFormat& grid, double value);

}  // namespace bittrue::explore
