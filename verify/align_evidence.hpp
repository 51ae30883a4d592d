// Whether another placement of the words explains so much that it is more than chance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "align_place.hpp"
#include "align_windows.hpp"

namespace bittrue {

struct Score {
    std::int64_t compared = 0;  // expected words that have a counterpart
    std::int64_t wrong = 0;     // of them
    std::int64_t gained = 0;    // words that agree now and did not before
    std::int64_t distinct = 0;  // different runs of 8 expected words that begin with such a word; counted up to 1000
    std::int64_t missing = 0;   // words that had a counterpart and have none now
};

// One way to read the dump: its tokens, and where the expected words stand in it.
struct Reading {
    std::span<const Token> dump;
    const Placement& placement;
};

[[nodiscard]] Score score(std::span<const Token> expected, const Reading& before, const Reading& now);
// Words that differ; `flats`, where wanted, gets up to 4096 of them, spread over all.
[[nodiscard]] std::int64_t count_wrong(std::span<const Token> expected, const Reading& reading,
                                       std::vector<std::int64_t>* flats);

// docs/reading_a_mismatch.md states this rule. `before`: words that differed; `causes`: separate places and reorderings
// that are assumed.
[[nodiscard]] bool is_convincing(const Score& now, std::int64_t before, std::int64_t causes);

}  // namespace bittrue
