// L17, L18, L22, L23 on cases worked by hand: constants per channel, products, limits, thresholds.
#include <limits>

#include <catch2/catch.hpp>

#include "golden/one_operation.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr Format kBytes = format_of(8, 0);

// Two channels, one row of two columns.
Operand two_by_two(Layout layout, std::vector<std::int64_t> words) {
    return {.shape = make_map(layout, 2, 1, 2), .format = kBytes, .words = std::move(words)};
}

}  // namespace

TEST_CASE("L17: affine takes scale and bias of the element's channel in both layouts", "[golden]") {
    const Affine op{.scale = words_parameter({2}, {2, -3}, kBytes), .bias = words_parameter({2}, {10, 1}, kBytes)};
    // hwc: (1, 2) (3, 4); chw: 1 2 | 3 4
    CHECK(run_same_shape(op, two_by_two(Layout::Hwc, {1, 2, 3, 4}), integers(8)).words == Words{12, -5, 16, -11});
    CHECK(run_same_shape(op, two_by_two(Layout::Chw, {1, 2, 3, 4}), integers(8)).words == Words{12, 14, -8, -11});
}

TEST_CASE("L17: one number of scale or bias serves all channels, of a vector the channel is the index", "[golden]") {
    const Operand x = vector_operand({1, -2, 3}, kBytes);
    const Parameter each = words_parameter({3}, {1, 10, 100}, kBytes), one = words_parameter({1}, {-7}, kBytes);
    const FixedType wide = integers(16);
    CHECK(run_same_shape(Affine{.scale = each, .bias = one}, x, wide).words == Words{-6, -27, 293});
    CHECK(run_same_shape(Affine{.scale = one, .bias = each}, x, wide).words == Words{-6, 24, 79});
    CHECK(run_same_shape(Affine{.scale = one}, x, wide).words == Words{-7, 14, -21});
}

TEST_CASE("L17: product and sum are exact, the one cast decides ties", "[golden]") {
    // (0.5, -0.5, 1.5, -3.5) * 0.5 + 0.25 = 0.5, 0, 1, -1.5
    const Affine op{.scale = words_parameter({1}, {2}, format_of(8, 2)),
                    .bias = words_parameter({1}, {2}, format_of(8, 3))};
    const Operand x = vector_operand({1, -1, 3, -7}, format_of(8, 1));
    CHECK(run_same_shape(op, x, clamped(8, 0, Rounding::Rnd)).words == Words{1, 0, 1, -1});
    CHECK(run_same_shape(op, x, clamped(8, 0, Rounding::RndConv)).words == Words{0, 0, 1, -2});
    CHECK(run_same_shape(op, x, clamped(8, 0, Rounding::Trn)).words == Words{0, 0, 1, -2});
    const Outcome o = run_same_shape(op, x, clamped(8, 0, Rounding::RndInf));
    CHECK(o.words == Words{1, 0, 1, -2});
    CHECK(o.events.result == EventCounts{.conversions = 4, .inexact = 2, .above = 0, .below = 0, .saturations = 0});
    CHECK(o.events.accumulator == EventCounts{});
    CHECK(o.events.product == EventCounts{});
}

TEST_CASE("L17: nothing is lost beyond 128 bits", "[golden]") {
    constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
    // 2^63 * 2^63 = 2^126, less 2^-63, in units of 2^64
    const Affine op{.scale = words_parameter({1}, {kLowest}, format_of(64, 0)),
                    .bias = words_parameter({1}, {-1}, format_of(2, 63))};
    const Outcome o = run_same_shape(op, vector_operand({kLowest}, format_of(64, 0)), clamped(64, -64, Rounding::Trn));
    CHECK(o.words == Words{(std::int64_t{1} << 62) - 1});
    CHECK(o.events.result.inexact == 1);
}

TEST_CASE("L17: affine reaches both ends of its result", "[golden]") {
    const Affine op{.scale = words_parameter({1}, {127}, kBytes), .bias = words_parameter({1}, {1}, kBytes)};
    const Outcome o = run_same_shape(op, vector_operand({1, -1, 127, -128}, kBytes), integers(8));
    CHECK(o.words == Words{127, -126, 127, -128});
    CHECK(o.events.result == EventCounts{.conversions = 4, .inexact = 0, .above = 2, .below = 1, .saturations = 3});
}

TEST_CASE("L17 and W1: stored scales and biases are cast once and named by their roles", "[golden]") {
    Affine op{.scale = {.dims = {2}, .real = {1.5, 300}, .type = integers(8)}};
    op.bias = Parameter{.dims = {1}, .real = {-0.25}, .type = clamped(8, 1, Rounding::RndInf)};
    const Outcome o = run_same_shape(op, vector_operand({2, 1}, kBytes), clamped(8, 1, Rounding::Trn));
    CHECK(o.words == Words{3, 127});  // 2 * 1 - 0.5, 127 - 0.5
    CHECK(o.events.weights == EventCounts{.conversions = 3, .inexact = 2, .above = 1, .below = 0, .saturations = 1});
    REQUIRE(o.parameters.size() == 2);
    CHECK(o.parameters[0].role == "scale");
    CHECK(o.parameters[0].tensor.words == Words{1, 127});
    CHECK(o.parameters[1].role == "bias");
    CHECK(o.parameters[1].tensor.words == Words{-1});
}

TEST_CASE("L18: multiply is exact over different fracs before its one cast", "[golden]") {
    const Operand halves = vector_operand({3, -3, 3}, format_of(8, 1));      // 1.5, -1.5, 1.5
    const Operand wholes = vector_operand({1, 1, -2}, kBytes);               // 1, 1, -2
    const Operand quarters = vector_operand({2, 2, -128}, format_of(8, 2));  // 0.5, 0.5, -32
    const auto run = [](const std::vector<Operand>& operands, Rounding rounding) {
        return run_operation(Multiply{}, operands, operands[0].shape, clamped(8, 0, rounding));
    };
    CHECK(run({halves, wholes}, Rounding::Rnd).words == Words{2, -1, -3});
    CHECK(run({wholes, halves}, Rounding::RndConv).words == Words{2, -2, -3});
    CHECK(run({halves, halves}, Rounding::Trn).words == Words{2, 2, 2});
    const Outcome o = run({halves, wholes, quarters}, Rounding::Trn);  // 0.75, -0.75, 96
    CHECK(o.words == Words{0, -1, 96});
    CHECK(o.events.result == EventCounts{.conversions = 3, .inexact = 2, .above = 0, .below = 0, .saturations = 0});
}

TEST_CASE("L18: multiply reaches both ends, also where an input is unsigned", "[golden]") {
    const Operand a = vector_operand({-128, -128, 127}, kBytes);
    const Operand b = vector_operand({255, 0, 255}, format_of(8, 0, false));
    const Outcome o = run_operation(Multiply{}, {a, b}, a.shape, integers(16));
    CHECK(o.words == Words{-32640, 0, 32385});
    const Outcome cut = run_operation(Multiply{}, {a, b, b}, a.shape, integers(16));
    CHECK(cut.words == Words{-32768, 0, 32767});
    CHECK(cut.events.result == EventCounts{.conversions = 3, .inexact = 0, .above = 1, .below = 1, .saturations = 2});
}

TEST_CASE("L22: clip keeps what lies between exact limits", "[golden]") {
    const Clip op{.min = -1.75, .max = 2.25};
    const Operand x = vector_operand({-20, -4, -3, -1, 0, 3, 4, 5, 9}, format_of(8, 1));
    CHECK(run_same_shape(op, x, clamped(8, 2, Rounding::Trn)).words == Words{-7, -7, -6, -2, 0, 6, 8, 9, 9});
    const Outcome o = run_same_shape(op, x, clamped(8, 0, Rounding::Rnd));
    CHECK(o.words == Words{-2, -2, -1, 0, 0, 2, 2, 2, 2});
    // -1.75 twice, -1.5, -0.5, 1.5, 2.25 twice
    CHECK(o.events.result == EventCounts{.conversions = 9, .inexact = 7, .above = 0, .below = 0, .saturations = 0});
}

TEST_CASE("L22: limits need not hold zero, may be equal and may leave the result's range", "[golden]") {
    const Operand x = vector_operand({-128, 0, 127}, kBytes);
    CHECK(run_same_shape(Clip{.min = 3, .max = 5}, x, integers(8)).words == Words{3, 3, 5});
    CHECK(run_same_shape(Clip{.min = -5, .max = -3}, x, integers(8)).words == Words{-5, -3, -3});
    CHECK(run_same_shape(Clip{.min = 4, .max = 4}, x, integers(8)).words == Words{4, 4, 4});
    CHECK(run_same_shape(Clip{.min = -1e300, .max = 1e300}, x, integers(8)).words == Words{-128, 0, 127});
    const Outcome o = run_same_shape(Clip{.min = -9, .max = 9}, x, integers(4));
    CHECK(o.words == Words{-8, 0, 7});
    CHECK(o.events.result == EventCounts{.conversions = 3, .inexact = 0, .above = 1, .below = 1, .saturations = 2});
}

TEST_CASE("L23: a threshold counts where x reaches it, with strict where x exceeds it", "[golden]") {
    Threshold op{.thresholds = words_parameter({1, 3}, {-2, 1, 4}, kBytes)};
    const Operand x = vector_operand({-128, -3, -2, 0, 1, 3, 4, 127}, kBytes);
    CHECK(run_same_shape(op, x, integers(8)).words == Words{0, 0, 1, 1, 2, 2, 3, 3});
    op.strict = true;
    CHECK(run_same_shape(op, x, integers(8)).words == Words{0, 0, 0, 1, 1, 2, 2, 3});
    op.thresholds.raw = {1, 1, 1};
    const Operand near = vector_operand({0, 1, 2}, kBytes);
    CHECK(run_same_shape(op, near, integers(8)).words == Words{0, 0, 3});
    op.strict = false;
    CHECK(run_same_shape(op, near, integers(8)).words == Words{0, 3, 3});
}

TEST_CASE("L23: a threshold and x are compared as values", "[golden]") {
    // thresholds -0.25, 0.25, 1 against x = -0.5, 0, 0.5, 1
    const Threshold op{.thresholds = words_parameter({1, 3}, {-1, 1, 4}, format_of(8, 2))};
    const Operand x = vector_operand({-1, 0, 1, 2}, format_of(8, 1));
    CHECK(run_same_shape(op, x, integers(8)).words == Words{0, 1, 2, 3});
}

TEST_CASE("L23: thresholds belong to channels in both layouts, one row serves all", "[golden]") {
    const Threshold op{.thresholds = words_parameter({2, 2}, {0, 2, 3, 4}, kBytes)};
    // hwc: (1, 2) (3, 4); chw: 1 2 | 3 4
    CHECK(run_same_shape(op, two_by_two(Layout::Hwc, {1, 2, 3, 4}), integers(8)).words == Words{1, 0, 2, 2});
    CHECK(run_same_shape(op, two_by_two(Layout::Chw, {1, 2, 3, 4}), integers(8)).words == Words{1, 2, 1, 2});
    CHECK(run_same_shape(op, vector_operand({2, 3}, kBytes), integers(8)).words == Words{2, 1});
    const Threshold shared{.thresholds = words_parameter({1, 2}, {2, 4}, kBytes)};
    CHECK(run_same_shape(shared, two_by_two(Layout::Hwc, {1, 2, 3, 4}), integers(8)).words == Words{0, 1, 1, 2});
}

TEST_CASE("L23: scale and bias are exact, the one cast decides ties and ends", "[golden]") {
    // k = 0, 1, 2, 3: 0.25, -0.25, -0.75, -1.25
    const Threshold op{
        .thresholds = words_parameter({1, 3}, {1, 2, 3}, kBytes), .scale = -0.5, .bias = 0.25, .strict = false};
    const Operand x = vector_operand({0, 1, 2, 3}, kBytes);
    CHECK(run_same_shape(op, x, clamped(8, 1, Rounding::Rnd)).words == Words{1, 0, -1, -2});
    CHECK(run_same_shape(op, x, clamped(8, 1, Rounding::RndConv)).words == Words{0, 0, -2, -2});
    CHECK(run_same_shape(op, x, clamped(8, 1, Rounding::Trn)).words == Words{0, -1, -2, -3});
    CHECK(run_same_shape(op, x, clamped(8, 1, Rounding::Rnd)).events.result.inexact == 4);
    const Threshold bipolar{.thresholds = words_parameter({1, 1}, {0}, kBytes), .scale = 2, .bias = -1};
    CHECK(run_same_shape(bipolar, vector_operand({-1, 0, 1}, kBytes), integers(2)).words == Words{-1, 1, 1});
    const Threshold large{.thresholds = words_parameter({1, 2}, {1, 2}, kBytes), .scale = 100, .bias = -100.5};
    const Outcome o = run_same_shape(large, x, clamped(7, 0, Rounding::TrnZero));  // -100.5, -0.5, 99.5, 99.5
    CHECK(o.words == Words{-64, 0, 63, 63});
    CHECK(o.events.result == EventCounts{.conversions = 4, .inexact = 4, .above = 2, .below = 1, .saturations = 3});
}

TEST_CASE("L23 and W1: stored thresholds are cast once and named by their role", "[golden]") {
    const Threshold op{.thresholds = {.dims = {1, 2}, .real = {0.75, 200}, .type = integers(8)}};
    const Outcome o = run_same_shape(op, vector_operand({-1, 0, 127}, kBytes), integers(8));
    CHECK(o.words == Words{0, 1, 2});
    CHECK(o.events.weights == EventCounts{.conversions = 2, .inexact = 1, .above = 1, .below = 0, .saturations = 1});
    REQUIRE(o.parameters.size() == 1);
    CHECK(o.parameters[0].role == "thresholds");
    CHECK(o.parameters[0].tensor.dims == Dims{1, 2});
    CHECK(o.parameters[0].tensor.words == Words{0, 127});
}
