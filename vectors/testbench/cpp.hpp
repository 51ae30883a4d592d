// What the C++ testbenches (Verilator, HLS) have in common.
#pragma once

#include <string>
#include <vector>

#include "plan.hpp"
#include "template.hpp"

namespace bittrue::testbench {

// A string literal; bytes that are not printable ASCII are escaped.
[[nodiscard]] std::string cpp_string(const std::string& text);
// As it may stand in a comment of one line.
[[nodiscard]] std::string cpp_comment(const std::string& text);

// The texts `id`, `comment` and `layer` (the initialiser of a bittrue::Layer).
[[nodiscard]] Fields cpp_boundary(const Boundary& boundary);

// The headers that both testbenches include.
[[nodiscard]] std::vector<SetFile> cpp_common_files();

// All files of a testbench, with its README.
[[nodiscard]] std::vector<SetFile> verilator_files(const Plan& plan);
[[nodiscard]] std::vector<SetFile> hls_files(const Plan& plan);

}  // namespace bittrue::testbench
