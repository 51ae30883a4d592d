#include "align_lanes.hpp"

#include <algorithm>
#include <cstdlib>

namespace bittrue {
namespace {

constexpr std::size_t kLeastBeats = 8;

struct Match {
    std::int64_t count = 0;
    int expected = 0;
    int dumped = 0;
};

}  // namespace

std::optional<std::vector<int>> solve_lanes(const BeatPairs& beats, int lanes) {
    const auto count = static_cast<std::size_t>(lanes);
    if (beats.expected.size() < kLeastBeats * count) return {};
    std::vector<Match> matches;
    for (std::size_t p = 0; p < count; ++p) {
        for (std::size_t q = 0; q < count; ++q) {
            Match match{.count = 0, .expected = static_cast<int>(p), .dumped = static_cast<int>(q)};
            for (std::size_t beat = 0; beat < beats.expected.size(); beat += count) {
                match.count += beats.expected[beat + p] == beats.dumped[beat + q] ? 1 : 0;
            }
            matches.push_back(match);
        }
    }
    std::stable_sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
        if (a.count != b.count) return a.count > b.count;
        return (a.expected == a.dumped) > (b.expected == b.dumped);
    });
    std::vector<int> holds(static_cast<std::size_t>(lanes), -1);
    std::vector<bool> taken(static_cast<std::size_t>(lanes));
    for (const Match& match : matches) {
        int& lane = holds[static_cast<std::size_t>(match.dumped)];
        if (lane >= 0 || taken[static_cast<std::size_t>(match.expected)]) continue;
        lane = match.expected;
        taken[static_cast<std::size_t>(match.expected)] = true;
    }
    return holds;
}

std::vector<Token> beat_tokens(std::span<const Token> words, int lanes) {
    const auto count = static_cast<std::size_t>(lanes);
    std::vector<Token> tokens;
    tokens.reserve(words.size() / count);
    for (std::size_t at = 0; at + count <= words.size(); at += count) {
        std::uint64_t sum = 0;
        for (const Token token : words.subspan(at, count))
            sum += mix(static_cast<std::uint64_t>(token) + 0x9e3779b97f4a7c15U);
        tokens.push_back(static_cast<Token>(sum));
    }
    return tokens;
}

}  // namespace bittrue
