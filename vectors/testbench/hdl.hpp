// Testbenches in Verilog, SystemVerilog and VHDL.
#pragma once

#include <string>
#include <vector>

#include "plan.hpp"

namespace bittrue::testbench {

// All files of a testbench, with its README.
[[nodiscard]] std::vector<SetFile> hdl_files(const Plan& plan);

// A string literal of the language; bytes that it cannot hold as they are are escaped.
[[nodiscard]] std::string verilog_string(const std::string& text);
[[nodiscard]] std::string vhdl_string(const std::string& text);

}  // namespace bittrue::testbench
