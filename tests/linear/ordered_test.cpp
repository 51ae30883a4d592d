// The general kernel: everything that chapter A can say, on every instruction set of this machine.
#include <catch2/catch.hpp>

#include "exhaustive/random_mac.hpp"
#include "linear/random_block.hpp"

using namespace bittrue;
using namespace bittrue::testing;
using namespace bittrue::emulator;

namespace {

void compare(std::uint64_t seed, int cases, const BlockLimits& limits) {
    Random random(seed);
    int ran = 0;
    for (int i = 0; i < cases; ++i) {
        BlockCase c = random_block(random, limits);
        const auto& isas = available_isas();
        c.options.isa = isas[static_cast<std::size_t>(random.integer(0, static_cast<int>(isas.size()) - 1))];
        const BlockRun run = run_block(c);
        ran += run.declined ? 0 : 1;
        INFO("case " << i << ", " << print_isa(c.options.isa) << ": " << describe_block(c));
        REQUIRE(run.difference == "");
        if (i % 8 == 0) REQUIRE(golden_difference(c) == "");
    }
    CHECK(ran > cases / 2);
}

}  // namespace

TEST_CASE(
    "A1-A10: random small accumulations of every schedule on blocks equal the per-image layer in words and events") {
    compare(1, 3000, {.max_width = 10, .max_size = 5, .max_channels = 4});
}

TEST_CASE("A1-A10: random wide accumulations on blocks equal the per-image layer in words and events") {
    compare(2, 1500, {.max_width = 40, .max_size = 4, .max_channels = 3});
}

TEST_CASE("A1-A10: the same without event counts") {
    compare(3, 3000, {.max_width = 9, .max_size = 6, .max_channels = 6, .count_events = false});
}
