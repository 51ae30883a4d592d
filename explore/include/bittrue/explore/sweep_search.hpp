// The cheapest accumulator width for each layer that keeps the accuracy.
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/cost.hpp"
#include "bittrue/explore/sweep_judge.hpp"

namespace bittrue::explore {

struct SearchGoal {
    std::vector<AccumulatorSpec> specs{};  // by number: everything but the widths
    std::vector<std::size_t> layers{};     // numbers whose width is searched
    int lowest = 1, highest = 64;          // widths
    std::uint64_t correct = 0;             // the floor: at least so many right answers
    Keep keep = Keep::Frac;
};

struct SearchStep {
    std::string what{};         // "start", "conv2d 17 -> 16", "dense 14 -> 13, conv2d 9 -> 10"
    std::vector<int> widths{};  // by number
    Outcome outcome{};
    Area area{};  // of all accumulating layers
};

struct SearchResult {
    Outcome wide{};
    std::vector<SearchStep> path{};  // every accepted step; the last is the result
    std::vector<AccumulatorSpec> specs{};
    std::size_t judged = 0;  // configurations that were run
};

// The smallest width within 1..64 at which the weights alone prove that layer `number` cannot overflow, whatever the
// images: that of the exact bounds of bound_network(). Where no width is proved, the one of wide sums.
[[nodiscard]] int proven_width(const Graph& graph, std::size_t number, const AccumulatorSpec& spec, Keep keep);

// From the proven widths (at most `highest`) downwards, one bit at a time, where most LUTs are saved per right answer
// lost; then exchanges of bits between two layers while they save LUTs. Every candidate is judged bit for bit; the same
// input gives the same path. InputError where not even the start reaches the floor.
[[nodiscard]] SearchResult search_widths(const Trial& trial, const SearchGoal& goal, const JudgeOptions& options);

}  // namespace bittrue::explore
