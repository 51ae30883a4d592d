// Which sums a number of parts can have when each part is one of a few numbers, exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "random.hpp"
#include "strided.hpp"

namespace bittrue::corner {

class SumSets {
public:
    // Sums of 0 .. most parts. Nothing where that would be too much work (about a second), or a part is negative.
    [[nodiscard]] static std::optional<SumSets> of(const std::vector<i128>& parts, std::int64_t most);

    [[nodiscard]] bool contains(std::int64_t count, i128 sum) const;
    // All sums of `count` parts, the smallest first.
    [[nodiscard]] std::vector<i128> sums(std::int64_t count) const;
    // Parts (by index) with that sum; another choice each time. contains(count, sum) must hold.
    [[nodiscard]] std::vector<std::size_t> parts_of(std::int64_t count, i128 sum, SplitMix64& random) const;

private:
    using Bits = std::vector<std::uint64_t>;
    std::vector<i128> parts_{};
    std::vector<Bits> sets_{};  // by the number of parts
};

}  // namespace bittrue::corner
