// Pieces of text of a network file, for those who write one.
#pragma once

#include <array>
#include <string>

#include "bittrue/model/ops.hpp"

namespace bittrue::detail {

// A TOML string; control characters are escaped.
[[nodiscard]] std::string quoted(const std::string& text);
// A comment must stay on its line.
[[nodiscard]] std::string comment_text(const std::string& text);
[[nodiscard]] std::string pair_text(std::array<int, 2> p);
[[nodiscard]] std::string padding_text(const Padding& p);  // "valid" where there is none
[[nodiscard]] std::string padding_list(const Padding& p);
// The shortest text that is read back as the same double, with a point or an exponent.
[[nodiscard]] std::string real_text(double x);
[[nodiscard]] std::string layout_name(Layout layout);
[[nodiscard]] std::string axis_name(Axis axis);
[[nodiscard]] std::string rule_name(RequantizeRule rule);
// "key = value  # note", keys in a column.
[[nodiscard]] std::string key_line(const std::string& key, const std::string& value, const std::string& note = "");

}  // namespace bittrue::detail
