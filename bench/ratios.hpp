// Prints benchmarks as usual, and behind them one table: bittrue against every peer of the same run.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace bench {

class RatioReporter : public benchmark::ConsoleReporter {
public:
    RatioReporter() : ConsoleReporter(OO_None) {}
    void ReportRuns(const std::vector<Run>& runs) override;
    // Nothing if no peer ran. Medians where benchmarks were repeated.
    void print_table(std::ostream& out) const;

private:
    struct Rates {
        double images = 0, macs = 0;  // per second; the median once there is one
        bool is_median = false;
    };
    std::map<std::string, Rates> rates_{};  // by name without options: "peer/N1/sat16/bittrue"
    std::vector<std::string> order_{};      // "N1/sat16", as they ran
};

}  // namespace bench
