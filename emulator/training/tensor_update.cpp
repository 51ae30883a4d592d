#include <algorithm>
#include <limits>

#include "training/tensor.hpp"
#include "training/update.hpp"

namespace bittrue::emulator::training {

Words scaled_of(const TrainingNetwork& network, std::size_t layer, const StepSources& from, const StepRules& rules) {
    Words n(from.gradients.size(), 0);
    if (!from.gradient_exponent) return n;
    const int shift = gradient_shift(network, layer, from.rate, *from.gradient_exponent);
    std::transform(from.gradients.begin(), from.gradients.end(), n.begin(), [&](std::int64_t g) {
        const i128 scaled = rounded(i128{g} * from.rate.raw, shift, rules.rounding);
        constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
        return static_cast<std::int64_t>(std::clamp<i128>(scaled, -kMost, kMost));
    });
    return n;
}

Words draws_of(const TrainingNetwork& network, std::size_t count, std::uint64_t& state, StepRules::Random rule) {
    const int bits = network.bits.randomizer;
    const std::uint64_t low = (std::uint64_t{1} << bits) - 1;
    const std::uint64_t taps = network.randomizer.taps;
    const auto draw = [&]() -> std::int64_t {
        std::uint64_t k = 0;
        const std::uint64_t before = state;
        const int shifts = rule == StepRules::Random::OneShift ? 1 : bits;
        for (int i = 0; i < shifts; ++i) {
            const std::uint64_t b = state & 1U;
            state = (state >> 1U) ^ (b != 0 ? taps : 0);
            k |= b << (rule == StepRules::Random::BitsReversed ? bits - 1 - i : i);
        }
        if (rule == StepRules::Random::OneShift) k = before & low;
        if (rule == StepRules::Random::StateAfter) k = state & low;
        return static_cast<std::int64_t>(k);
    };
    Words draws(count);
    if (rule == StepRules::Random::Late) (void)draw();
    std::generate(draws.begin(), draws.end(), draw);
    if (rule == StepRules::Random::Early && count > 1) std::rotate(draws.begin(), draws.end() - 1, draws.end());
    if (rule == StepRules::Random::Early && count > 1) draws[0] = draws[1];
    if (rule == StepRules::Random::Constant && count > 0) std::fill(draws.begin(), draws.end(), draws[0]);
    return draws;
}

Words steps_of(const TrainingNetwork& network, const StepSources& from, StepRules::Chance rule) {
    using Chance = StepRules::Chance;
    const int down = network.bits.gradients - 1, bits = network.bits.randomizer;
    const std::int64_t s = std::int64_t{1} << down;
    Words steps(from.scaled.size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::int64_t n = from.scaled[i];
        const bool own = rule == Chance::Floor || rule == Chance::Signed;
        const std::int64_t magnitude = n < 0 && !own ? -n : n;
        const std::int64_t t = magnitude >> down;
        const i128 f = i128{magnitude & (s - 1)} << bits;
        const i128 k = i128{from.draws[i]} << down;
        bool up = f > k;
        switch (rule) {
            case Chance::Rule:
            case Chance::Floor:
            case Chance::Signed: break;
            case Chance::OrEqual: up = f >= k; break;
            case Chance::Less: up = f < k; break;
            case Chance::Added: up = f + k >= (i128{s} << bits); break;
            case Chance::Nearest: up = 2 * f >= (i128{s} << bits); break;
            case Chance::None: up = false; break;
            case Chance::Always: up = f > 0; break;
        }
        const std::int64_t size = t + (up ? 1 : 0);
        steps[i] = n < 0 && rule != Chance::Floor ? -size : size;
    }
    return steps;
}

Words stored_weights(const TrainingNetwork& network, const StepSources& from, const StepRules& rules) {
    using Lowest = StepRules::Lowest;
    const int bits = network.store == WeightStore::Unbounded ? 32 : network.bits.gradients;
    const std::int64_t top = (std::int64_t{1} << (bits - 1)) - 1;
    Words after(from.weights.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
        const i128 moved = i128{from.weights[i]} + (rules.added ? from.steps[i] : -i128{from.steps[i]});
        if (network.store == WeightStore::Wrap) {
            after[i] = wrapped(moved, bits, true);
            continue;
        }
        const bool above_lowest =
            rules.lowest == Lowest::Never || (rules.lowest == Lowest::NotSaturated && moved < -top - 1);
        after[i] = static_cast<std::int64_t>(std::clamp<i128>(moved, -top - (above_lowest ? 0 : 1), top));
    }
    return after;
}

}  // namespace bittrue::emulator::training
