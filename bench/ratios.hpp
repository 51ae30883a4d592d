// Prints benchmarks as usual, and behind them one table: bittrue against every peer of the same run. Under it, how long
// sweeps and start-up took.
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
    // Nothing of what did not run. Medians where benchmarks were repeated.
    void print_tables(std::ostream& out) const;

private:
    struct Rates {
        double images = 0, macs = 0;  // per second; the median once there is one
        bool is_median = false;
    };
    struct Time {
        std::string name{};  // "sweep/N1/SAT"
        double seconds = 0;  // the median once there is one
        bool is_median = false;
    };
    void take_rates(const Run& run, const std::string& name, bool is_median);
    void take_time(const Run& run, const std::string& name, bool is_median);
    void print_ratios(std::ostream& out) const;
    void print_times(std::ostream& out) const;

    std::map<std::string, Rates> rates_{};  // by name without options: "peer/N1/sat16/bittrue"
    std::vector<std::string> order_{};      // "N1/sat16", as they ran
    std::vector<Time> times_{};             // of sweeps and starts, sorted by name
};

}  // namespace bench
