// The settings of hls4ml's network file, each wrong in turn: what the test of all of them and that of some share.
#pragma once

#include <algorithm>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "hls4ml.hpp"
#include "suite.hpp"

namespace bittrue::mutation {

// Every `every`-th wrong value; more than `least` of these change a word.
inline void check_hls4ml(std::size_t every, std::ptrdiff_t least) {
    if (hls4ml_dump().empty() || hls4ml_images().empty()) {
        WARN("SKIPPED: the hls4ml simulation or MNIST absent");
        return;
    }
    set_seconds(5);
    const auto rows = run_hls4ml(
        "", [](const Row& row) { fmt::print("{}", print_row(row)); }, 2, every);
    fmt::print("{}", print_summary(summarize(rows)));
    const auto seen =
        std::count_if(rows.begin(), rows.end(), [](const Row& r) { return r.outcome != Outcome::Unseen; });
    CHECK(seen > least);
    const std::vector<std::string> missed = missed_settings(rows);
    CAPTURE(missed);
    CHECK(missed.empty());
}

}  // namespace bittrue::mutation
