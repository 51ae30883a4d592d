// What the wrong words themselves say, before anything is tried: it orders the candidates.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "subject/subject.hpp"

namespace bittrue::diagnose_detail {

struct Evidence {
    std::int64_t words = 0;                           // judged: not masked
    std::int64_t different = 0;                       // of them
    std::int64_t above = 0, below = 0;                // actual larger, smaller
    std::int64_t by_one = 0;                          // distance of +-1
    std::int64_t one_bit = 0;                         // patterns that differ in one bit
    std::int64_t to_zero = 0;                         // actual 0
    std::int64_t to_end = 0;                          // actual at an end of the range
    std::int64_t from_end = 0;                        // expected at an end of the range
    std::array<std::int64_t, 64> bit{};               // patterns that differ in this bit
    std::array<std::int64_t, 64> bit_set{};           // of those: actual has it set
    std::vector<std::int64_t> by_channel{};           // wrong words per channel of the result
    std::vector<std::int64_t> by_image{};             // per image
    std::vector<std::int64_t> by_row{}, by_column{};  // of maps
    // The words from which on the dump has one and the same to its end; 0: it has no such end.
    std::int64_t tail_from = 0, tail_wrong = 0, tail_raw = 0;
    bool constant_per_channel = false;  // all wrong words of a channel have the same distance, for every channel

    [[nodiscard]] double share() const { return words == 0 ? 0 : double(different) / double(words); }
};

[[nodiscard]] Evidence evidence_of(const Subject& subject);

}  // namespace bittrue::diagnose_detail
