// The area model against Yosys itself, on the SystemVerilog it was calibrated with.
#include <cstdlib>

#include <catch2/catch.hpp>

#include "blocks.hpp"

using namespace bittrue::testing;

TEST_CASE("at six widths accumulators have the cells that Yosys gives them, and requantisers are within three LUTs") {
    if (!yosys_is_there()) return;
    std::vector<std::string> blocks;
    bool half_up = false;  // else to even: in turn, because a block costs a tenth of a second
    for (const int width : {8, 12, 16, 24, 32, 48}) {
        const std::string w = " WIDTH=" + std::to_string(width);
        half_up = !half_up;
        blocks.push_back("accumulate TERM=8" + w + " OVERFLOW=0");
        blocks.push_back("accumulate TERM=8" + w + " OVERFLOW=1");
        blocks.push_back("accumulate TERM=16 DROP=4" + w + " OVERFLOW=1 ROUND=" + (half_up ? "2" : "6"));
    }
    for (const int width : {4, 6, 8, 10, 12, 16}) {
        const std::string cast = "cast IN=24 DROP=8 WIDTH=" + std::to_string(width) + " OVERFLOW=1 ROUND=";
        half_up = !half_up;
        blocks.push_back(cast + "0");
        blocks.push_back(cast + (half_up ? "2" : "6"));
    }
    const std::vector<Block> rows = synthesised("synthesise.sh", blocks);
    REQUIRE(rows.size() == blocks.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(rows[i].line == blocks[i]);
        check_model(rows[i]);
    }
}

TEST_CASE("a block that Yosys refuses ends the script with an error") {
    if (!yosys_is_there()) return;
    CHECK(std::system((std::string("echo 'nosuch WIDTH=4 IN=4' | ") + BITTRUE_SOURCE_DIR +
                       "/explore/cost/synthesise.sh >/dev/null 2>&1")
                          .c_str()) != 0);
}
