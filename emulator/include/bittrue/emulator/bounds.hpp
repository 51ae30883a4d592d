// How far the partial sums of an accumulation can go, from the weights alone: the proofs behind the fast kernels and
// behind `bittrue bounds`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bittrue/model/accumulator.hpp"

namespace bittrue::emulator {

// Words of the layer's input: declared, or those of its format.
struct InputRange {
    i128 low = 0, high = 0;  // raws of the input's format
};

// Smallest and largest partial sum in any order of the terms (a subset of the terms and, where it takes part, the bias;
// the empty sum 0 included), as raws of `frac`. Reached by an input within the range, or the bound is not given.
struct PrefixBound {
    i128 low = 0, high = 0;
    int frac = 0;
};

// Channel with these weight words (raws of `weight`), maybe a bias, inputs within `range`. With a product type the
// products are cast first (A1); empty when a product cast could overflow, or when numbers exceed 120 bits.
[[nodiscard]] std::optional<PrefixBound> prefix_bound(std::span<const std::int64_t> weights, Format weight,
                                                      Format input, InputRange range, const AccumulatorSpec& spec,
                                                      std::optional<std::int64_t> bias, Format bias_format);

// The exact sum of all terms (without partial sums), as raws of `frac`.
[[nodiscard]] std::optional<PrefixBound> sum_bound(std::span<const std::int64_t> weights, Format weight, Format input,
                                                   InputRange range, const AccumulatorSpec& spec,
                                                   std::optional<std::int64_t> bias, Format bias_format);

// Whether nothing can happen in the accumulator: no bit is dropped at any step and no partial sum within the bound
// leaves its range. Then order, rounding and overflow mode do not matter.
[[nodiscard]] bool is_safe(const PrefixBound& bound, const AccumulatorSpec& spec, int product_frac,
                           std::optional<int> bias_frac);

}  // namespace bittrue::emulator
