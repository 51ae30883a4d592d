// What `bittrue quantize` prints: one table of layers, the accuracies, and why the naive conversion fails.
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/conversion_report.hpp"
#include "bittrue/explore/convert.hpp"

namespace bittrue::cli {

[[nodiscard]] std::string quantize_text(const explore::ConversionReport& report);

// What was done, one sentence each.
[[nodiscard]] std::vector<std::string> steps_of(const explore::Conversion& done, const explore::ConvertOptions& options,
                                                const std::string& data, std::size_t images);

}  // namespace bittrue::cli
