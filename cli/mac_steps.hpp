// The steps of an accumulation as a table and as JSON: what mac and explain print.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/model/engine.hpp"
#include "word_sources.hpp"

namespace bittrue::cli {

// `accumulator`: the register's format; numbers that are none of its words are printed as exact. `before`: with a
// column of what the accumulator held before each step.
[[nodiscard]] std::string mac_table(const std::vector<MacStep>& steps, Format accumulator, bool before = false);
[[nodiscard]] nlohmann::ordered_json mac_json(const std::vector<MacStep>& steps);

// What the accumulator of each step held before it, by the steps' labels: that of its lane, or the sum of the lanes;
// empty at the start and at the nodes of a tree.
[[nodiscard]] std::vector<std::optional<ExactNumber>> accumulators_before(const std::vector<MacStep>& steps);

// The number of the term that a step adds, or -1.
[[nodiscard]] std::int64_t term_of(const MacStep& step);

// The `bittrue mac` command line that gives the same steps.
[[nodiscard]] std::string mac_command(const MacOperands& operands, const AccumulatorSpec& spec);

}  // namespace bittrue::cli
