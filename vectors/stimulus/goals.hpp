// The corners of one conversion, each as the set of exact raws that reach it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "strided.hpp"

namespace bittrue::corner {

enum class Goal : std::uint8_t {
    Exact,            // no dropped bit is set
    RoundedPositive,  // some is, number above zero
    RoundedNegative,
    TiePositive,  // exactly half an lsb is dropped
    TieNegative,
    DroppedOnes,     // one step below the next word: where truncation loses most
    NegativeToZero,  // below zero, and its word is zero
    Zero,            // exactly zero
    Positive,
    Negative,
    Largest,   // rounded number = largest of the range
    OneAbove,  // ... and one lsb more
    Above,
    AboveByRounding,  // the number's floor still is in the range
    Smallest,
    OneBelow,
    Below,
    BelowByRounding,  // the number cut off toward zero still is in the range
};
inline constexpr std::size_t kGoals = 18;

[[nodiscard]] const char* name_of(Goal goal);

// Bit g is set where goal g is reached by converting `raw` with this outcome.
[[nodiscard]] std::uint32_t reached(i128 raw, const Conversion& c, const Outcome& outcome);

// The raws that reach a goal; `possible` is false where the type has no such number whatever the raw is.
struct GoalTarget {
    bool possible = false;
    Target target{};
};
[[nodiscard]] std::array<GoalTarget, kGoals> targets_of(const Conversion& c);

// Why no number of `values` reaches the goal, in words.
[[nodiscard]] std::string why_unreachable(Goal goal, const Conversion& c, const Strided& values);

}  // namespace bittrue::corner
