// The mutation suite as a table: bittrue_mutations [--hls4ml] [--filter TEXT] [--json FILE] [--seconds S] [--workers
// N]. Exit status 1 if a limit is missed.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "hls4ml.hpp"
#include "suite.hpp"

int main(int argc, char** argv) {
    using namespace bittrue::mutation;
    try {
        std::string filter, json, seconds = "2", workers = "1";
        bool hls4ml = false;
        for (int i = 1; i < argc; ++i) {
            const std::string option = argv[i];
            if (option == "--hls4ml") {
                hls4ml = true;
                continue;
            }
            std::string* const value = option == "--filter"    ? &filter
                                       : option == "--json"    ? &json
                                       : option == "--seconds" ? &seconds
                                       : option == "--workers" ? &workers
                                                               : nullptr;
            if (value == nullptr || i + 1 == argc) {
                fmt::print(
                    stderr,
                    "usage: bittrue_mutations [--hls4ml] [--filter TEXT] [--json FILE] [--seconds S] [--workers N]\n");
                return 2;
            }
            *value = argv[++i];
        }
        set_seconds(std::stod(seconds));
        const auto threads = static_cast<unsigned>(std::stoul(workers));
        fmt::print("{}", print_head());
        const auto print = [](const Row& row) {
            fmt::print("{}", print_row(row));
            std::fflush(stdout);
        };
        const auto rows = hls4ml ? run_hls4ml(filter, print, threads) : run_suite(filter, print, threads);
        const Summary summary = summarize(rows);
        fmt::print("{}", print_summary(summary));
        if (!json.empty()) std::ofstream(json) << to_json(rows);
        const auto missed = hls4ml ? missed_settings(rows) : missed_limits(summary);
        for (const std::string& limit : missed) fmt::print("MISSED: {}\n", limit);
        return missed.empty() ? 0 : 1;
    } catch (const std::exception& e) {
        fmt::print(stderr, "{}\n", e.what());
        return 2;
    }
}
