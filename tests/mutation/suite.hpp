// The suite as a whole: its table and the limits that it must keep.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "judge.hpp"

namespace bittrue::mutation {

// Rows of all faults, equal and noisy dumps whose name or network holds `filter`; `done` gets them in order.
[[nodiscard]] std::vector<Row> run_suite(const std::string& filter, const std::function<void(const Row&)>& done = {},
                                         unsigned workers = 1);
// Rows of any jobs, likewise.
[[nodiscard]] std::vector<Row> run_jobs(const std::vector<std::function<Row()>>& jobs,
                                        const std::function<void(const Row&)>& done, unsigned workers);

struct Summary {
    std::size_t singles = 0;  // whose effect the data shows
    std::size_t tied = 0;     // of them: the data cannot tell from others
    std::size_t first = 0, third = 0;
    std::size_t doubles = 0, doubles_first = 0, doubles_tied = 0;
    std::size_t without_cause = 0, without_cause_right = 0;
    std::size_t unseen = 0;
    std::size_t accused = 0;  // rows in which something right is accused
    double seconds = 0, slowest = 0;
};
[[nodiscard]] Summary summarize(const std::vector<Row>& rows);
// In sentences, one for each limit that is missed.
[[nodiscard]] std::vector<std::string> missed_limits(const Summary& summary);

[[nodiscard]] std::string print_row(const Row& row);
[[nodiscard]] std::string print_head();
[[nodiscard]] std::string print_summary(const Summary& summary);
[[nodiscard]] std::string to_json(const std::vector<Row>& rows);

}  // namespace bittrue::mutation
