// L24 on cases worked by hand.
#include <catch2/catch.hpp>

#include "golden/one_operation.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr Format kSums = format_of(32, 0);

Requantize by(std::int64_t multiplier, int shift, RequantizeRule rule = RequantizeRule::Exact) {
    return {.multiplier = words_parameter({1}, {multiplier}, kSums), .shift = {shift}, .rule = rule};
}

Requantize with_zero(Requantize op, std::int64_t zero_point, bool first) {
    op.zero_point = zero_point;
    op.zero_point_first = first;
    return op;
}

Outcome run(const Requantize& op, std::vector<std::int64_t> sums, const FixedType& result) {
    return run_same_shape(op, vector_operand(std::move(sums), kSums), result);
}

FixedType bytes(Rounding rounding) {
    return clamped(8, 0, rounding);
}

EventCounts counted(std::uint64_t conversions, std::uint64_t inexact, std::uint64_t above, std::uint64_t below) {
    return {
        .conversions = conversions, .inexact = inexact, .above = above, .below = below, .saturations = above + below};
}

}  // namespace

TEST_CASE("L24 exact: halves go where the result's rounding sends ties", "[golden]") {
    const std::vector<std::int64_t> sums{-5, -3, -1, 1, 3, 5, 6};  // -2.5 .. 2.5, 3
    const auto words = [&](Rounding rounding) { return run(by(1, 1), sums, bytes(rounding)).words; };
    CHECK(words(Rounding::Trn) == Words{-3, -2, -1, 0, 1, 2, 3});
    CHECK(words(Rounding::TrnZero) == Words{-2, -1, 0, 0, 1, 2, 3});
    CHECK(words(Rounding::Rnd) == Words{-2, -1, 0, 1, 2, 3, 3});
    CHECK(words(Rounding::RndZero) == Words{-2, -1, 0, 0, 1, 2, 3});
    CHECK(words(Rounding::RndMinInf) == Words{-3, -2, -1, 0, 1, 2, 3});
    CHECK(words(Rounding::RndInf) == Words{-3, -2, -1, 1, 2, 3, 3});
    CHECK(words(Rounding::RndConv) == Words{-2, -2, 0, 0, 2, 2, 3});
    const Outcome o = run(by(1, 1), sums, bytes(Rounding::Rnd));
    CHECK(o.events.result == counted(7, 6, 0, 0));
    CHECK(o.events.accumulator == EventCounts{});
    CHECK(o.events.weights == EventCounts{});
}

TEST_CASE("L24 exact: multipliers of either sign, shifts of either sign", "[golden]") {
    CHECK(run(by(3, 2), {1, 2, 3, -2}, bytes(Rounding::Rnd)).words == Words{1, 2, 2, -1});     // .75 1.5 2.25 -1.5
    CHECK(run(by(-3, 2), {1, 2, 3, -2}, bytes(Rounding::Rnd)).words == Words{-1, -1, -2, 2});  // the negatives
    CHECK(run(by(1, 0), {-128, 127}, bytes(Rounding::Rnd)).words == Words{-128, 127});
    CHECK(run(by(3, -3), {1, -2, 5, 6}, bytes(Rounding::Rnd)).words == Words{24, -48, 120, 127});
    CHECK(run(by(0, 5), {7, -7}, bytes(Rounding::Trn)).words == Words{0, 0});
    CHECK(run(by(1, 62), {-1, 1}, bytes(Rounding::Trn)).words == Words{-1, 0});
    CHECK(run(by(1, -62), {-1, 1}, bytes(Rounding::Trn)).words == Words{-128, 127});
}

TEST_CASE("L24: fracs of input and result do not matter, raws do", "[golden]") {
    const Operand sums = vector_operand({-5, 3, 6}, format_of(32, 11));
    CHECK(run_same_shape(by(1, 1), sums, clamped(8, -3, Rounding::Rnd)).words == Words{-2, 2, 3});
}

TEST_CASE("L24: multiplier and shift belong to channels in both layouts", "[golden]") {
    const Requantize op{.multiplier = words_parameter({2}, {3, 100}, kSums), .shift = {0, 2}};
    const auto words = [&](Layout layout) {
        const Operand in{.shape = make_map(layout, 2, 1, 2), .format = kSums, .words = {1, 2, 3, 4}};
        return run_same_shape(op, in, bytes(Rounding::Rnd)).words;
    };
    CHECK(words(Layout::Hwc) == Words{3, 50, 9, 100});
    CHECK(words(Layout::Chw) == Words{3, 6, 75, 100});
    const Outcome o = run_same_shape(op, vector_operand({1, 1}, kSums), bytes(Rounding::Rnd));
    CHECK(o.words == Words{3, 25});
    REQUIRE(o.parameters.size() == 1);
    CHECK(o.parameters[0].role == "multiplier");
    CHECK(o.parameters[0].tensor.words == Words{3, 100});
}

TEST_CASE("L24: a zero point behind or in front of the rounding differs in ties that look at sign or parity",
          "[golden]") {
    const std::vector<std::int64_t> sums{-3, -1, 1, 3};  // -1.5 -0.5 0.5 1.5
    const auto words = [&](Rounding rounding, std::int64_t zero_point, bool first) {
        return run(with_zero(by(1, 1), zero_point, first), sums, bytes(rounding)).words;
    };
    CHECK(words(Rounding::RndConv, 1, false) == Words{-1, 1, 1, 3});
    CHECK(words(Rounding::RndConv, 1, true) == Words{0, 0, 2, 2});
    CHECK(words(Rounding::RndConv, 2, false) == words(Rounding::RndConv, 2, true));
    CHECK(words(Rounding::Rnd, 1, false) == Words{0, 1, 2, 3});
    CHECK(words(Rounding::Rnd, 1, true) == Words{0, 1, 2, 3});
    CHECK(words(Rounding::RndInf, 10, false) == Words{8, 9, 11, 12});
    CHECK(words(Rounding::RndInf, 10, true) == Words{9, 10, 11, 12});
    CHECK(words(Rounding::TrnZero, 10, false) == Words{9, 10, 10, 11});
    CHECK(words(Rounding::TrnZero, 10, true) == Words{8, 9, 10, 11});
    CHECK(run(with_zero(by(1, 1), 1, true), sums, bytes(Rounding::RndConv)).events.result == counted(4, 4, 0, 0));
}

TEST_CASE("L24: overflow is of the sum with the zero point", "[golden]") {
    for (const bool first : {false, true}) {
        const Outcome up = run(with_zero(by(1, 0), 127, first), {-1, 0, 1, -300}, bytes(Rounding::Rnd));
        CHECK(up.words == Words{126, 127, 127, -128});
        CHECK(up.events.result == counted(4, 0, 1, 1));
        const Outcome down = run(with_zero(by(1, 0), -128, first), {200, 0, -1, 256}, bytes(Rounding::Rnd));
        CHECK(down.words == Words{72, -128, -128, 127});
        CHECK(down.events.result == counted(4, 0, 1, 1));
        const Outcome positive =
            run(with_zero(by(1, 0), 3, first), {-4, -3, 252, 253}, clamped(8, 0, Rounding::Rnd, false));
        CHECK(positive.words == Words{0, 0, 255, 255});
        CHECK(positive.events.result == counted(4, 0, 1, 1));
    }
}

TEST_CASE("L24: every overflow mode of the result is that of chapter O", "[golden]") {
    const auto words = [](Overflow overflow, int n) {
        FixedType type = clamped(4, 0, Rounding::Trn);
        type.overflow = overflow;
        type.saturated_bits = n;
        return run(with_zero(by(1, 0), 1, false), {-21, -10, -9, 6, 7, 8, 19}, type).words;
    };
    CHECK(words(Overflow::Wrap, 0) == Words{-4, 7, -8, 7, -8, -7, 4});
    CHECK(words(Overflow::Wrap, 1) == Words{-4, -1, -8, 7, 0, 1, 4});
    CHECK(words(Overflow::Sat, 0) == Words{-8, -8, -8, 7, 7, 7, 7});
    CHECK(words(Overflow::SatSym, 0) == Words{-7, -7, -7, 7, 7, 7, 7});
    CHECK(words(Overflow::SatZero, 0) == Words{0, 0, -8, 7, 0, 0, 0});
    CHECK(words(Overflow::WrapSm, 0) == Words{3, -8, -8, 7, 7, 6, -5});
}

TEST_CASE("L24 and D2: the ap dialect reads the deleted bit from the floor with the zero point", "[golden]") {
    const auto words = [](Dialect dialect, const Requantize& op, std::vector<std::int64_t> sums) {
        FixedType type = clamped(4, 0, Rounding::Rnd);
        type.overflow = Overflow::WrapSm;
        type.dialect = dialect;
        return run(op, std::move(sums), type).words;
    };
    // 12.5 and 15.5 with 3 and 0: 16, floor 15
    for (const bool first : {false, true}) {
        CHECK(words(Dialect::Ap, with_zero(by(1, 1), 3, first), {25}) == Words{0});
        CHECK(words(Dialect::Sc, with_zero(by(1, 1), 3, first), {25}) == Words{-1});
        CHECK(words(Dialect::Ap, with_zero(by(1, 1), 0, first), {31}) == Words{0});
        CHECK(words(Dialect::Sc, with_zero(by(1, 1), 0, first), {31}) == Words{-1});
        // 0.5 with 18: 19, floor 18
        CHECK(words(Dialect::Ap, with_zero(by(1, 1), 18, first), {1}) == Words{-4});
        CHECK(words(Dialect::Sc, with_zero(by(1, 1), 18, first), {1}) == Words{-4});
    }
}

TEST_CASE("L24 exact: 64-bit words and multipliers lose nothing", "[golden]") {
    const Format f = format_of(64, 0, false);
    const Requantize op{.multiplier = words_parameter({1}, {-1}, f), .shift = {62}};  // the word of 2^64 - 1
    const FixedType result = clamped(64, 0, Rounding::RndInf, false);
    // (2^64-1)^2 / 2^62 is above every word, (2^64-1) * 3 / 2^62 is 12 - 3/2^62
    const Outcome o = run_same_shape(op, vector_operand({-1, 3, 1}, f), result);
    CHECK(o.words == Words{-1, 12, 4});
    CHECK(o.events.result == counted(3, 3, 1, 0));
}

TEST_CASE("L24 float32: the sum and the product are rounded to 24 bits, half to even", "[golden]") {
    const Requantize unit = by(1, 0, RequantizeRule::Float32);
    const Outcome whole = run(unit, {16777217, 16777219, -16777217, -16777219, 16777216}, integers(32));
    CHECK(whole.words == Words{16777216, 16777220, -16777216, -16777220, 16777216});
    CHECK(whole.events.result == counted(5, 0, 0, 0));  // what R is asked to round are integers

    // 3 * 11184811 = 2^25 + 1: exactly above a half and above one, in single precision not
    const auto words = [](RequantizeRule rule, int shift, Rounding rounding) {
        return run(by(11184811, shift, rule), {3, -3}, bytes(rounding)).words;
    };
    CHECK(words(RequantizeRule::Exact, 26, Rounding::RndConv) == Words{1, -1});
    CHECK(words(RequantizeRule::Float32, 26, Rounding::RndConv) == Words{0, 0});
    CHECK(words(RequantizeRule::Float32, 26, Rounding::Rnd) == Words{1, 0});
    CHECK(words(RequantizeRule::Exact, 25, Rounding::Trn) == Words{1, -2});
    CHECK(words(RequantizeRule::Float32, 25, Rounding::Trn) == Words{1, -1});
    CHECK(run(by(11184811, 25, RequantizeRule::Float32), {3}, bytes(Rounding::Trn)).events.result ==
          counted(1, 0, 0, 0));
    CHECK(run(by(11184811, 25), {3}, bytes(Rounding::Trn)).events.result == counted(1, 1, 0, 0));
}

TEST_CASE("L24 float32: the product rounds the rounded sum", "[golden]") {
    // fl32(2^24 + 1) = 2^24, times 3 is 3 * 2^24; rounded once, 3 * 2^24 + 3 would be 3 * 2^24 + 4
    CHECK(run(by(3, 0, RequantizeRule::Float32), {16777217}, integers(32)).words == Words{50331648});
}

TEST_CASE("L24 float32: the zero point in front is added exactly", "[golden]") {
    // v = 0.5 - 2^-25; with 1 it is below 1.5, in single precision it would be 1.5
    const Requantize op = by(16777215, 25, RequantizeRule::Float32);
    CHECK(run(with_zero(op, 1, true), {1}, bytes(Rounding::RndConv)).words == Words{1});
    CHECK(run(with_zero(op, 1, false), {1}, bytes(Rounding::RndConv)).words == Words{1});
    const Requantize half = by(1, 1, RequantizeRule::Float32);
    CHECK(run(with_zero(half, 1, true), {1}, bytes(Rounding::RndConv)).words == Words{2});
    CHECK(run(with_zero(half, 1, false), {1}, bytes(Rounding::RndConv)).words == Words{1});
}

TEST_CASE("L24 float32: exponents have no end", "[golden]") {
    const Operand largest = vector_operand({-1, 1}, format_of(64, 0, false));
    Requantize op = by(16777215, -62, RequantizeRule::Float32);
    op.zero_point = 5;
    for (const bool first : {false, true}) {
        op.zero_point_first = first;
        FixedType type = integers(8);
        CHECK(run_same_shape(op, largest, type).words == Words{127, 127});
        type.overflow = Overflow::Wrap;
        CHECK(run_same_shape(op, largest, type).words == Words{5, 5});
        CHECK(run_same_shape(op, largest, type).events.result ==
              EventCounts{.conversions = 2, .inexact = 0, .above = 2, .below = 0, .saturations = 0});
    }
}

TEST_CASE("L24 tflite_double: the high multiplication sends ties up, the shift away from zero", "[golden]") {
    const auto words = [](int shift, std::vector<std::int64_t> sums) {
        const Requantize op = by(std::int64_t{1} << 30, shift, RequantizeRule::TfliteDouble);
        return run(op, std::move(sums), bytes(Rounding::Trn)).words;  // the result's rounding is not used
    };
    CHECK(words(31, {-3, -1, 0, 1, 3}) == Words{-1, 0, 0, 1, 2});
    // a/2 with ties up, then halved with ties away: -1.5 -1 -0.5 0.5 1 1.5 2.5
    CHECK(words(32, {-6, -4, -2, 2, 4, 6, 10}) == Words{-2, -1, -1, 1, 1, 2, 3});
    // 0.25 and 0.75 become 0.5 and 1, -0.25 and -0.75 become 0 and -0.5
    CHECK(words(32, {1, 3, -1, -3}) == Words{1, 1, 0, -1});
    CHECK(words(28, {1, -1, 15}) == Words{4, -4, 60});
}

TEST_CASE("L24 tflite_double: inexact is what the whole product is", "[golden]") {
    const auto inexact = [](int shift, std::int64_t sum) {
        const Requantize op = by(std::int64_t{1} << 30, shift, RequantizeRule::TfliteDouble);
        return run(op, {sum}, bytes(Rounding::Rnd)).events.result.inexact;
    };
    CHECK(inexact(31, 1) == 1);  // 0.5, of which the high multiplication makes 1
    CHECK(inexact(31, 2) == 0);
    CHECK(inexact(32, 2) == 1);
    CHECK(inexact(32, 4) == 0);
    CHECK(inexact(28, 1) == 0);
}

TEST_CASE("L24 tflite_double: negative multipliers, the zero point and both ends", "[golden]") {
    const std::int64_t half = std::int64_t{1} << 30;
    CHECK(run(by(-half, 31, RequantizeRule::TfliteDouble), {-3, -1, 1, 3}, bytes(Rounding::Rnd)).words ==
          Words{2, 1, 0, -1});
    for (const bool first : {false, true}) {
        const Requantize op = with_zero(by(half, 31, RequantizeRule::TfliteDouble), -3, first);
        const Outcome o = run(op, {1, -1, 260, 262, -250, -252}, bytes(Rounding::RndConv));
        CHECK(o.words == Words{-2, -3, 127, 127, -128, -128});
        CHECK(o.events.result == counted(6, 2, 1, 1));
    }
}
