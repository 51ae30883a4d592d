// Where coverage is counted: conversions of one kind (Site), single facts (Mark) and table entries (Bins); and the two
// ways to walk through a layer, with the numbers of an image or with the sets of all numbers.
#pragma once

#include <string>
#include <vector>

#include "goals.hpp"

namespace bittrue::corner {

enum class EventClass : std::uint8_t { Product, Accumulator, Result };

// Hits of one goal, and whether anything could hit it.
struct Tally {
    std::uint64_t hits = 0;
    std::int64_t first_image = -1;
    bool reachable = false;
};

struct Site {
    std::string place{};
    EventClass kind = EventClass::Result;
    Conversion conversion{};
    std::array<GoalTarget, kGoals> targets{};
    std::array<Tally, kGoals> tallies{};
    EventCounts counts{};
    bool used = false;      // by the walk over all numbers
    bool any_frac = false;  // numbers come in with any frac: there is none just below the next word
    Strided values{};       // all numbers that come in
};
[[nodiscard]] Site make_site(std::string place, EventClass kind, const Conversion& conversion);

struct Mark {
    std::string place{};
    std::string goal{};
    Tally tally{};
    std::string why{};                // where it is not reachable
    i128 value = 0;                   // of marks that look for one number
    int channel = -1;                 // of a sum
    std::int64_t nearest_image = -1;  // of a sum: which came nearest to the bound
    int reach_per_mille = -1;
};

// One entry of a table and the words that lead to it.
struct Bin {
    Strided words{};  // reachable ones; meaningless unless tally.reachable
    Tally tally{}, lowest{}, highest{};
};
struct Bins {
    std::string place{};
    std::vector<Bin> bins{};
};

// A conversion that was seen: which site, with which number.
struct Seen {
    const Site* site = nullptr;
    i128 raw = 0;
};

// The numbers of one image.
class Concrete {
public:
    using Value = i128;
    static constexpr bool is_abstract = false;

    std::int64_t image = 0;
    std::vector<Seen>* trace = nullptr;  // lists every conversion where set
    bool counts = true;                  // off: only the trace is wanted

    [[nodiscard]] static Value number(i128 raw) { return raw; }
    [[nodiscard]] static Value add(Value a, Value b) { return a + b; }
    [[nodiscard]] static Value scale(Value a, i128 factor) { return a * factor; }
    [[nodiscard]] static Value multiply(Value a, Value b) { return a * b; }
    [[nodiscard]] static Value larger(Value a, Value b) { return a > b ? a : b; }
    [[nodiscard]] Value convert(Site& site, Value raw);
    void hit(Tally& tally) const {
        if (!counts) return;
        if (tally.hits++ == 0) tally.first_image = image;
    }
};

// All numbers any image can bring.
class Abstract {
public:
    using Value = Strided;
    static constexpr bool is_abstract = true;

    [[nodiscard]] static Value number(i128 raw) { return single(raw); }
    [[nodiscard]] static Value add(const Value& a, const Value& b) { return sum(a, b); }
    [[nodiscard]] static Value scale(const Value& a, i128 factor) { return scaled(a, factor); }
    [[nodiscard]] static Value multiply(const Value& a, const Value& b) { return product(a, b); }
    [[nodiscard]] static Value larger(const Value& a, const Value& b) { return larger_of(a, b); }
    [[nodiscard]] static Value convert(Site& site, const Value& values);
};

}  // namespace bittrue::corner
