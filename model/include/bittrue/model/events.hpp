// What happened in a conversion (numerics.md, E rules). Events are data: nothing prints, nothing throws.
#pragma once

#include <cstdint>

namespace bittrue {

struct Events {
    bool inexact = false;    // dropped bits were not all zero (E1)
    bool above = false;      // the rounded value was greater than the largest (E2)
    bool below = false;      // the rounded value was less than the smallest (E2)
    bool saturated = false;  // above or below, and the overflow mode is Sat, SatZero or SatSym (E3)

    [[nodiscard]] constexpr bool overflow() const { return above || below; }
    friend constexpr bool operator==(const Events&, const Events&) = default;
};

// Events summed over many conversions.
struct EventCounts {
    std::uint64_t conversions = 0;
    std::uint64_t inexact = 0;
    std::uint64_t above = 0;
    std::uint64_t below = 0;
    std::uint64_t saturations = 0;

    [[nodiscard]] constexpr std::uint64_t overflows() const { return above + below; }

    constexpr void add(const Events& e) {
        ++conversions;
        inexact += e.inexact ? 1U : 0U;
        above += e.above ? 1U : 0U;
        below += e.below ? 1U : 0U;
        saturations += e.saturated ? 1U : 0U;
    }
    constexpr EventCounts& operator+=(const EventCounts& o) {
        conversions += o.conversions;
        inexact += o.inexact;
        above += o.above;
        below += o.below;
        saturations += o.saturations;
        return *this;
    }
    friend constexpr EventCounts operator*(const EventCounts& c, std::uint64_t times) {
        return {c.conversions * times, c.inexact * times, c.above * times, c.below * times, c.saturations * times};
    }
    friend constexpr bool operator==(const EventCounts&, const EventCounts&) = default;
};

// A converted word and what happened on the way.
struct Converted {
    std::int64_t word = 0;
    Events events{};
    friend constexpr bool operator==(const Converted&, const Converted&) = default;
};

}  // namespace bittrue
