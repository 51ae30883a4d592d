// The words of a dump in another order than expected, the same in every block: other axes first, lanes exchanged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/tensor.hpp"

namespace bittrue {

// Blocks of words (images, or beats) of which each holds the expected words of the same block in another order. Words
// behind the last whole block stay where they are.
struct Order {
    std::int64_t block = 1;
    std::int64_t words = 0;                  // in whole blocks
    std::vector<std::uint32_t> dumped_at{};  // by place as expected: place as dumped, within the block; empty: the same
    std::vector<std::uint32_t> expected_at{};  // the inverse

    [[nodiscard]] bool is_same() const { return dumped_at.empty(); }
    [[nodiscard]] std::int64_t to_dump(std::int64_t flat) const { return move(flat, dumped_at); }
    [[nodiscard]] std::int64_t to_expected(std::int64_t place) const { return move(place, expected_at); }
    friend bool operator==(const Order&, const Order&) = default;

private:
    [[nodiscard]] std::int64_t move(std::int64_t flat, const std::vector<std::uint32_t>& table) const {
        if (table.empty() || flat >= words) return flat;
        const std::int64_t inside = flat % block;
        return flat - inside + static_cast<std::int64_t>(table[static_cast<std::size_t>(inside)]);
    }
};

// The dump stores axis stored[0] of an image slowest, stored.back() fastest; `dims` are the expected image's. All words
// of `words` whole images.
[[nodiscard]] Order axes_order(const Dims& dims, const std::vector<std::size_t>& stored, std::int64_t words);

// Lane p of each beat of the dump holds the expected lane lanes[p]. Beats begin anew with every image of `per_image`
// words (1: unknown); an incomplete last beat keeps its order.
[[nodiscard]] Order lanes_order(const std::vector<int>& lanes, std::int64_t per_image, std::int64_t words);

// "lanes reversed (4 lanes)", "lanes rotated by 1 (4 lanes)", "lanes 0 and 1 exchanged (4 lanes)", or what each holds.
[[nodiscard]] std::string lanes_text(const std::vector<int>& lanes);
[[nodiscard]] std::vector<int> reversed_lanes(int lanes);
// Lane p holds the expected lane (p - by) mod lanes: everything moved up by `by`.
[[nodiscard]] std::vector<int> rotated_lanes(int lanes, int by);

}  // namespace bittrue
