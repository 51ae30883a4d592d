#include "training/pace.hpp"

#include <catch2/catch.hpp>

using bittrue::explore::Pace;

namespace {

// Steps on one thread among so many, when a step takes so long alone and on all threads.
int alone_of(Pace& pace, int steps, double alone, double all) {
    int count = 0;
    for (int i = 0; i < steps; ++i) {
        count += pace.alone() ? 1 : 0;
        pace.took(pace.alone() ? alone : all);
    }
    return count;
}

}  // namespace

TEST_CASE("the faster number of threads gets nearly all steps, and may become another") {
    Pace pace(true);
    CHECK(alone_of(pace, 10000, 1, 2) > 9900);
    CHECK(alone_of(pace, 20000, 2, 1) < 9000);  // found out at the next trial
    CHECK(alone_of(pace, 10000, 2, 1) < 100);
}

TEST_CASE("without a choice all steps are for all threads") {
    Pace pace(false);
    CHECK(alone_of(pace, 1000, 1, 2) == 0);
}
