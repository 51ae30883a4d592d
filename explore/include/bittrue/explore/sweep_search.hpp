// The cheapest accumulator width for each layer that keeps the accuracy.
#pragma once

#include <optional>
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
    std::string what{};         // "start", "start at w12", "conv2d 17 -> 16", "dense 14 -> 13, conv2d 9 -> 10"
    std::vector<int> widths{};  // by number
    Outcome outcome{};
    Area area{};  // of all accumulating layers
};

struct SearchResult {
    Outcome wide{};
    std::vector<SearchStep> path{};  // every accepted step from the better start; the last is the result
    std::vector<AccumulatorSpec> specs{};
    std::size_t judged = 0;  // configurations that were run
};

// The smallest width within 1..64 at which, the lsb kept, the weights alone prove that layer `number` cannot overflow,
// whatever the images: that of the exact bounds of bound_network(). Empty where no width is proved.
[[nodiscard]] std::optional<int> proven_width(const Graph& graph, std::size_t number, const AccumulatorSpec& spec);

// Downwards one bit at a time, where most LUTs are saved per right answer lost; then exchanges of bits between two
// layers while they save LUTs. From two starts, of which the cheaper end counts: the proven widths (`highest` where
// none is proved, and where the integer bits are kept, since then a narrow width loses fraction bits), and the cheapest
// single width of all layers that reaches the floor. So no single width is cheaper than the result. Every candidate is
// judged bit for bit; the same input gives the same path. InputError where no start reaches the floor.
[[nodiscard]] SearchResult search_widths(const Trial& trial, const SearchGoal& goal, const JudgeOptions& options);

}  // namespace bittrue::explore
