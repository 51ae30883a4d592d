// How alike two names are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bittrue::dump {

[[nodiscard]] std::string lower(std::string_view text);
// Insertions, deletions and exchanges that make one text the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);
// Up to `count` of the names, each once, the most alike first: by edit distance, without case, of the whole and of the
// part behind the last dot.
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& names,
                                                     std::size_t count);

}  // namespace bittrue::dump
