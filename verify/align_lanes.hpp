// Which lane of a dump holds which expected lane, found by comparing them as columns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "align_sequence.hpp"

namespace bittrue {

// Beats of both sides, one behind the other.
struct BeatPairs {
    std::vector<Token> expected{};
    std::vector<Token> dumped{};
};

// For each lane of the dump the expected lane that it agrees with most often (0 and up, every lane once); the same lane
// where several agree as often. Nothing for fewer than 8 beats.
[[nodiscard]] std::optional<std::vector<int>> solve_lanes(const BeatPairs& beats, int lanes);

// For each beat a token of its words whatever their order.
[[nodiscard]] std::vector<Token> beat_tokens(std::span<const Token> words, int lanes);

}  // namespace bittrue
