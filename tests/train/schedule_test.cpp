#include <catch2/catch.hpp>

#include "bittrue/explore/train.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/training_settings.hpp"

using namespace bittrue;
using namespace bittrue::explore;

TEST_CASE("H10: rates of a schedule are rounded half to even to the learning rate's word") {
    const auto schedule = parse_schedule("0:1,70:0.7,80:0.5,81:0.01171875", 8, 7);
    REQUIRE(schedule.size() == 4);
    CHECK(rate_at(schedule, 0).raw == 128);
    CHECK(rate_at(schedule, 69).raw == 128);
    CHECK(rate_at(schedule, 70).raw == 90);
    CHECK(rate_at(schedule, 81).raw == 2);  // 1.5 lsb
    CHECK(rate_at(schedule, 500).frac == 7);
}

TEST_CASE("a schedule that is none, or whose rates are no words, is refused") {
    for (const char* text : {"", "1", "0:", ":1", "0:1,", "0:1,0:1", "1:1", "0:1,5:0.5,4:1", "0:x", "0:nan", "0:inf",
                             "0:-1", "0:0", "0:0.001", "0:2", "-1:1", "0:1 ,1:1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_schedule(text, 8, 7), InputError);
    }
    CHECK_THROWS_AS(parse_schedule("0:0.00390625", 8, 7), InputError);  // half an lsb, to even: 0
    CHECK_NOTHROW(parse_schedule("0:1.9921875", 8, 7));
}

TEST_CASE("bits of training are five numbers in their ranges") {
    CHECK(print_training_bits(parse_training_bits("8/8/16/16/16")) == "8/8/16/16/16");
    for (const char* text :
         {"", "1", "1/2/8/8", "1/2/8/8/8/", "1/2/8/8/8/8", "0/2/8/8/8", "9/2/8/8/8", "1/0/8/8/8", "1/2/1/8/8",
          "1/2/17/8/8", "1/2/8/1/8", "1/2/8/8/0", "1/2/8/8/17", "a/2/8/8/8", "1/2/8/8/8 ", "1//8/8/8"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_training_bits(text), InputError);
    }
}
