// Memory does not grow with the file.
#include <numeric>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include "vectors_dump/big_vcd.hpp"
#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::int64_t peak_kilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("a VCD of 64 MB is read in less than 32 MB of memory") {
    const Folder folder;
    const BigVcd big = write_big_vcd(folder / "big.vcd", std::uint64_t{64} << 20);
    DumpSource source = source_of("data", {"tb.dut.data"}, "tb.dut.valid");
    source.format = bits(16, 16, false);
    const std::int64_t before = peak_kilobytes();
    const VectorLayer layer = only_layer(read_dump(folder / "big.vcd", mapped("tb.clk", {source})));
    const std::int64_t growth = peak_kilobytes() - before;
    INFO("grew by " << growth << " KB for " << layer.words.size() << " words");
    CHECK(layer.words.size() == big.beats);
    CHECK(std::accumulate(
              layer.words.begin(), layer.words.end(), std::uint64_t{0},
              [](std::uint64_t sum, std::int64_t word) { return sum + static_cast<std::uint64_t>(word); }) == big.sum);
    CHECK(big.bytes >= std::uint64_t{64} << 20);
    CHECK(growth < 32 * 1024);
}
