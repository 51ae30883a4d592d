// `bittrue diff --report`: what a comparison and its diagnosis found, as one HTML file that needs nothing else.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/verify/diagnose.hpp"
#include "bittrue/verify/diff.hpp"

namespace bittrue::cli {

// The accumulation of one word under two datapaths, step by step.
struct PageTrace {
    std::string layer{};                           // of the diff report
    std::string title{};                           // which word, and what stands in the two halves
    std::vector<std::string> columns{};            // the first names the step
    std::string left{"expected"}, right{"found"};  // above the two halves
    std::size_t halves = 0;  // columns from this one on are the hypothesis's; 0: one datapath only
    std::vector<std::vector<std::string>> rows{};      // as many cells as columns
    std::size_t parts = static_cast<std::size_t>(-1);  // the row from which on the two differ
    std::string below{};                               // a line of code: the command that prints the same
};

struct DiffPageFacts {
    const VectorSet& expected;
    const VectorSet& actual;
    const DiffReport& report;
    DiffOptions options{};                       // that made the report
    const DiagnosisReport* diagnosis = nullptr;  // without --diagnose there is none
    std::vector<PageTrace> traces{};
    std::string command{};
    std::string version{};
};

[[nodiscard]] std::string diff_page(const DiffPageFacts& facts);

}  // namespace bittrue::cli
