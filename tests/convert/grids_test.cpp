// Where the binary point of a tensor is put.
#include <cmath>

#include <catch2/catch.hpp>

#include "grid_choice.hpp"

using namespace bittrue::explore;

TEST_CASE("a number on a grid is the nearest word, ties go up, the ends saturate") {
    const WordFormat s4{.bits = 4, .frac = 1, .is_signed = true};
    CHECK(raw_on(s4, 1.25) == 3);
    CHECK(raw_on(s4, 1.2) == 2);
    CHECK(raw_on(s4, -1.25) == -2);
    CHECK(raw_on(s4, 100) == 7);
    CHECK(raw_on(s4, -100) == -8);
    CHECK(value_on(s4, 3.4) == 3.5);
    const WordFormat u3{.bits = 3, .frac = -1, .is_signed = false};
    CHECK(raw_on(u3, 5) == 3);
    CHECK(raw_on(u3, 14.9) == 7);
    CHECK(raw_on(u3, -3) == 0);
    CHECK(s4.type() == bittrue::FixedType{.format = {.width = 4, .integer = 3, .is_signed = true},
                                          .rounding = bittrue::Rounding::Rnd,
                                          .overflow = bittrue::Overflow::Sat});
}

TEST_CASE("max takes the most fraction bits with which the largest number is no overflow") {
    const std::vector<double> positive{0, 0.25, 1.9};
    CHECK(Numbers(positive).choose(8, Calibration::Max, 100) == WordFormat{8, 7, false});  // up to 255.5/128
    const std::vector<double> edge{1.997};
    CHECK(Numbers(edge).choose(8, Calibration::Max, 100) == WordFormat{8, 6, false});
    const std::vector<double> both{-3.9, 1};
    CHECK(Numbers(both).choose(8, Calibration::Max, 100) == WordFormat{8, 5, true});
    const std::vector<double> large{1000};
    CHECK(Numbers(large).choose(4, Calibration::Max, 100) == WordFormat{4, -7, false});
    const std::vector<double> zeros{0, 0};
    CHECK(Numbers(zeros).choose(8, Calibration::Max, 100) == WordFormat{8, 8, false});
}

TEST_CASE("percentile and squared error give up rare large numbers") {
    std::vector<double> values(999, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) / 1000;
    values.push_back(3.5);
    CHECK(Numbers(values).choose(4, Calibration::Max, 100) == WordFormat{4, 2, false});
    CHECK(Numbers(values).choose(4, Calibration::Percentile, 99) == WordFormat{4, 3, false});
    // 15.5/16 and beyond is lost, but all others get half the step.
    const WordFormat mse = Numbers(values).choose(4, Calibration::Mse, 100);
    double least = 1e9;
    int best = 0;
    for (int frac = 0; frac < 9; ++frac) {
        double sum = 0;
        for (const double v : values) {
            const double e = value_on({4, frac, false}, v) - v;
            sum += e * e;
        }
        if (sum < least) least = sum, best = frac;
    }
    CHECK(mse.frac == best);
}

TEST_CASE("divergence gives up the tail of a steep distribution, and never goes beyond the largest number") {
    std::vector<double> values;
    for (int i = 0; i < 20000; ++i) values.push_back(-0.2 * std::log((i + 0.5) / 20000));
    const WordFormat max = Numbers(values).choose(3, Calibration::Max, 100),
                     kl = Numbers(values).choose(3, Calibration::Kl, 100);
    CHECK(max.frac == 1);
    CHECK(kl.frac > 1);
    const std::vector<double> even{0, 0.5, 1};
    CHECK(Numbers(even).choose(4, Calibration::Kl, 100).frac >= 3);
}
