// A few telling words of the dump, each computed from its sums alone: so that thousands of faults of a multiplier can
// be tried before one of them is run on whole images.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "changes/sum_terms.hpp"

namespace bittrue::diagnose_detail {

class WordProbe {
public:
    struct Word {
        std::size_t flat = 0;  // of the dump
        std::int64_t actual = 0, expected = 0;
        std::int64_t channel = 0;         // of the sums
        std::vector<MacOperands> sums{};  // that meet in this word: one, or those of a pool's window
    };

    // Node `node` of the chain is a dense or conv2d behind which single words can be followed to the dump. Up to
    // `wrong` words that are wrong and `right` ones that are right; only channels of the sums for which `wanted` holds.
    [[nodiscard]] static std::optional<WordProbe> of(const Maker& maker, std::size_t node, std::size_t wrong,
                                                     std::size_t right,
                                                     const std::function<bool(std::int64_t channel)>& wanted = {});

    [[nodiscard]] const SumTerms& terms() const { return terms_; }
    [[nodiscard]] const std::vector<Word>& words() const { return words_; }

    // The word that each set of accumulators (those of one word's sums, in their order) becomes.
    [[nodiscard]] std::vector<std::int64_t> results(const std::vector<i128>& accumulators, std::size_t per_word) const;

    // Tries `count` faults on word after word; those that miss more than a third of them are dropped early.
    // accumulator(i, sum, word) is the accumulator of one of the word's sums under fault i. Gives for each fault how
    // many words it gives as dumped, -1 where it was dropped.
    using Accumulator = std::function<i128(std::size_t fault, const MacOperands& sum, const Word& word)>;
    [[nodiscard]] std::vector<int> hits(std::size_t count, const Accumulator& accumulator) const;

private:
    WordProbe(SumTerms terms, const Datapath& datapath) : terms_(std::move(terms)), datapath_(&datapath) {}

    SumTerms terms_;
    const Datapath* datapath_;
    Chain behind_{};  // from the accumulators on; its given tensor has no words yet
    std::vector<Word> words_{};
};

}  // namespace bittrue::diagnose_detail
