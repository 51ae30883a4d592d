// Another reading of the bits of each word of a dump.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/format.hpp"

namespace bittrue {

// From a word as dumped to the word as meant.
struct WordMap {
    enum class Kind : std::uint8_t { Same, Bits, Bytes, Shifted };
    Kind kind = Kind::Same;
    int width = 0;    // of the pattern that is reversed; for Bytes a multiple of 8
    int shift = 0;    // Shifted: the dumped word is the meant one times 2^shift, either sign
    Format format{};  // of the meant word, at most `width` wide

    // Nothing where no meant word looks so: a pattern beyond `width`, a word that is no multiple of 2^shift.
    [[nodiscard]] std::optional<i128> apply(i128 dumped) const;
    // "bits of each word reversed (8 bits)"
    [[nodiscard]] std::string text() const;

    friend bool operator==(const WordMap&, const WordMap&) = default;
};

// What is known of the words of both sides before they are aligned.
struct WordFacts {
    std::optional<Format> format{};
    i128 expected_min = 0, expected_max = 0;
    i128 actual_min = 0, actual_max = 0;
    int expected_zeros = 0, actual_zeros = 0;  // low bits that are 0 in every word; 0 where all words are 0
};

// The maps worth trying, without Same: reversed bits and bytes in the format's width and in the containers around it,
// shifts by the difference of the largest magnitudes, of the low zeros, and by `likely_shift` (0: none).
[[nodiscard]] std::vector<WordMap> word_maps(const WordFacts& facts, int likely_shift);

}  // namespace bittrue
