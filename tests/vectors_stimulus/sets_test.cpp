// Sets of numbers: what is proved impossible with them must be, and what is solved with them must be right.
#include <numeric>
#include <set>

#include <catch2/catch.hpp>

#include "bittrue/model/notation.hpp"
#include "exhaustive/random.hpp"
#include "exhaustive/types.hpp"
#include "stimulus/adjust.hpp"
#include "stimulus/sum_sets.hpp"

using namespace bittrue;
using namespace bittrue::corner;
using bittrue::testing::Random;

namespace {

Strided random_set(Random& random) {
    const int low = random.integer(-40, 40);
    return normalised(low, low + random.integer(0, 60), random.integer(0, 9));
}

std::set<int> members(const Strided& s) {
    std::set<int> all;
    for (i128 raw = s.low; raw <= s.high; raw += s.step == 0 ? 1 : s.step) all.insert(static_cast<int>(raw));
    return all;
}

bool holds(const Strided& s, int raw) {
    return raw >= s.low && raw <= s.high && (s.step == 0 ? raw == s.low : (raw - s.low) % s.step == 0);
}

}  // namespace

TEST_CASE("a set of sums, products, joins or larger numbers holds each of them") {
    Random random(1);
    for (int k = 0; k < 3000; ++k) {
        const Strided a = random_set(random), b = random_set(random);
        const int factor = random.integer(-5, 5);
        for (const int x : members(a)) {
            REQUIRE(holds(scaled(a, factor), x * factor));
            REQUIRE(holds(joined(a, b), x));
            for (const int y : members(b)) {
                REQUIRE(holds(sum(a, b), x + y));
                REQUIRE(holds(product(a, b), x * y));
                REQUIRE(holds(larger_of(a, b), std::max(x, y)));
            }
        }
    }
}

TEST_CASE("the converted set holds the word of every member, in every type") {
    Random random(2);
    for (int k = 0; k < 20000; ++k) {
        const int width = random.integer(1, 6);
        const FixedType type = testing::random_type(random, {width, width, random.one_in(2)});
        const Conversion c{.to = type, .frac = random.integer(-3, 4)};
        const Strided a = random_set(random), out = converted(a, c);
        CAPTURE(print_type(type), c.frac, print_raw(a.low), print_raw(a.high), print_raw(a.step));
        for (const int x : members(a)) REQUIRE(holds(out, static_cast<int>(convert(x, c).raw)));
    }
}

TEST_CASE("the first and the last member within a target are found exactly") {
    Random random(3);
    for (int k = 0; k < 20000; ++k) {
        const Strided a = random_set(random);
        Target t{.low = random.integer(-60, 20), .high = random.integer(-20, 90)};
        t.modulus = random.one_in(2) ? 1 << random.integer(0, 5) : random.integer(1, 12);
        t.residue = random.integer(0, static_cast<int>(t.modulus) - 1);
        t.differs = random.one_in(4);
        const int from = random.integer(-70, 70);
        std::optional<i128> first, last;
        for (const int x : members(a)) {
            if (!contains(t, x)) continue;
            if (x >= from && !first) first = x;
            if (x <= from) last = x;
        }
        REQUIRE(first_from(a, t, from) == first);
        REQUIRE(last_to(a, t, from) == last);
    }
}

TEST_CASE("sums of parts are all found, and taken apart again") {
    const std::vector<i128> parts = {0, 3, 10, 64, 131};
    const auto sets = SumSets::of(parts, 4);
    REQUIRE(sets);
    std::set<i128> expected;
    for (const i128 a : parts) {
        for (const i128 b : parts) {
            for (const i128 c : parts) expected.insert(a + b + c);
        }
    }
    const std::vector<i128> found = sets->sums(3);
    CHECK(std::vector<i128>(expected.begin(), expected.end()) == found);
    SplitMix64 random(1);
    for (const i128 sum : found) {
        i128 total = 0;
        const auto chosen = sets->parts_of(3, sum, random);
        for (const std::size_t part : chosen) total += parts[part];
        CHECK(chosen.size() == 3);
        CHECK(total == sum);
    }
    CHECK_FALSE(SumSets::of({-1, 2}, 2));
}

TEST_CASE("knobs are turned to the exact difference wherever weights without a common divisor leave room") {
    SplitMix64 random(7);
    for (int k = 0; k < 2000; ++k) {
        std::vector<Knob> knobs;
        i128 before = 0, room_up = 0;
        for (int i = 0; i < 12; ++i) {
            const i128 weight = i == 0 ? 7 : i == 1 ? 5 : random.between(-127, 127);
            const i128 position = random.between(20, 80);
            knobs.push_back({weight, position, 100});
            before += weight * position;
            room_up += weight > 0 ? weight * (100 - position) : -weight * position;
        }
        const i128 difference = random.between(0, static_cast<std::int64_t>(room_up / 2));
        REQUIRE(adjust(knobs, difference, random));
        i128 after = 0;
        for (const Knob& knob : knobs) {
            REQUIRE(knob.position >= 0);
            REQUIRE(knob.position <= knob.last);
            after += knob.weight * knob.position;
        }
        REQUIRE(after - before == difference);
    }
    std::vector<Knob> even{{2, 0, 10}, {4, 0, 10}};
    CHECK_FALSE(adjust(even, 3, random));
}
