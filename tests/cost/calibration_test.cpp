// The whole table that explore/cost/calibrate.sh prints, against the formulas that were fitted to it.
#include <catch2/catch.hpp>

#include "blocks.hpp"

using namespace bittrue::testing;

TEST_CASE("the formulas are those of the table that calibrate.sh makes today") {
    if (!yosys_is_there()) return;
    const std::vector<Block> rows = synthesised("calibrate.sh");
    CHECK(rows.size() > 70);
    for (const Block& row : rows) check_model(row);
}
