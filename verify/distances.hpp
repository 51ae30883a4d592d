// How far wrong words are, counted in buckets.
#pragma once

#include <array>
#include <vector>

#include "bittrue/verify/diff.hpp"

namespace bittrue {

class Distances {
public:
    void add(i128 distance);

    [[nodiscard]] bool empty() const { return empty_; }
    [[nodiscard]] i128 smallest() const { return smallest_; }
    [[nodiscard]] i128 largest() const { return largest_; }
    // Ascending, without empty ones.
    [[nodiscard]] std::vector<DistanceBucket> buckets() const;

private:
    static constexpr std::size_t kBuckets = 136;  // of one sign; distances have at most 129 bits
    std::array<std::array<std::int64_t, kBuckets>, 2> counts_{};
    bool empty_ = true;
    i128 smallest_ = 0, largest_ = 0;
};

}  // namespace bittrue
