// Which layer of a dump is which of the expected ones.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// For each expected layer the index of the actual one, or kNone; no actual layer twice.
[[nodiscard]] std::vector<std::size_t> pair_layers(const VectorSet& expected, const VectorSet& actual,
                                                   std::vector<std::string>& notes);

}  // namespace bittrue
