// dump/vcd/...: a VCD of 256 MB in the file cache, of which two signals are mapped, or of which all are counted. Bytes
// per second of the file.
#include <cstdio>
#include <filesystem>
#include <numeric>

#include "../tests/vectors_dump/big_vcd.hpp"
#include "bittrue/vectors/dump.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

constexpr std::uint64_t kBytes = std::uint64_t{256} << 20;

struct File {
    File()
        : path((std::filesystem::temp_directory_path() / "bittrue_bench.vcd").string()),
          big(test::write_big_vcd(path, kBytes)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { std::remove(path.c_str()); }

    std::string path;
    test::BigVcd big;
};

void read_mapped(benchmark::State& state) {
    const File file;
    DumpSource source;
    source.layer = "data";
    source.signals = {"tb.dut.data"};
    source.valid = "tb.dut.valid";
    source.format = Format{.width = 16, .integer = 16, .is_signed = false};
    DumpOptions options;
    options.map = DumpMap{.path = {}, .clock = "tb.clk", .falling = false, .sources = {source}};
    for (auto _ : state) {
        const VectorSet set = read_dump(file.path, options);
        const std::vector<std::int64_t>& words = set.layers.at(0).words;
        const std::int64_t sum = std::accumulate(words.begin(), words.end(), std::int64_t{0});
        if (words.size() != file.big.beats || static_cast<std::uint64_t>(sum) != file.big.sum) {
            fail(state, "the words of the dump are not those that were written");
            return;
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(file.big.bytes) * static_cast<std::int64_t>(state.iterations()));
}

void list_all(benchmark::State& state) {
    const File file;
    for (auto _ : state) {
        std::uint64_t changes = 0;
        for (const SignalActivity& signal : list_signals(file.path)) changes += signal.changes;
        if (changes < 20 * file.big.clocks) {
            fail(state, "fewer changes than were written");
            return;
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(file.big.bytes) * static_cast<std::int64_t>(state.iterations()));
}

}  // namespace

void register_dumps() {
    benchmark::RegisterBenchmark("dump/vcd/mapped:2", read_mapped)->Unit(benchmark::kMillisecond)->UseRealTime();
    benchmark::RegisterBenchmark("dump/vcd/list", list_all)->Unit(benchmark::kMillisecond)->UseRealTime();
}

}  // namespace bench
