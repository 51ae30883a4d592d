// The steps of an accumulation as a table and as JSON: what mac and explain print.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/model/engine.hpp"

namespace bittrue::cli {

// `accumulator`: the register's format; numbers that are none of its words are printed as exact.
[[nodiscard]] std::string mac_table(const std::vector<MacStep>& steps, Format accumulator);
[[nodiscard]] nlohmann::ordered_json mac_json(const std::vector<MacStep>& steps);

// The `bittrue mac` command line that gives the same steps.
[[nodiscard]] std::string mac_command(const MacOperands& operands, const AccumulatorSpec& spec);

}  // namespace bittrue::cli
