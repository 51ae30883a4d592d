#include "ratios.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace bench {

namespace {

constexpr std::array kOurselves{"events", "all-cores", "avx2", "scalar"};
constexpr std::array kPeers{"onednn", "int-loops-vector", "int-loops", "sc_fixed_fast", "sc_fixed", "golden"};

std::string print_number(const char* format, double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string print_ratio(double ours, double peer) {
    if (peer <= 0 || ours <= 0) return "-";
    const double ratio = ours / peer;
    return print_number(ratio < 10 ? "%.3gx" : ratio < 100 ? "%.1fx" : "%.0fx", ratio);
}

void print_aligned(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string fill(widths[i] - row[i].size(), ' ');
            out << (i == 0 ? "" : "  ") << (i < 2 ? row[i] + fill : fill + row[i]);
        }
        out << '\n';
    }
}

}  // namespace

void RatioReporter::ReportRuns(const std::vector<Run>& runs) {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
        if (run.error_occurred) continue;
        const bool is_median = run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
        if (run.run_type == Run::RT_Aggregate && !is_median) continue;
        const std::string& name = run.run_name.function_name;
        if (name.starts_with("peer/") || name.starts_with("peak/")) take_rates(run, name, is_median);
        if (name.starts_with("sweep/") || name.starts_with("startup/")) take_time(run, name, is_median);
    }
}

void RatioReporter::take_rates(const Run& run, const std::string& name, bool is_median) {
    Rates& rates = rates_[name.starts_with("peak/") ? "peak" : name];
    const auto counter = [&](const char* key) {
        const auto found = run.counters.find(key);
        return found == run.counters.end() ? 0.0 : found->second.value;
    };
    if (rates.is_median && !is_median) return;
    const double best = rates.is_median || is_median ? 0 : rates.images;
    rates = {.images = std::max(best, counter("images/s")), .macs = counter("MAC/s"), .is_median = is_median};
    if (!name.starts_with("peer/")) return;
    const std::string row = name.substr(5, name.rfind('/') - 5);
    if (std::find(order_.begin(), order_.end(), row) == order_.end()) order_.push_back(row);
}

void RatioReporter::take_time(const Run& run, const std::string& name, bool is_median) {
    const double seconds = run.GetAdjustedCPUTime() / benchmark::GetTimeUnitMultiplier(run.time_unit);
    auto at = std::lower_bound(times_.begin(), times_.end(), name,
                               [](const Time& time, const std::string& text) { return time.name < text; });
    if (at == times_.end() || at->name != name)
        at = times_.insert(at, {.name = name, .seconds = seconds, .is_median = is_median});
    if (at->is_median && !is_median) return;
    at->seconds = is_median ? seconds : std::min(at->seconds, seconds);
    at->is_median = is_median;
}

void RatioReporter::print_tables(std::ostream& out) const {
    if (!order_.empty()) print_ratios(out);
    if (!times_.empty()) print_times(out);
}

void RatioReporter::print_times(std::ostream& out) const {
    std::vector<std::vector<std::string>> rows;
    for (const Time& time : times_) {
        const bool sweeps = time.name.starts_with("sweep/");
        rows.push_back({time.name, sweeps ? "10,000 images x 24 widths" : "file to first image's words",
                        sweeps ? print_number("%.2f s", time.seconds) : print_number("%.2f ms", 1e3 * time.seconds)});
    }
    out << "\nsweeps and start-up on one core, CPU time\n\n";
    print_aligned(out, rows);
}

void RatioReporter::print_ratios(std::ostream& out) const {
    const auto rates = [&](const std::string& name) {
        const auto found = rates_.find(name);
        return found == rates_.end() ? Rates{} : found->second;
    };
    const double peak = rates("peak").macs;
    std::vector<std::vector<std::string>> rows{
        {"network", "accumulator", "images/s", "GMAC/s", "of peak", "events", "all cores", "avx2", "scalar"}};
    for (const char* const peer : kPeers) rows.front().emplace_back(peer);
    for (const std::string& name : order_) {
        const Rates ours = rates("peer/" + name + "/bittrue");
        const std::size_t slash = name.find('/');
        std::vector<std::string>& row = rows.emplace_back();
        row = {name.substr(0, slash), name.substr(slash + 1), print_number("%.0f", ours.images),
               print_number("%.1f", ours.macs / 1e9), peak > 0 ? print_number("%.1f %%", 100 * ours.macs / peak) : "-"};
        for (const char* const self : kOurselves)
            row.push_back(print_ratio(rates("peer/" + name + "/bittrue-" + self).images, ours.images));
        for (const char* const peer : kPeers)
            row.push_back(print_ratio(ours.images, rates("peer/" + name + "/" + peer).images));
    }
    out << "\nbittrue on one core, and how many times faster it is than each peer";
    if (peak > 0) out << "; peak: " << print_number("%.0f", peak / 1e9) << " GMAC/s of u8 x s8 dot products";
    out << "\nevents to scalar: bittrue counting events, on all cores, without AVX-512, without vectors, against its "
           "own images/s\n\n";
    print_aligned(out, rows);
#ifndef BENCH_ONEDNN
    out << "\nonednn: not in this build (libdnnl-dev was not found)\n";
#endif
#ifndef BENCH_SYSTEMC
    out << "\nsc_fixed: not in this build (libsystemc-dev was not found)\n";
#endif
}

}  // namespace bench
