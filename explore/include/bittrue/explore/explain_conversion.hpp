// Why a conversion keeps the accuracy and a naive one does not: the facts for conversion_report.hpp.
#pragma once

#include <span>

#include "bittrue/explore/conversion_report.hpp"
#include "bittrue/explore/convert.hpp"

namespace bittrue::explore {

// Runs the float model, the conversion, the naive one, and for every layer with formats of its own two mixed networks:
// this layer as converted and all others with words of kPlentyOfBits bits, and the reverse. `model` is the one that was
// given to convert(); labels are empty or one per image. Version, command, data and source are the caller's to fill.
[[nodiscard]] ConversionReport explain_conversion(const FloatModel& model, const Conversion& conversion,
                                                  const ConvertOptions& options, const InputBatch& batch,
                                                  std::span<const int> labels);

inline constexpr int kPlentyOfBits = 16;

}  // namespace bittrue::explore
