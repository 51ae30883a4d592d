// The orders in which a dump may store the words of a layer, with the words for a report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "align_order.hpp"
#include "bittrue/verify/diff.hpp"

namespace bittrue {

// What is known of a layer before its words are looked at.
struct LayerShape {
    Dims dims{};  // images first
    std::optional<Layout> layout{};
    std::vector<std::string> axes{};  // names, images first; empty: unknown
    std::int64_t per_image = 1;       // 1: unknown
    std::int64_t words = 0;           // expected
    int lanes = 1;                    // of a beat, as the dump (or the expected side) states it
};

struct Candidate {
    Order order{};
    std::vector<Finding> findings{};  // kind, text, amount, benign; `from` is -1
};

// Every other order of the axes of an image. `stated` is the order that both sides' shapes state, if it is another than
// the expected one: the expected order is then a candidate, too.
[[nodiscard]] std::vector<Candidate> other_axes(const LayerShape& shape, const Order& stated);

// Lanes of which any order is looked for.
inline constexpr int kMostLanes = 16;

// How many lanes a beat may have, 2..kMostLanes: what is stated, the last axis, then small powers of two. Without
// doubles.
[[nodiscard]] std::vector<int> likely_lanes(const LayerShape& shape);

[[nodiscard]] Candidate with_lanes(const LayerShape& shape, const Order& base, const std::vector<int>& lanes);

// "word 512 (image 0, row 3, column 4, channel 0)"
[[nodiscard]] std::string place_text(const LayerShape& shape, std::int64_t flat);

// First `first`, then `second` on what comes out. Nothing where their blocks do not fit each other.
[[nodiscard]] std::optional<Order> compose(const Order& first, const Order& second);

[[nodiscard]] std::vector<std::int64_t> index_of(std::int64_t flat, const Dims& dims);

}  // namespace bittrue
