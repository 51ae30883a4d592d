// Beats that a dump lacks, repeats or has besides: where it must be cut so that its words meet the expected ones again.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "align_windows.hpp"

namespace bittrue {

// How words form beats: `lanes` words each, begun anew with every `per_image` words (1: unknown).
struct Beats {
    int lanes = 1;
    std::int64_t per_image = 1;

    [[nodiscard]] bool begins_at(std::int64_t place) const {
        const bool padded = per_image > 1 && per_image % lanes != 0;
        return (padded ? place % per_image : place) % lanes == 0;
    }
};

// At `place` of the expected words, `removed` of them are not in the dump, or it has `inserted` words more. One is 0.
struct Edit {
    std::int64_t place = 0;
    std::int64_t removed = 0;
    std::int64_t inserted = 0;
    std::int64_t at = 0;    // in the dump
    bool repeated = false;  // what was inserted is what stands beside it
};

// Expected words [place, place + length) stand in the dump from `at` on.
struct Segment {
    std::int64_t place = 0;
    std::int64_t length = 0;
    std::int64_t at = 0;
};

// Greedy from the beginning: where the words part, and neither goes on as before nor by a few wrong words, the smallest
// move after which nearly all of the next words agree again (kMoveEvidence in the source). Moves of up to 64 beats are
// tried one by one, others where `hits` suggest them. Among places that explain as much the first one, at a beat where
// there is one. Bounded time: noise that no move explains is given up.
[[nodiscard]] std::vector<Edit> find_edits(std::span<const Token> expected, std::span<const Token> dump,
                                           const Beats& beats, std::span<const Hit> hits);

[[nodiscard]] std::vector<Segment> segments_of(const std::vector<Edit>& edits, std::int64_t expected,
                                               std::int64_t dumped);

}  // namespace bittrue
