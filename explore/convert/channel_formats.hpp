// A format for each output channel of weights.
#pragma once

#include "draft.hpp"

namespace bittrue::explore {

inline constexpr int kMultiplierBits = 8;

// The same function: the weights and the bias of each output channel are divided by a factor, so that one step suits
// all channels, and a layer behind multiplies by it. Factors are powers of two, or have kMultiplierBits significant
// bits, as options say; `widths` are those of the model's layers. Layers whose weights have trained formats stay as
// they are.
[[nodiscard]] FloatModel with_channel_formats(const FloatModel& model, PerChannel how, const Widths& widths);

// Widths for the model with the layers put in between, and back.
[[nodiscard]] Widths with_rescalers(const Widths& widths, const FloatModel& rescaled);
[[nodiscard]] Widths without_rescalers(const Widths& widths, const FloatModel& rescaled);

// What a layer that rescales is in fixed point (L24), its shifts as if the input and the result had no fraction bits.
[[nodiscard]] Requantize requantize_of(const FloatLayer& layer);

}  // namespace bittrue::explore
