// The arithmetic with which coverage looks inside: every number into every small type gives the word and the events of
// golden, and the sets that stand for goals hold exactly the numbers that reach them.
#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "stimulus/goals.hpp"

using namespace bittrue;
using namespace bittrue::corner;

namespace {

template <class Visit>
void for_all_small_types(int max_width, const Visit& visit) {
    for (const Dialect dialect : kAllDialects) {
        for (const Rounding rounding : kAllRoundings) {
            for (const Overflow overflow : kAllOverflows) {
                for (int width = 1; width <= max_width; ++width) {
                    for (const bool is_signed : {true, false}) {
                        for (int n = 0; n <= width; ++n) {
                            const FixedType type{{width, width, is_signed}, rounding, overflow, n, dialect};
                            if (reason_invalid(type).empty()) visit(type);
                        }
                    }
                }
            }
        }
    }
}

}  // namespace

TEST_CASE("Q, O, D, E: every number into every type of up to 4 bits gives golden's word and events") {
    std::size_t compared = 0;
    for_all_small_types(4, [&](const FixedType& type) {
        for (int frac = -2; frac <= 3; ++frac) {
            const Conversion c{.to = type, .frac = frac};
            for (i128 raw = -150; raw <= 150; ++raw) {
                const Outcome outcome = convert(raw, c);
                const Converted golden = golden::quantize(raw, frac, type);
                ++compared;
                if (word_from_raw(outcome.raw) == golden.word && outcome.events == golden.events) continue;
                FAIL(print_raw(raw) << " * 2^" << -frac << " into " << print_type(type) << ": "
                                    << print_raw(outcome.raw) << ", golden " << golden.word);
            }
        }
    });
    CHECK(compared > 1'000'000);
}

TEST_CASE("Q, O: numbers and shifts of 100 bits give golden's word and events") {
    const i128 large = (i128{1} << 99) + (i128{1} << 40) + 5;
    for_all_small_types(3, [&](const FixedType& type) {
        for (const int frac : {-200, -64, -63, 60, 97, 99, 100, 101, 119, 121, 124, 127, 128, 200}) {
            for (const i128 raw : {large, -large, i128{1}, i128{-1}, i128{0}, i128{1} << 99, -(i128{1} << 99)}) {
                const Outcome outcome = convert(raw, {.to = type, .frac = frac});
                const Converted golden = golden::quantize(raw, frac, type);
                CAPTURE(print_type(type), frac, print_raw(raw));
                REQUIRE(word_from_raw(outcome.raw) == golden.word);
                REQUIRE(outcome.events == golden.events);
            }
        }
    });
}

TEST_CASE("the set of a goal holds exactly the numbers that reach it") {
    std::array<std::size_t, kGoals> members{};
    const auto check = [&](const Conversion& c) {
        const auto targets = targets_of(c);
        for (i128 raw = -150; raw <= 150; ++raw) {
            const std::uint32_t goals = reached(raw, c, convert(raw, c));
            for (std::size_t g = 0; g < kGoals; ++g) {
                const bool is_member = targets[g].possible && contains(targets[g].target, raw);
                members[g] += is_member ? 1U : 0U;
                if (is_member == ((goals >> g & 1U) != 0)) continue;
                FAIL(name_of(static_cast<Goal>(g)) << ": " << print_raw(raw) << " * 2^" << -c.frac << " / " << c.divisor
                                                   << " into " << print_type(c.to));
            }
        }
    };
    for_all_small_types(4, [&](const FixedType& type) {
        for (int frac = -2; frac <= 4; ++frac) check({.to = type, .frac = frac});
        if (type.format.width == 4) {
            for (std::int64_t divisor = 2; divisor <= 9; ++divisor) check({.to = type, .frac = 0, .divisor = divisor});
        }
    });
    for (std::size_t g = 0; g < kGoals; ++g) {
        CAPTURE(name_of(static_cast<Goal>(g)));
        CHECK(members[g] > 0);
    }
}
