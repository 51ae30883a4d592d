#include "training/weights.hpp"

namespace bittrue::golden {
namespace {

// The signed word of this many bits with v's pattern.
Integer wrapped(const Integer& v, int bits) {
    const Integer half = s_of(bits);
    return modulo(v + half, power_of_two(bits)) - half;
}

Integer saturated(const Integer& v, int bits) {
    const Integer s = s_of(bits);
    if (v < -s) return -s;
    return v >= s ? s - Integer(1) : v;
}

// S(G) = 2^(G-1)
Integer used_word(const Integer& w, const TrainingBits& bits) {
    if (bits.weights == 1) return sign(w);
    return clip(half_even({.raw = w * s_of(bits.weights), .frac = bits.gradients - 1}), s_of(bits.weights) - 1);
}

}  // namespace

UsedWeights used_weights(const std::vector<std::int32_t>& stored, const TrainingBits& bits, int scale) {
    UsedWeights used{.q = {}, .frac = bits.weights == 1 ? scale : bits.weights - 1 + scale};
    used.q.reserve(stored.size());
    for (const std::int32_t w : stored) used.q.push_back(used_word(w, bits));
    return used;
}

std::vector<std::int32_t> draw(const Randomizer& randomizer, int bits, std::size_t count, std::uint64_t& state) {
    std::vector<std::int32_t> draws;
    draws.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::int32_t k = 0;
        for (int bit = 0; bit < bits; ++bit) {
            const std::uint64_t b = state % 2;
            state /= 2;
            if (b == 1) state ^= randomizer.taps;
            k += static_cast<std::int32_t>(b) * (1 << bit);
        }
        draws.push_back(k);
    }
    return draws;
}

Integer stochastic_step(const Integer& n, const Integer& draw, const TrainingBits& bits) {
    const Integer magnitude = n < 0 ? Integer(-n) : n;
    const Integer s = s_of(bits.gradients);
    const Integer t = floor_divide(magnitude, s);
    const Integer f = modulo(magnitude, s);
    const bool up = f * power_of_two(bits.randomizer) > draw * s;
    const Integer rounded = up ? t + Integer(1) : t;
    return n < 0 ? Integer(-rounded) : rounded;
}

Integer stored(const Integer& w, WeightStore store, int gradient_bits) {
    constexpr int kUnboundedBits = 32;
    switch (store) {
        case WeightStore::Saturate: return saturated(w, gradient_bits);
        case WeightStore::Wrap: return wrapped(w, gradient_bits);
        case WeightStore::Unbounded: return saturated(w, kUnboundedBits);
    }
    return w;
}

}  // namespace bittrue::golden
