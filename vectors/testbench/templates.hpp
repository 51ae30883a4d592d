// The texts of templates/, put into the program when it is built.
#pragma once

#include <string_view>

namespace bittrue::testbench {

// By file name without ".in": "top.sv". std::logic_error for another.
[[nodiscard]] std::string_view template_text(std::string_view name);

}  // namespace bittrue::testbench
