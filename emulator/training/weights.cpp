// Weights before and behind a step. Plain loops: the compiler makes vectors of them, for each instruction set.
#include <algorithm>

#include "block/lane_targets.hpp"
#include "training/kernels.hpp"
#include "training/numbers.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/weights.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace bittrue::emulator::training {
namespace HWY_NAMESPACE {
namespace {

HWY_INLINE std::int32_t half_even(std::int32_t v, int shift) {
    return (v + ((1 << (shift - 1)) - 1) + ((v >> shift) & 1)) >> shift;
}

// q of H2 for stored weights of at most 2^30.
template <bool kBinary>
HWY_INLINE std::int32_t word(std::int32_t w, int down, std::int32_t most) {
    if constexpr (kBinary) {
        return (w > 0 ? 1 : 0) - (w < 0 ? 1 : 0);
    } else {
        const std::int32_t near = std::clamp(w, -(1 << 20), 1 << 20);  // far beyond what is clipped
        const std::int32_t v = down > 0 ? half_even(near, down) : near * (1 << -down);
        return std::clamp(v, -most, most);
    }
}

template <bool kBinary>
void weight_rows_as(const WeightRows& t) {
    const int down = t.gradient_bits - t.weight_bits;
    const std::int32_t most = (1 << (t.weight_bits - 1)) - 1;
    for (int row = 0; row < t.rows; ++row) {
        const std::int32_t* HWY_RESTRICT from = t.weights + row * t.outs;
        std::int8_t* HWY_RESTRICT to = t.words + row * t.word_stride;
        std::int32_t sum = 0;
        for (int o = 0; o < t.outs; ++o) {
            const std::int32_t q = word<kBinary>(from[o], down, most);
            to[o] = static_cast<std::int8_t>(q);
            sum += q;
        }
        t.row_sums[row] = sum;
    }
}

void weight_rows(const WeightRows& t) {
    t.weight_bits == 1 ? weight_rows_as<true>(t) : weight_rows_as<false>(t);
}

void interleave_rows(const std::int8_t* const* rows, int outs, std::int32_t* HWY_RESTRICT out) {
    const std::int8_t *HWY_RESTRICT a = rows[0], *HWY_RESTRICT b = rows[1], *HWY_RESTRICT c = rows[2],
                                    *HWY_RESTRICT e = rows[3];
    const auto byte = [](std::int8_t v) { return static_cast<std::uint32_t>(static_cast<std::uint8_t>(v)); };
    for (int o = 0; o < outs; ++o)
        out[o] = static_cast<std::int32_t>(byte(a[o]) | byte(b[o]) << 8U | byte(c[o]) << 16U | byte(e[o]) << 24U);
}

template <bool kBinary, WeightStore kStore, bool kDown>
void update_as(Update& t) {
    const int down = t.gradient_bits - 1, bits = t.random_bits, shift = t.shift;
    const std::int32_t top = 1 << down, mask = top - 1;
    const int word_down = t.gradient_bits - t.weight_bits;
    const std::int32_t most = (1 << (t.weight_bits - 1)) - 1;
    const std::int32_t* HWY_RESTRICT g = t.g;
    const std::uint16_t* HWY_RESTRICT draws = t.draws;
    std::int32_t* HWY_RESTRICT weights = t.weights;
    std::int32_t saturated = 0, changed = 0;
    for (int i = 0; i < t.count; ++i) {
        const std::int32_t product = g[i] * t.rate;
        const std::int32_t n = kDown ? half_even(product, shift) : product * (1 << -shift);
        const std::int32_t magnitude = std::max(n, -n);
        const std::int32_t up = ((magnitude & mask) << bits) > (draws[i] << down) ? 1 : 0;
        const std::int32_t size = (magnitude >> down) + up;
        const std::int32_t step = n < 0 ? -size : size;
        const std::int32_t w = weights[i];
        // Steps are below 2^30; only unbounded weights can be so large that the difference has 33 bits.
        const auto wanted = static_cast<std::int32_t>(static_cast<std::uint32_t>(w) - static_cast<std::uint32_t>(step));
        std::int32_t stored = wanted;
        bool misses = false;
        if constexpr (kStore == WeightStore::Saturate) {
            stored = std::clamp(wanted, -top, top - 1);
            misses = stored != wanted;
        } else if constexpr (kStore == WeightStore::Wrap) {
            stored = ((wanted + top) & (2 * top - 1)) - top;
            misses = stored != wanted;
        } else {
            misses = ((w ^ step) & (w ^ wanted)) < 0;
            stored = misses ? (w < 0 ? -2147483647 - 1 : 2147483647) : wanted;
        }
        saturated += misses ? 1 : 0;
        changed += word<kBinary>(w, word_down, most) != word<kBinary>(stored, word_down, most) ? 1 : 0;
        weights[i] = stored;
    }
    t.saturated += static_cast<unsigned>(saturated);
    t.changed += static_cast<unsigned>(changed);
}

template <bool kBinary, WeightStore kStore>
void update_to(Update& t) {
    t.shift > 0 ? update_as<kBinary, kStore, true>(t) : update_as<kBinary, kStore, false>(t);
}

template <bool kBinary>
void update_with(Update& t) {
    switch (t.store) {
        case WeightStore::Saturate: return update_to<kBinary, WeightStore::Saturate>(t);
        case WeightStore::Wrap: return update_to<kBinary, WeightStore::Wrap>(t);
        case WeightStore::Unbounded: return update_to<kBinary, WeightStore::Unbounded>(t);
    }
}

void update(Update& t) {
    t.weight_bits == 1 ? update_with<true>(t) : update_with<false>(t);
}

std::uint32_t largest(const std::int32_t* numbers, std::int64_t count) {
    std::int32_t most = 0;
    for (std::int64_t i = 0; i < count; ++i) most = std::max(most, std::max(numbers[i], -numbers[i]));
    return static_cast<std::uint32_t>(most);
}

}  // namespace

void fill_weights(Kernels& k) {
    k.weight_rows = &weight_rows;
    k.interleave_rows = &interleave_rows;
    k.update = &update;
    k.largest = &largest;
}

}  // namespace HWY_NAMESPACE
}  // namespace bittrue::emulator::training
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "block/lane_dispatch.hpp"

namespace bittrue::emulator::training {

void fill_weights(Isa isa, Kernels& k) {
    BITTRUE_DISPATCH(isa, fill_weights(k))
}

}  // namespace bittrue::emulator::training
#endif
