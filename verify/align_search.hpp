// Looks for another way to read a dump that explains most of what differs. docs/reading_a_mismatch.md says when one is
// believed.
#pragma once

#include <optional>
#include <vector>

#include "align_candidates.hpp"
#include "align_place.hpp"
#include "word_pair.hpp"

namespace bittrue {

struct Realigned {
    Placement placement{};
    WordMap map{};
    std::vector<Finding> findings{};  // at least one
};

// `stated` is where the words should stand. Time is bounded: a few passes over the words per reading that a sample
// suggests.
[[nodiscard]] std::optional<Realigned> search_alignment(const WordPair& words, const LayerShape& shape,
                                                        const Placement& stated);

}  // namespace bittrue
