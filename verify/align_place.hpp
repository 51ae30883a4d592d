// Where in a dump each expected word stands.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "align_order.hpp"
#include "align_sequence.hpp"

namespace bittrue {

// First the order of the words within images or beats, then what is missing or too much in their sequence.
struct Placement {
    Order order{};
    std::vector<Segment> segments{};  // of the ordered words; empty: each stands where the order says
    std::int64_t dumped = 0;          // words of the dump

    // -1: not in the dump.
    [[nodiscard]] std::int64_t actual_flat(std::int64_t flat) const {
        const std::int64_t place = order.to_dump(flat);
        if (segments.empty()) return place < dumped ? place : -1;
        auto next = std::upper_bound(segments.begin(), segments.end(), place,
                                     [](std::int64_t value, const Segment& s) { return value < s.place; });
        if (next == segments.begin()) return -1;
        const Segment& segment = *--next;
        return place < segment.place + segment.length ? segment.at + (place - segment.place) : -1;
    }

    // Words from a placed one on that follow each other in the dump; at least 1.
    [[nodiscard]] std::int64_t run(std::int64_t flat) const {
        if (!order.is_same()) return 1;
        if (segments.empty()) return dumped - flat;
        const auto next = std::upper_bound(segments.begin(), segments.end(), flat,
                                           [](std::int64_t value, const Segment& s) { return value < s.place; });
        return (next - 1)->place + (next - 1)->length - flat;
    }
};

}  // namespace bittrue
