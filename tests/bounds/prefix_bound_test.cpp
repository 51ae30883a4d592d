// The failure looks like this: a bound that some input passes, or one that none reaches. Brute force: all inputs of the
// range, all orders of the terms, by golden.
#include <algorithm>
#include <numeric>
#include <optional>

#include <catch2/catch.hpp>

#include "bittrue/emulator/bounds.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/random_mac.hpp"
#include "exhaustive/types.hpp"

using namespace bittrue;
using namespace bittrue::emulator;
using bittrue::testing::Random;

namespace {

struct Small {
    MacOperands operands{};  // the inputs are what brute force chooses
    AccumulatorSpec spec{};
    InputRange range{};
    [[nodiscard]] std::optional<std::int64_t> bias() const {
        return operands.has_bias ? std::optional(operands.bias_word) : std::nullopt;
    }
};

Small random_small(Random& random) {
    const testing::MacCase c = testing::random_mac(random, 3, 3, 3);
    Small s{.operands = c.operands, .spec = c.spec};
    const Format x = s.operands.input;
    const auto a = raw_from_word(testing::random_word(random, x), x);
    const auto b = raw_from_word(testing::random_word(random, x), x);
    s.range = {std::min(a, b), std::max(a, b)};
    s.spec.schedule = Schedule::Sequential;
    s.spec.quantize = QuantizeAt::Step;
    return s;
}

// Calls visit(steps, bias position) for all inputs, orders and positions of the bias.
template <class Visit>
void brute_force(const Small& s, const AccumulatorSpec& spec, Visit visit) {
    const std::size_t n = s.operands.weights.size();
    std::vector<i128> x(n, s.range.low);
    while (true) {
        std::vector<std::size_t> order(n);
        std::iota(order.begin(), order.end(), std::size_t{0});
        do {
            for (const BiasPosition position : {BiasPosition::First, BiasPosition::Last}) {
                if (!s.operands.has_bias && position == BiasPosition::Last) continue;
                MacOperands o = s.operands;
                for (std::size_t t = 0; t < n; ++t) {
                    o.weights[t] = s.operands.weights[order[t]];
                    o.inputs[t] = word_from_raw(x[order[t]]);
                }
                AccumulatorSpec moved = spec;
                moved.bias = position;
                visit(golden::mac(o, moved));
            }
        } while (std::next_permutation(order.begin(), order.end()));
        std::size_t i = 0;
        while (i < n && x[i] == s.range.high) x[i++] = s.range.low;
        if (i == n) return;
        ++x[i];
    }
}

AccumulatorSpec with_type(AccumulatorSpec spec, int width, int frac) {
    spec.type = {.format = {.width = width, .integer = width - frac, .is_signed = true}};
    return spec;
}

}  // namespace

TEST_CASE(
    "A1: over all inputs and orders partial sums reach the prefix bound, the full sum its bound, and never more") {
    Random random(41);
    int bounded = 0, declined = 0, cast = 0;
    for (int round = 0; round < 400; ++round) {
        const Small s = random_small(random);
        CAPTURE(round, testing::describe(s.spec), print_raw(s.range.low), print_raw(s.range.high));
        const auto& o = s.operands;
        const auto prefix = prefix_bound(o.weights, o.weight, o.input, s.range, s.spec, s.bias(), o.bias);
        const auto sum = sum_bound(o.weights, o.weight, o.input, s.range, s.spec, s.bias(), o.bias);
        REQUIRE(prefix.has_value() == sum.has_value());
        i128 low = 0, high = 0;
        std::optional<i128> sum_low, sum_high;
        bool product_overflow = false;
        const int frac = prefix ? prefix->frac : s.spec.product ? s.spec.product->format.frac() : 0;
        brute_force(s, with_type(s.spec, 64, frac), [&](const std::vector<MacStep>& steps) {
            for (const MacStep& step : steps) {
                product_overflow =
                    product_overflow || (step.what.starts_with("term") && step.product_events.overflow());
                low = std::min(low, step.accumulator_raw);
                high = std::max(high, step.accumulator_raw);
            }
            const i128 total = steps.back().accumulator_raw;
            sum_low = std::min(sum_low.value_or(total), total);
            sum_high = std::max(sum_high.value_or(total), total);
        });
        CHECK(prefix.has_value() == !product_overflow);
        if (!prefix) {
            ++declined;
            continue;
        }
        ++bounded;
        if (s.spec.product) ++cast;
        CHECK(print_raw(prefix->low) == print_raw(low));
        CHECK(print_raw(prefix->high) == print_raw(high));
        CHECK(sum->frac == prefix->frac);
        CHECK(print_raw(sum->low) == print_raw(*sum_low));
        CHECK(print_raw(sum->high) == print_raw(*sum_high));
    }
    CHECK(bounded > 100);
    CHECK(declined > 50);
    CHECK(cast > 30);
}

TEST_CASE("an accumulator is safe exactly when no input and order makes it overflow, and then nothing is dropped") {
    Random random(42);
    int safe = 0, unsafe = 0;
    for (int round = 0; round < 1500; ++round) {
        Small s = random_small(random);
        const auto& o = s.operands;
        const auto bound = prefix_bound(o.weights, o.weight, o.input, s.range, s.spec, s.bias(), o.bias);
        if (!bound) continue;
        const int term_frac = s.spec.product ? s.spec.product->format.frac() : o.weight.frac() + o.input.frac();
        std::optional<int> bias_frac;
        if (o.has_bias) bias_frac = s.spec.bias_cast ? s.spec.bias_cast->format.frac() : o.bias.frac();
        // Wide enough to lose no bit, and about as wide as it must be.
        FixedType& type = s.spec.type;
        const int frac = bound->frac + random.integer(0, 1);
        type.format.width = random.integer(1, 9);
        type.format.integer = type.format.width - frac;
        if (!reason_invalid(type).empty()) continue;
        CAPTURE(round, testing::describe(s.spec), print_raw(bound->low), print_raw(bound->high));
        bool overflows = false;
        brute_force(s, s.spec, [&](const std::vector<MacStep>& steps) {
            for (const MacStep& step : steps) overflows = overflows || step.events.above || step.events.below;
        });
        // A bias cast is a conversion of its own.
        if (o.has_bias && s.spec.bias_cast) {
            if (golden::quantize(raw_from_word(o.bias_word, o.bias), o.bias.frac(), *s.spec.bias_cast)
                    .events.overflow())
                continue;
        }
        const bool proven = is_safe(*bound, s.spec, term_frac, bias_frac);
        CHECK(proven == !overflows);
        ++(proven ? safe : unsafe);
        FixedType coarse = type;
        coarse.format.integer += frac - term_frac + 1;  // one fraction bit less than the terms
        AccumulatorSpec drops = s.spec;
        drops.type = coarse;
        CHECK_FALSE(is_safe(*bound, drops, term_frac, bias_frac));
    }
    CHECK(safe > 100);
    CHECK(unsafe > 100);
}

TEST_CASE("numbers beyond 120 bits have no bound, and the widest formats none that wraps") {
    const Format wide{.width = 64, .integer = 64, .is_signed = true};
    const AccumulatorSpec spec;
    const std::vector<std::int64_t> weights{std::numeric_limits<std::int64_t>::min(), 1};
    const InputRange all{raw_min(wide), raw_max(wide)};
    CHECK_FALSE(prefix_bound(weights, wide, wide, all, spec, std::nullopt, {}).has_value());
    const auto small = prefix_bound(std::vector<std::int64_t>{-1, 1}, wide, wide, all, spec, std::nullopt, {});
    REQUIRE(small.has_value());
    CHECK(small->high == raw_max(wide) - raw_min(wide));
    CHECK(small->low == raw_min(wide) - raw_max(wide));
    // A bias whose lsb is 2^-200 beside terms of lsb 1.
    const Format fine{.width = 8, .integer = -192, .is_signed = true};
    CHECK_FALSE(prefix_bound(std::vector<std::int64_t>{1}, wide, wide, {0, 1}, spec, 1, fine).has_value());
    CHECK(prefix_bound(std::vector<std::int64_t>{0}, wide, wide, {0, 1}, spec, 1, fine)->high == 1);
}
