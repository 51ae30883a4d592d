#include "grid_choice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bittrue::explore {
namespace {

constexpr std::size_t kSample = 1 << 16;  // numbers that a choice looks at
constexpr int kFiner = 6;                 // fraction bits beyond those with which the largest number fits
constexpr int kBins = 2048;               // of the distribution

std::int64_t most(const WordFormat& g) {
    return (std::int64_t{1} << (g.is_signed ? g.bits - 1 : g.bits)) - 1;
}
std::int64_t least(const WordFormat& g) {
    return g.is_signed ? -(std::int64_t{1} << (g.bits - 1)) : 0;
}

// The most fraction bits with which `magnitude` is no overflow.
int fitting_frac(int bits, bool is_signed, double magnitude) {
    if (magnitude <= 0) return bits - (is_signed ? 1 : 0);
    const double top = static_cast<double>(most({.bits = bits, .frac = 0, .is_signed = is_signed})) + 0.5;
    return std::clamp(static_cast<int>(std::floor(std::log2(top / magnitude))), -400, 400);
}

}  // namespace

FixedType WordFormat::type() const {
    return {.format = {.width = bits, .integer = bits - frac, .is_signed = is_signed},
            .rounding = Rounding::Rnd,
            .overflow = Overflow::Sat};
}

std::int64_t raw_on(const WordFormat& grid, double value) {
    const double u = std::floor(std::ldexp(value, grid.frac) + 0.5);
    return static_cast<std::int64_t>(std::clamp(u, static_cast<double>(least(grid)), static_cast<double>(most(grid))));
}

double value_on(const WordFormat& grid, double value) {
    return std::ldexp(static_cast<double>(raw_on(grid, value)), -grid.frac);
}

Numbers::Numbers(std::span<const double> values) : values_(values) {
    for (const double v : values) low_ = std::min(low_, v), high_ = std::max(high_, v);
    const std::size_t step = std::max<std::size_t>(1, values.size() / kSample);
    for (std::size_t i = 0; i < values.size(); i += step) magnitudes_.push_back(std::abs(values[i]));
    std::sort(magnitudes_.begin(), magnitudes_.end());
}

double Numbers::error(const WordFormat& grid) const {
    const std::size_t step = std::max<std::size_t>(1, values_.size() / kSample);
    double sum = 0;
    for (std::size_t i = 0; i < values_.size(); i += step) {
        const double e = value_on(grid, values_[i]) - values_[i];
        sum += e * e;
    }
    return sum;
}

// Kullback-Leibler divergence of the magnitudes' histogram from what is left of it on the grid: numbers beyond the end
// gather in the last bin, bins of one step share their number evenly. Zeros, which every grid has, do not count.
double Numbers::divergence(const WordFormat& grid) const {
    const double end = std::ldexp(static_cast<double>(most(grid)) + 0.5, -grid.frac);
    const double top = magnitudes_.back();
    if (top <= 0) return 0;
    std::vector<double> bins(kBins);
    const auto positive = std::upper_bound(magnitudes_.begin(), magnitudes_.end(), 0.0);
    for (auto m = positive; m != magnitudes_.end(); ++m)
        ++bins[static_cast<std::size_t>(std::min<double>(kBins - 1, std::floor(*m / top * kBins)))];
    std::vector<double> clipped(bins);
    const auto last = static_cast<std::size_t>(std::clamp<double>(std::floor(end / top * kBins), 1, kBins)) - 1;
    for (std::size_t b = last + 1; b < kBins; ++b) clipped[last] += clipped[b], clipped[b] = 0;
    std::vector<double> left(kBins);
    const double lsb = std::ldexp(1.0, -grid.frac);
    for (std::size_t first = 0; first <= last;) {
        const auto level = std::floor((static_cast<double>(first) + 0.5) / kBins * top / lsb + 0.5);
        std::size_t behind = first;
        double sum = 0, filled = 0;
        for (; behind <= last && std::floor((static_cast<double>(behind) + 0.5) / kBins * top / lsb + 0.5) == level;
             ++behind)
            sum += bins[behind], filled += bins[behind] > 0 ? 1 : 0;
        for (std::size_t b = first; b < behind; ++b)
            if (bins[b] > 0) left[b] = sum / filled;
        first = behind;
    }
    double divergence = 0;
    const auto total = static_cast<double>(magnitudes_.end() - positive);
    for (std::size_t b = 0; b <= last; ++b)
        if (clipped[b] > 0) divergence += clipped[b] / total * std::log(clipped[b] / std::max(left[b], 1e-3));
    return divergence;
}

std::vector<double> best_steps(const Parameter& weights, int bits) {
    constexpr int kStepsPerOctave = 16, kOctaves = 4;
    const auto channels = static_cast<std::size_t>(weights.dims.back());
    const WordFormat words{.bits = bits, .frac = 0, .is_signed = true};
    std::vector<double> steps(channels, 1);
    for (std::size_t c = 0; c < channels; ++c) {
        double largest = 0;
        for (std::size_t i = c; i < weights.real.size(); i += channels)
            largest = std::max(largest, std::abs(weights.real[i]));
        if (largest == 0) continue;
        const double widest = largest / std::max(0.5, static_cast<double>(most(words)));
        double least_error = std::numeric_limits<double>::infinity();
        for (int k = 0; k < kStepsPerOctave * kOctaves; ++k) {
            const double step = widest * std::exp2(-static_cast<double>(k) / kStepsPerOctave);
            double error = 0;
            for (std::size_t i = c; i < weights.real.size(); i += channels) {
                const double off = step * value_on(words, weights.real[i] / step) - weights.real[i];
                error += off * off;
            }
            if (error < least_error) least_error = error, steps[c] = step;
        }
    }
    return steps;
}

WordFormat fitting_grid(int bits, bool is_signed, double low, double high) {
    const double largest = std::max(high, is_signed ? -low : 0.0);
    return {.bits = bits, .frac = fitting_frac(bits, is_signed, largest), .is_signed = is_signed};
}

WordFormat Numbers::choose(int bits, Calibration how, double percentile, std::optional<bool> is_signed) const {
    WordFormat grid = fitting_grid(bits, is_signed.value_or(this->is_signed()), low_, high_);
    const int fits = grid.frac;
    if (how == Calibration::Max || magnitudes_.empty() || std::max(high_, grid.is_signed ? -low_ : 0.0) <= 0)
        return grid;
    if (how == Calibration::Percentile) {
        const double at = std::clamp(percentile, 0.0, 100.0) / 100 * static_cast<double>(magnitudes_.size() - 1);
        grid.frac = fitting_frac(bits, grid.is_signed, magnitudes_[static_cast<std::size_t>(at)]);
        return grid;
    }
    double least_cost = std::numeric_limits<double>::infinity();
    WordFormat best = grid;
    // A coarser grid would leave half of its levels empty.
    for (int frac = fits; frac <= fits + kFiner; ++frac) {
        grid.frac = frac;
        const double cost = how == Calibration::Kl ? divergence(grid) : error(grid);
        if (cost < least_cost) least_cost = cost, best = grid;
    }
    return best;
}

}  // namespace bittrue::explore
