// Which of what was found is reported: the shortest descriptions of the dump, grouped by what they predict.
#pragma once

#include <vector>

#include "search/search.hpp"

namespace bittrue::diagnose_detail {

struct Ranked {
    std::vector<Hypothesis> hypotheses{};             // the best first
    std::vector<std::vector<std::size_t>> changes{};  // of each: numbers of candidates
};

[[nodiscard]] Ranked rank(const Subject& subject, const SearchResult& result, const Datapath& datapath,
                          std::size_t keep);

}  // namespace bittrue::diagnose_detail
