// Chapter A on cases worked by hand: a 4-bit accumulator (-8..7) that saturates, products 5, 5, -6, 3.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"

using namespace bittrue;

namespace {

constexpr Format kByte{.width = 8, .integer = 8, .is_signed = true};
constexpr FixedType kSat4{.format = {.width = 4, .integer = 4, .is_signed = true}, .overflow = Overflow::Sat};

AccumulatorSpec spec_of(Schedule schedule, int group, QuantizeAt quantize, BiasPosition bias = BiasPosition::First) {
    return {.type = kSat4, .schedule = schedule, .group = group, .quantize = quantize, .bias = bias};
}

MacOperands operands_of(std::vector<std::int64_t> products, bool has_bias = false, std::int64_t bias = 0) {
    std::vector<std::int64_t> ones(products.size(), 1);
    return {.weight = kByte,
            .input = kByte,
            .weights = std::move(products),
            .inputs = std::move(ones),
            .has_bias = has_bias,
            .bias = kByte,
            .bias_word = bias};
}

const MacOperands kNoBias = operands_of({5, 5, -6, 3});
const MacOperands kBias2 = operands_of({5, 5, -6, 3}, true, 2);

using Names = std::vector<std::string>;
using Raws = std::vector<int>;

Names names(const std::vector<MacStep>& steps) {
    Names result;
    for (const MacStep& s : steps) result.push_back(s.what);
    return result;
}
Raws accumulators(const std::vector<MacStep>& steps) {
    Raws result;
    for (const MacStep& s : steps) result.push_back(static_cast<int>(s.accumulator_raw));
    return result;
}
Raws added(const std::vector<MacStep>& steps) {
    Raws result;
    for (const MacStep& s : steps) result.push_back(static_cast<int>(s.product_raw));
    return result;
}

}  // namespace

TEST_CASE("A6: sequential with step saturates at each term", "[golden]") {
    const auto steps = golden::mac(kNoBias, spec_of(Schedule::Sequential, 1, QuantizeAt::Step));
    CHECK(names(steps) == Names{"start", "term 0", "term 1", "term 2", "term 3"});
    CHECK(added(steps) == Raws{0, 5, 5, -6, 3});
    CHECK(accumulators(steps) == Raws{0, 5, 7, 1, 4});
    CHECK(steps[2].events == Events{.above = true, .saturated = true});
    CHECK(steps[3].events == Events{});
}

TEST_CASE("A4: the bias first or last", "[golden]") {
    const auto first = golden::mac(kBias2, spec_of(Schedule::Sequential, 1, QuantizeAt::Step));
    CHECK(accumulators(first) == Raws{2, 7, 7, 1, 4});
    CHECK(added(first) == Raws{2, 5, 5, -6, 3});
    const auto last = golden::mac(kBias2, spec_of(Schedule::Sequential, 1, QuantizeAt::Step, BiasPosition::Last));
    CHECK(names(last) == Names{"start", "term 0", "term 1", "term 2", "term 3", "bias"});
    CHECK(accumulators(last) == Raws{0, 5, 7, 1, 4, 6});
}

TEST_CASE("A4: a bias cast happens before the bias is added, its events are listed with it", "[golden]") {
    AccumulatorSpec spec = spec_of(Schedule::Sequential, 1, QuantizeAt::Step);
    spec.bias_cast = FixedType{.format = {.width = 2, .integer = 2, .is_signed = true}, .overflow = Overflow::Sat};
    const auto steps = golden::mac(kBias2, spec);
    CHECK(added(steps) == Raws{1, 5, 5, -6, 3});
    CHECK(accumulators(steps) == Raws{1, 6, 7, 1, 4});
    CHECK(steps[0].events == Events{.above = true, .saturated = true});
    spec.quantize = QuantizeAt::End;
    const auto exact = golden::mac(kBias2, spec);
    CHECK(accumulators(exact) == Raws{1, 6, 11, 5, 8, 7});
    CHECK(exact[0].events == Events{.above = true, .saturated = true});
    spec.bias = BiasPosition::Last;
    CHECK(golden::mac(kBias2, spec).front().events == Events{});
    CHECK(golden::mac(kBias2, spec).back().events == Events{.above = true, .saturated = true});
}

TEST_CASE("A1: a product type is applied to each product", "[golden]") {
    AccumulatorSpec spec = spec_of(Schedule::Sequential, 1, QuantizeAt::Step);
    spec.product = FixedType{.format = {.width = 3, .integer = 4, .is_signed = true}, .rounding = Rounding::RndConv};
    const auto steps = golden::mac(kNoBias, spec);  // lsb 2: 5 -> 4, -6 exact, 3 -> 4
    CHECK(added(steps) == Raws{0, 2, 2, -3, 2});
    CHECK(steps[1].product_frac == -1);
    CHECK(steps[1].product_events == Events{.inexact = true});
    CHECK(steps[3].product_events == Events{});
    CHECK(accumulators(steps) == Raws{0, 4, 7, 1, 5});
}

TEST_CASE("A5: interleave visits terms r, r+R, ... and with R above n is sequential", "[golden]") {
    const auto steps = golden::mac(kNoBias, spec_of(Schedule::Interleave, 2, QuantizeAt::Step));
    CHECK(names(steps) == Names{"start", "term 0", "term 2", "term 1", "term 3"});
    CHECK(accumulators(steps) == Raws{0, 5, -1, 4, 7});
    const auto large = golden::mac(kNoBias, spec_of(Schedule::Interleave, 9, QuantizeAt::Step));
    CHECK(names(large) == Names{"start", "term 0", "term 1", "term 2", "term 3"});
    const auto passes = golden::mac(kNoBias, spec_of(Schedule::Interleave, 2, QuantizeAt::Fold));
    CHECK(names(passes) == Names{"start", "pass 0", "pass 1"});
    CHECK(added(passes) == Raws{0, -1, 8});
    CHECK(accumulators(passes) == Raws{0, -1, 7});
}

TEST_CASE("A6 and A7: fold with step is sequential, fold and cascade add exact groups, the last one shorter",
          "[golden]") {
    CHECK(accumulators(golden::mac(kNoBias, spec_of(Schedule::Fold, 3, QuantizeAt::Step))) == Raws{0, 5, 7, 1, 4});
    for (const Schedule schedule : {Schedule::Fold, Schedule::Cascade}) {
        const auto steps = golden::mac(kBias2, spec_of(schedule, 3, QuantizeAt::Fold));
        CHECK(names(steps) == Names{"start", "fold 0", "fold 1"});
        CHECK(added(steps) == Raws{2, 4, 3});
        CHECK(accumulators(steps) == Raws{2, 6, 7});
    }
}

TEST_CASE("A8: partial keeps a register per lane and adds the registers in order", "[golden]") {
    const auto steps = golden::mac(operands_of({5, 5, 4, -9}), spec_of(Schedule::Partial, 2, QuantizeAt::Step));
    CHECK(names(steps) ==
          Names{"start", "term 0 lane 0", "term 1 lane 1", "term 2 lane 0", "term 3 lane 1", "lane 0", "lane 1"});
    CHECK(accumulators(steps) == Raws{0, 5, 5, 7, -4, 7, 3});
    CHECK(added(steps) == Raws{0, 5, 5, 4, -9, 7, -4});
    const auto totals = golden::mac(operands_of({5, 5, 4, -9}), spec_of(Schedule::Partial, 2, QuantizeAt::Fold));
    CHECK(names(totals) == Names{"start", "lane 0 total", "lane 1 total", "lane 0", "lane 1"});
    CHECK(added(totals) == Raws{0, 9, -4, 7, -4});
    CHECK(accumulators(totals) == Raws{0, 7, -4, 7, 3});
    CHECK(names(golden::mac(operands_of({5, 5}), spec_of(Schedule::Partial, 7, QuantizeAt::Fold))) ==
          Names{"start", "lane 0 total", "lane 1 total", "lane 0", "lane 1"});
}

TEST_CASE("A9: a tree adds neighbours level by level, an odd last one passes", "[golden]") {
    const auto steps = golden::mac(kBias2, spec_of(Schedule::Tree, 1, QuantizeAt::Step));
    // leaves 2 5 5 -6 3: 2+5 = 7, 5-6 = -1, then 6, then 6+3 = 9 -> 7
    CHECK(names(steps) == Names{"node 0..1", "node 2..3", "node 0..3", "node 0..4"});
    CHECK(added(steps) == Raws{7, -1, 6, 9});
    CHECK(accumulators(steps) == Raws{7, -1, 6, 7});
    CHECK(steps[3].events == Events{.above = true, .saturated = true});
    const auto single = golden::mac(operands_of({9}), spec_of(Schedule::Tree, 1, QuantizeAt::Step));
    CHECK(names(single) == Names{"node 0..0"});
    CHECK(accumulators(single) == Raws{7});
}

TEST_CASE("A10: end is the exact sum for every schedule, quantised once", "[golden]") {
    for (const Schedule schedule : {Schedule::Sequential, Schedule::Interleave, Schedule::Fold, Schedule::Cascade,
                                    Schedule::Partial, Schedule::Tree}) {
        const auto steps = golden::mac(kBias2, spec_of(schedule, 3, QuantizeAt::End));
        CHECK(names(steps) == Names{"start", "term 0", "term 1", "term 2", "term 3", "end"});
        CHECK(accumulators(steps) == Raws{2, 7, 12, 6, 9, 7});
        const auto last = golden::mac(kBias2, spec_of(schedule, 3, QuantizeAt::End, BiasPosition::Last));
        CHECK(accumulators(last) == Raws{0, 5, 10, 4, 7, 7, 7});
        CHECK(last.back().what == "bias");
        CHECK(last.back().events == Events{.above = true, .saturated = true});
    }
}

TEST_CASE("A10: the exact running sum stands at the larger frac of products and bias", "[golden]") {
    MacOperands operands = kBias2;
    operands.bias = {.width = 8, .integer = 6, .is_signed = true};
    operands.bias_word = 3;  // 0.75
    const auto steps = golden::mac(operands, spec_of(Schedule::Sequential, 1, QuantizeAt::End));
    CHECK(accumulators(steps) == Raws{3, 23, 43, 19, 31, 7});
    CHECK(steps[4].accumulator_frac == 2);
    CHECK(steps[5].product_raw == 31);
    CHECK(steps[5].product_frac == 2);
    CHECK(steps[5].accumulator_frac == 0);
    CHECK(steps[5].events == Events{.inexact = true});
}

TEST_CASE("A: operands that do not fit are refused", "[golden]") {
    const AccumulatorSpec spec = spec_of(Schedule::Sequential, 1, QuantizeAt::Step);
    MacOperands bad = kNoBias;
    bad.inputs.pop_back();
    CHECK_THROWS_AS(golden::mac(bad, spec), InputError);
    CHECK_THROWS_AS(golden::mac(operands_of({}), spec), InputError);
    CHECK_THROWS_AS(golden::mac(operands_of({128}), spec), InputError);
    CHECK_THROWS_AS(golden::mac(operands_of({1}, true, -129), spec), InputError);
    CHECK_THROWS_AS(golden::mac(kNoBias, spec_of(Schedule::Tree, 1, QuantizeAt::Fold)), InputError);
    bad = kNoBias;
    bad.weight.width = 65;
    CHECK_THROWS_AS(golden::mac(bad, spec), InputError);
    AccumulatorSpec impossible = spec;
    impossible.type.saturated_bits = 3;  // N with SAT
    CHECK_THROWS_AS(golden::mac(kNoBias, impossible), InputError);
}

TEST_CASE("F5: an exact value beyond 128 bits is refused only where it would have to be listed", "[golden]") {
    MacOperands far = kBias2;
    far.bias = {.width = 8, .integer = -400, .is_signed = true};
    const auto step = golden::mac(far, spec_of(Schedule::Sequential, 1, QuantizeAt::Step));
    CHECK(accumulators(step) == Raws{0, 5, 7, 1, 4});
    CHECK(step[0].events == Events{.inexact = true});
    CHECK_THROWS_AS(golden::mac(far, spec_of(Schedule::Sequential, 1, QuantizeAt::End)), InputError);
}
