// Event counts that need no run: how many conversions an output makes, where nothing can happen in them.
#pragma once

#include "terms.hpp"

namespace bittrue::emulator::linear {

// Quantisations into the accumulator per output (rules A4-A10), the bias cast not included.
[[nodiscard]] std::int64_t accumulator_conversions(const AccumulatorSpec& spec, std::int64_t terms, bool has_bias);

// Whether an accumulation begins with the bias, quantised into the accumulator.
[[nodiscard]] bool starts_with_bias(const LinearTerms& terms);

}  // namespace bittrue::emulator::linear
