#include "training/update.hpp"

#include <limits>

#include "training/numbers.hpp"

namespace bittrue::emulator::training {

namespace {

std::int32_t stored(std::int64_t wanted, WeightStore store, int bits) {
    const std::int64_t top = std::int64_t{1} << (bits - 1);
    switch (store) {
        case WeightStore::Saturate: return static_cast<std::int32_t>(std::clamp(wanted, -top, top - 1));
        case WeightStore::Wrap: return static_cast<std::int32_t>(((wanted + top) & (2 * top - 1)) - top);
        case WeightStore::Unbounded: break;
    }
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(wanted, std::numeric_limits<std::int32_t>::min(),
                                                              std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

int gradient_shift(const TrainingNetwork& network, std::size_t layer, LearningRate rate, int exponent) {
    return LayerNumbers(network, layer).fg + rate.frac - (network.bits.gradients - 1) + exponent;
}

void update_layer(const TrainingNetwork& network, std::size_t layer, LearningRate rate, std::optional<int> exponent,
                  std::span<const std::int64_t> gradients, std::span<const std::uint16_t> draws,
                  std::span<std::int32_t> weights, StepSummary::Layer& summary, std::span<std::int64_t> scaled,
                  std::span<std::int32_t> steps) {
    const TrainingBits& bits = network.bits;
    if (!exponent) return;  // n = 0: no draw changes that (H12)
    const int shift = gradient_shift(network, layer, rate, *exponent);
    const int down = bits.gradients - 1;
    const std::int64_t mask = (std::int64_t{1} << down) - 1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto n = static_cast<std::int64_t>(half_even_shift(i128{gradients[i]} * rate.raw, shift));
        const std::int64_t magnitude = n < 0 ? -n : n;
        const bool up = ((magnitude & mask) << bits.randomizer) > (std::int64_t{draws[i]} << down);
        const std::int64_t size = (magnitude >> down) + (up ? 1 : 0);
        const std::int64_t step = n < 0 ? -size : size;
        const std::int32_t before = weights[i];
        const std::int64_t wanted = before - step;
        weights[i] = stored(wanted, network.store, bits.gradients);
        summary.saturated_weights += weights[i] != wanted ? 1U : 0U;
        summary.changed_words += weight_word(before, bits) != weight_word(weights[i], bits) ? 1U : 0U;
        if (!scaled.empty()) scaled[i] = n;
        if (!steps.empty()) steps[i] = static_cast<std::int32_t>(step);
    }
}

}  // namespace bittrue::emulator::training
