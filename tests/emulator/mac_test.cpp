// Accumulations worked by hand: products 5, 5, -6, 3 into 4 bits that saturate at -8 and 7, and rounding ones.
#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kAcc = fixed(4, 4, Rounding::Trn, Overflow::Sat);

MacOperands terms(const Words& products) {
    return {.weight = {8, 8, true}, .input = {8, 8, true}, .weights = products, .inputs = Words(products.size(), 1)};
}
MacOperands terms_with_bias(const Words& products, std::int64_t bias, Format format = {8, 8, true}) {
    MacOperands o = terms(products);
    o.has_bias = true;
    o.bias = format;
    o.bias_word = bias;
    return o;
}

AccumulatorSpec spec(Schedule schedule, QuantizeAt at, int group = 1, const FixedType& type = kAcc) {
    AccumulatorSpec s;
    s.type = type;
    s.schedule = schedule;
    s.group = group;
    s.quantize = at;
    return s;
}

// "start 0, term 0 5, term 1 7!": label, accumulator raw, a ! for an overflow
std::string told(const std::vector<MacStep>& steps) {
    std::string text;
    for (const MacStep& s : steps) {
        text += (text.empty() ? "" : ", ") + s.what + " = " + std::to_string(static_cast<long long>(s.accumulator_raw));
        if (s.events.overflow()) text += "!";
    }
    return text;
}
std::string told(const MacOperands& o, const AccumulatorSpec& s) {
    return told(emulator::mac(o, s));
}

const Words kProducts{5, 5, -6, 3};

}  // namespace

TEST_CASE("A6: sequential with step quantises after every term") {
    CHECK(told(terms(kProducts), spec(Schedule::Sequential, QuantizeAt::Step)) ==
          "start = 0, term 0 = 5, term 1 = 7!, term 2 = 1, term 3 = 4");
}

TEST_CASE("A10: with end the exact sum is quantised once, whatever the schedule") {
    for (const Schedule s : {Schedule::Sequential, Schedule::Interleave, Schedule::Fold, Schedule::Cascade,
                             Schedule::Partial, Schedule::Tree}) {
        CHECK(told(terms(kProducts), spec(s, QuantizeAt::End, 2)) ==
              "start = 0, term 0 = 5, term 1 = 10, term 2 = 4, term 3 = 7, end = 7");
        CHECK(told(terms({5, 5}), spec(s, QuantizeAt::End, 2)) == "start = 0, term 0 = 5, term 1 = 10, end = 7!");
    }
}

TEST_CASE("A6: interleave with step visits the passes one after the other") {
    CHECK(told(terms(kProducts), spec(Schedule::Interleave, QuantizeAt::Step, 2)) ==
          "start = 0, term 0 = 5, term 2 = -1, term 1 = 4, term 3 = 7");
}

TEST_CASE("A5: interleave beyond the number of terms is sequential") {
    CHECK(told(terms(kProducts), spec(Schedule::Interleave, QuantizeAt::Step, 5)) ==
          told(terms(kProducts), spec(Schedule::Sequential, QuantizeAt::Step)));
}

TEST_CASE("A7: interleave with fold takes a pass as the group") {
    CHECK(told(terms(kProducts), spec(Schedule::Interleave, QuantizeAt::Fold, 2)) ==
          "start = 0, pass 0 = -1, pass 1 = 7");
    CHECK(told(terms({5, 5, -6, 4}), spec(Schedule::Interleave, QuantizeAt::Fold, 2)) ==
          "start = 0, pass 0 = -1, pass 1 = 7!");
}

TEST_CASE("A6: fold with step is sequential") {
    CHECK(told(terms(kProducts), spec(Schedule::Fold, QuantizeAt::Step, 2)) ==
          told(terms(kProducts), spec(Schedule::Sequential, QuantizeAt::Step)));
}

TEST_CASE("A7: fold and cascade with fold add exact groups, the last one shorter") {
    CHECK(told(terms(kProducts), spec(Schedule::Fold, QuantizeAt::Fold, 2)) == "start = 0, fold 0 = 7!, fold 1 = 4");
    CHECK(told(terms(kProducts), spec(Schedule::Cascade, QuantizeAt::Fold, 3)) == "start = 0, fold 0 = 4, fold 1 = 7");
    CHECK(told(terms(kProducts), spec(Schedule::Cascade, QuantizeAt::Fold, 9)) == "start = 0, fold 0 = 7");
    const auto steps = emulator::mac(terms(kProducts), spec(Schedule::Fold, QuantizeAt::Fold, 2));
    CHECK(steps[1].product_raw == 10);
    CHECK(steps[2].product_raw == -3);
}

TEST_CASE("A8: partial with step keeps lanes and adds them in order") {
    CHECK(told(terms(kProducts), spec(Schedule::Partial, QuantizeAt::Step, 2)) ==
          "start = 0, term 0 lane 0 = 5, term 1 lane 1 = 5, term 2 lane 0 = -1, term 3 lane 1 = 7!, lane 0 = -1, lane "
          "1 = 6");
}

TEST_CASE("A8: partial with fold quantises each lane's exact sum") {
    CHECK(told(terms(kProducts), spec(Schedule::Partial, QuantizeAt::Fold, 2)) ==
          "start = 0, lane 0 total = -1, lane 1 total = 7!, lane 0 = -1, lane 1 = 6");
}

TEST_CASE("A8: lanes without terms do not exist") {
    CHECK(told(terms({1, 2}), spec(Schedule::Partial, QuantizeAt::Fold, 7)) ==
          "start = 0, lane 0 total = 1, lane 1 total = 2, lane 0 = 1, lane 1 = 3");
}

TEST_CASE("A9: a tree quantises every node, an odd last one passes") {
    CHECK(told(terms(kProducts), spec(Schedule::Tree, QuantizeAt::Step)) ==
          "node 0..1 = 7!, node 2..3 = -3, node 0..3 = 4");
    CHECK(told(terms({5, 5, -6}), spec(Schedule::Tree, QuantizeAt::Step)) == "node 0..1 = 7!, node 0..2 = 1");
    CHECK(told(terms({1, 1, 1, 1, 4}), spec(Schedule::Tree, QuantizeAt::Step)) ==
          "node 0..1 = 2, node 2..3 = 2, node 0..3 = 4, node 0..4 = 7!");
    CHECK(told(terms({9}), spec(Schedule::Tree, QuantizeAt::Step)) == "node 0..0 = 7!");
}

TEST_CASE("A9: a first bias is the leaf in front, a last one is added to the root") {
    auto s = spec(Schedule::Tree, QuantizeAt::Step);
    CHECK(told(terms_with_bias(kProducts, 2), s) == "node 0..1 = 7, node 2..3 = -1, node 0..3 = 6, node 0..4 = 7!");
    s.bias = BiasPosition::Last;
    CHECK(told(terms_with_bias(kProducts, 2), s) == "node 0..1 = 7!, node 2..3 = -3, node 0..3 = 4, bias = 6");
}

TEST_CASE("A4: a first bias is quantised before the first term, a last one after everything") {
    auto s = spec(Schedule::Sequential, QuantizeAt::Step);
    CHECK(told(terms_with_bias(kProducts, 9), s) == "start = 7!, term 0 = 7!, term 1 = 7!, term 2 = 1, term 3 = 4");
    s.bias = BiasPosition::Last;
    CHECK(told(terms_with_bias(kProducts, 9), s) ==
          "start = 0, term 0 = 5, term 1 = 7!, term 2 = 1, term 3 = 4, bias = 7!");
    s.quantize = QuantizeAt::End;
    CHECK(told(terms_with_bias({5, 5}, -4), s) == "start = 0, term 0 = 5, term 1 = 10, end = 7!, bias = 3");
    s.bias = BiasPosition::First;
    CHECK(told(terms_with_bias({5, 5}, -4), s) == "start = -4, term 0 = 1, term 1 = 6, end = 6");
}

TEST_CASE("A4: the bias cast comes before the accumulator, and its events show where the bias is added") {
    auto s = spec(Schedule::Sequential, QuantizeAt::Step, 1, fixed(8, 8, Rounding::Rnd, Overflow::Sat));
    const Format halves{8, 7, true};
    CHECK(told(terms_with_bias({1}, 3, halves), s) == "start = 2, term 0 = 3");  // 1.5 rounds to 2
    s.bias_cast = fixed(8, 8);
    auto steps = emulator::mac(terms_with_bias({1}, 3, halves), s);
    CHECK(told(steps) == "start = 1, term 0 = 2");
    CHECK(steps[0].events == Events{.inexact = true});
    CHECK(steps[0].product_raw == 1);
    CHECK(steps[0].product_frac == 0);
    s.bias = BiasPosition::Last;
    steps = emulator::mac(terms_with_bias({1}, 3, halves), s);
    CHECK(told(steps) == "start = 0, term 0 = 1, bias = 2");
    CHECK(steps[2].events == Events{.inexact = true});
    CHECK(steps[2].product_raw == 1);
}

TEST_CASE("A4: a last bias is added exactly before it is rounded") {
    auto s = spec(Schedule::Sequential, QuantizeAt::Step, 1, fixed(8, 8, Rounding::Rnd, Overflow::Sat));
    s.bias = BiasPosition::Last;
    CHECK(told(terms_with_bias({-1}, 1, {8, 7, true}), s) == "start = 0, term 0 = -1, bias = 0");  // -0.5 rounds to 0
}

TEST_CASE("A1: a product type rounds and saturates each product before it is added") {
    MacOperands halves{.weight = {8, 7, true}, .input = {8, 8, true}, .weights = {1, 1, 9}, .inputs = {1, 1, 2}};
    auto s = spec(Schedule::Sequential, QuantizeAt::Step);
    CHECK(told(halves, s) == "start = 0, term 0 = 0, term 1 = 0, term 2 = 7!");  // 0.5, 0.5, 9
    s.product = fixed(4, 4, Rounding::Rnd, Overflow::Sat);
    const auto steps = emulator::mac(halves, s);
    CHECK(told(steps) == "start = 0, term 0 = 1, term 1 = 2, term 2 = 7!");
    CHECK(steps[1].product_raw == 1);
    CHECK(steps[1].product_frac == 0);
    CHECK(steps[1].product_events == Events{.inexact = true});
    CHECK(steps[3].product_raw == 7);
    CHECK(steps[3].product_events == Events{.above = true, .saturated = true});
    s.schedule = Schedule::Fold;
    s.quantize = QuantizeAt::Fold;
    s.group = 3;
    const auto folded = emulator::mac(halves, s);
    CHECK(told(folded) == "start = 0, fold 0 = 7!");
    CHECK(folded[1].product_raw == 9);
    CHECK(folded[1].product_events == Events{.inexact = true, .above = true, .saturated = true});
}

TEST_CASE("A6: rounding at every step differs from rounding once") {
    const MacOperands halves{.weight = {8, 7, true}, .input = {8, 8, true}, .weights = {1, 1, 1}, .inputs = {1, 1, 1}};
    const FixedType rounds = fixed(8, 8, Rounding::Rnd, Overflow::Sat);
    CHECK(told(halves, spec(Schedule::Sequential, QuantizeAt::Step, 1, rounds)) ==
          "start = 0, term 0 = 1, term 1 = 2, term 2 = 3");
    CHECK(told(halves, spec(Schedule::Sequential, QuantizeAt::End, 1, rounds)) ==
          "start = 0, term 0 = 1, term 1 = 2, term 2 = 3, end = 2");  // running sums in halves
    CHECK(told(halves, spec(Schedule::Tree, QuantizeAt::Step, 1, rounds)) == "node 0..1 = 1, node 0..2 = 2");
}

TEST_CASE("A10: running sums stand at the finest frac of the products and a first bias") {
    const auto steps =
        emulator::mac(terms_with_bias({1}, 1, {8, 5, true}), spec(Schedule::Sequential, QuantizeAt::End));
    CHECK(told(steps) == "start = 1, term 0 = 9, end = 1");
    CHECK(steps[0].accumulator_frac == 3);
    CHECK(steps[1].accumulator_frac == 3);
    CHECK(steps[1].product_raw == 1);
    CHECK(steps[1].product_frac == 0);
    CHECK(steps[2].product_raw == 9);
    CHECK(steps[2].product_frac == 3);
    CHECK(steps[2].accumulator_frac == 0);
    CHECK(steps[2].events == Events{.inexact = true});
}

TEST_CASE("A: an accumulator finer or coarser than the products") {
    CHECK(told(terms({3, 1}), spec(Schedule::Sequential, QuantizeAt::Step, 1, fixed(8, 4))) ==
          "start = 0, term 0 = 48, term 1 = 64");
    CHECK(told(terms({3, 1}), spec(Schedule::Sequential, QuantizeAt::Step, 1, fixed(8, 9))) ==
          "start = 0, term 0 = 1, term 1 = 1");
}

TEST_CASE("A: operands that do not fit together are refused") {
    const auto sequential = spec(Schedule::Sequential, QuantizeAt::Step);
    auto o = terms(kProducts);
    o.inputs.pop_back();
    CHECK_THROWS_AS(emulator::mac(o, sequential), InputError);
    CHECK_THROWS_AS(emulator::mac(terms({}), sequential), InputError);
    CHECK_THROWS_AS(emulator::mac(terms({128}), sequential), InputError);
    CHECK_THROWS_AS(emulator::mac(terms_with_bias({1}, 300), sequential), InputError);
    CHECK_THROWS_AS(emulator::mac(terms({1}), spec(Schedule::Cascade, QuantizeAt::Step)), InputError);
    CHECK_THROWS_AS(emulator::mac(terms({1}), spec(Schedule::Sequential, QuantizeAt::Step, 1, fixed(80, 8))),
                    InputError);
}

TEST_CASE("A: an exact sum beyond 127 bits is declined, one of 127 bits is exact") {
    MacOperands o{.weight = {63, 63, true}, .input = {63, 63, true}, .weights = {}, .inputs = {}};
    const std::int64_t lowest = -(std::int64_t{1} << 62);
    o.weights = {lowest, lowest};
    o.inputs = {lowest, lowest};
    const auto end = spec(Schedule::Sequential, QuantizeAt::End, 1, fixed(64, 127, Rounding::Trn, Overflow::Sat));
    const auto steps = emulator::mac(o, end);  // 2 * 2^124 = 2^125 at an lsb of 2^63
    CHECK(steps.back().accumulator_raw == i128{1} << 62);
    CHECK(steps.back().events == Events{});
    o.weights.push_back(0);
    o.inputs.push_back(0);
    CHECK_THROWS_WITH(emulator::mac(o, end),
                      Catch::Contains("the exact sum needs 128 bits, the emulator has 127; use --engine golden"));
}
