// The small rules of chapter H on single numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "bittrue/model/int128.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::emulator::training {

// Fraction bits and ends of one layer's tensors.
struct LayerNumbers {
    LayerNumbers(const TrainingNetwork& network, std::size_t layer)
        : fa(network.bits.activations - 1),
          fx(network.sum_frac(layer)),
          fw(fx - fa),
          fd(network.bits.errors - 1 + fw),
          fg(fa + network.bits.errors - 1),
          most_a(network.bits.activations == 1 ? 1 : (1 << fa) - 1),
          most_q(network.bits.weights == 1 ? 1 : (1 << (network.bits.weights - 1)) - 1),
          most_e((1 << (network.bits.errors - 1)) - 1),
          one(std::int64_t{1} << fx),
          clip(network.bits.activations == 1 ? one : one - (std::int64_t{1} << fw)) {}
    int fa, fx, fw;
    int fd;                      // of the sums that go back (H9)
    int fg;                      // of gradients (H10)
    int most_a, most_q, most_e;  // largest words
    std::int64_t one;            // 1.0 as a sum
    std::int64_t clip;           // sums above it let no error pass (H8)
};

// half-even(v * 2^-shift); a negative shift multiplies.
template <class Int>
[[nodiscard]] constexpr Int half_even_shift(Int v, int shift) {
    constexpr int kBits = static_cast<int>(sizeof(Int)) * 8;
    if (shift <= 0) return v * (Int{1} << -shift);
    if (shift >= kBits - 1) return 0;  // callers keep |v| below a quarter of the type's range
    const Int kept = v >> shift;
    return (v + ((Int{1} << (shift - 1)) - 1) + (kept & 1)) >> shift;
}

// q of H2.
[[nodiscard]] constexpr std::int32_t weight_word(std::int32_t w, const TrainingBits& bits) {
    if (bits.weights == 1) return (w > 0) - (w < 0);
    const std::int64_t most = (std::int64_t{1} << (bits.weights - 1)) - 1;
    return static_cast<std::int32_t>(
        std::clamp(half_even_shift<std::int64_t>(w, bits.gradients - bits.weights), -most, most));
}

// H3.
[[nodiscard]] constexpr std::int32_t input_word(int pixel, const TrainingBits& bits) {
    if (bits.activations == 1) return pixel > 0 ? 1 : 0;
    return std::min(half_even_shift(pixel, 9 - bits.activations), (1 << (bits.activations - 1)) - 1);
}

// a of H4, of a sum of a layer that is not the last.
[[nodiscard]] constexpr std::int32_t activation_word(std::int64_t sum, const LayerNumbers& n) {
    if (sum <= 0) return 0;
    if (n.fa == 0) return 1;
    return static_cast<std::int32_t>(std::min<std::int64_t>(half_even_shift(sum, n.fw), n.most_a));
}

// k of H6 and H10 of the largest magnitude of a tensor; none for zeros.
[[nodiscard]] inline std::optional<int> scale_of(std::uint64_t largest, int frac) {
    if (largest == 0) return std::nullopt;
    return nearest_power_of_two(largest, -frac);
}

// e of H6. shift = frac + k - (E-1).
template <class Int>
[[nodiscard]] constexpr std::int32_t error_word(Int d, int shift, int most) {
    return static_cast<std::int32_t>(std::clamp<Int>(half_even_shift(d, shift), Int{-most}, Int{most}));
}

}  // namespace bittrue::emulator::training
