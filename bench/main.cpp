// bittrue_bench: figures that can be compared between commits. Every benchmark first checks what it times (README.md
// says how); what is wrong is reported in place of a time and the exit status is 1. Behind everything come the tables:
// peers, sweeps, start-up.
#include <fstream>
#include <iostream>
#include <string>

#include "commit.hpp"
#include "ratios.hpp"
#include "support.hpp"

namespace {

std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown";
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("commit", BITTRUE_COMMIT);
    benchmark::AddCustomContext("compiler", "gcc " __VERSION__);
    benchmark::AddCustomContext("cpu", processor());
#ifdef NDEBUG
    benchmark::AddCustomContext("bittrue_build", "release");
#else
    benchmark::AddCustomContext("bittrue_build", "debug");
#endif
    bench::register_quantize();
    bench::register_mac();
    bench::register_layers();
    bench::register_linear();
    bench::register_networks();
    bench::register_vectors();
    bench::register_dumps();
    bench::register_io();
    bench::register_sweeps();
    bench::register_startup();
    bench::register_training();
    bench::register_peers();
    bench::RatioReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    benchmark::Shutdown();
    reporter.print_tables(std::cout);
    return bench::any_failed() ? 1 : 0;
}
