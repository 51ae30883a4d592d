// Runs a fuzz target without libFuzzer, always the same way.
//
//   fuzz_X COUNT [SECONDS]   at least COUNT damaged seeds, and more until SECONDS have passed; the last one is left in
//                            fuzz_X.crash when the program dies
//   fuzz_X FILE...           just these inputs
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <unistd.h>

#include "fuzz/mutator.hpp"
#include "fuzz/target.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace {

using namespace bittrue::fuzz;

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kMaxPool = 512;

std::string crash_file;  // NOLINT: a dying process can ask nobody
std::string current;     // NOLINT

// Only calls that are allowed in a signal handler.
void keep_current() {
    const int file = ::open(crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0) return;
    const bool written = ::write(file, current.data(), current.size()) == static_cast<ssize_t>(current.size());
    ::close(file);
    constexpr char good[] = "fuzz: the input is in the file ";
    if (!written || ::write(2, good, sizeof good - 1) < 0 || ::write(2, crash_file.data(), crash_file.size()) < 0 ||
        ::write(2, "\n", 1) < 0) {
        return;
    }
}

extern "C" void on_signal(int number) {
    keep_current();
    std::signal(number, SIG_DFL);
    std::raise(number);
}

void watch() {
    std::signal(SIGABRT, on_signal);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(keep_current);
#else
    std::signal(SIGSEGV, on_signal);
    std::signal(SIGFPE, on_signal);
#endif
}

// True when the parser took the input.
bool feed(std::string input) {
    current = std::move(input);
    const std::uint64_t before = taken_count();
    // Without the terminator and the spare room of a string, so that the sanitizers see who reads too far.
    const std::vector<std::uint8_t> exact(current.begin(), current.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    return taken_count() > before;
}

int replay(int count, char** files) {
    for (int i = 0; i < count; ++i) {
        std::ifstream file(files[i], std::ios::binary);
        require(file.good(), std::string("the input file can be read: ") + files[i]);
        const bool taken = feed({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
        std::printf("%s: %s\n", files[i], taken ? "taken" : "refused");
    }
    return 0;
}

int explore(std::uint64_t count, std::uint64_t seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    std::vector<std::string> pool = seeds();
    require(!pool.empty(), "a target has seeds");
    for (const std::string& seed : pool) require(feed(seed), "the parser takes every seed");
    // What the parser still takes is damaged further, so that inputs move away from the seeds.
    Mutator mutator(kSeed, dictionary());
    const std::size_t fixed = pool.size();
    std::uint64_t taken = 0;
    std::uint64_t done = 0;
    for (; done < count || (seconds > 0 && std::chrono::steady_clock::now() < end); ++done) {
        std::string input = mutator.damaged(pool[mutator.below(pool.size())], pool[mutator.below(pool.size())]);
        if (!feed(input)) continue;
        ++taken;
        if (pool.size() < kMaxPool) {
            pool.push_back(std::move(input));
        } else {
            pool[fixed + mutator.below(pool.size() - fixed)] = std::move(input);
        }
    }
    std::printf("seed %llu: %llu inputs, %llu taken, no finding\n", static_cast<unsigned long long>(kSeed),
                static_cast<unsigned long long>(done), static_cast<unsigned long long>(taken));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    crash_file = std::string(argv[0]) + ".crash";
    watch();
    try {
        const std::string first = argc > 1 ? argv[1] : "";
        const bool is_count =
            !first.empty() && std::all_of(first.begin(), first.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (argc > 1 && !is_count) return replay(argc - 1, argv + 1);
        // A run that is given time is given more of it by who has more.
        const char* longer = std::getenv("BITTRUE_FUZZ_SECONDS");
        const char* seconds = argc > 2 && longer != nullptr ? longer : argc > 2 ? argv[2] : "0";
        return explore(is_count ? std::strtoull(first.c_str(), nullptr, 10) : 10000,
                       std::strtoull(seconds, nullptr, 10));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fuzz: an exception that is no InputError left the parser: %s\n", error.what());
    }
    keep_current();
    return 1;
}
