// Reading of the lines of a results file (sweep_results.hpp).
#pragma once

#include "bittrue/explore/sweep_results.hpp"

namespace bittrue::explore {

// Without the newlines; a last line without one is left out.
[[nodiscard]] std::vector<std::string> whole_lines(const std::string& text);

// `where` stands in messages.
[[nodiscard]] SweepHeader header_from(const std::string& line, const std::string& where);
[[nodiscard]] SweepResults results_from(const std::string& path, const std::vector<std::string>& lines);

}  // namespace bittrue::explore
