#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kByte = fixed(8, 8);
const Words kCount{0, 1, 2, 3, 4, 5, 6, 7, 8};

Shape map3x3() {
    return make_map(Layout::Hwc, 1, 3, 3);
}

Words average(const AveragePool& op, const Shape& shape, const Words& x, const FixedType& result) {
    return run_layer(one_layer(shape, kByte, op, result), x).words;
}

}  // namespace

TEST_CASE("L4: the largest of each window, in every layout") {
    MaxPool op;
    op.stride = {1, 1};
    CHECK(run_layer(one_layer(map3x3(), kByte, op, kByte), kCount).words == Words{4, 5, 7, 8});
    op.pool = {1, 2};
    CHECK(run_layer(one_layer(make_map(Layout::Hwc, 2, 1, 2), kByte, op, kByte), {1, 8, 5, -7}).words == Words{5, 8});
    CHECK(run_layer(one_layer(make_map(Layout::Chw, 2, 1, 2), kByte, op, kByte), {1, 5, 8, -7}).words == Words{5, 8});
}

TEST_CASE("L4: padded positions are ignored, or a word with only its top bit set") {
    MaxPool op;
    op.padding = {.top = 0, .bottom = 1, .left = 0, .right = 1};
    CHECK(run_layer(one_layer(map3x3(), kByte, op, kByte), kCount).words == Words{4, 5, 7, 8});
    CHECK(run_layer(one_layer(map3x3(), ufixed(8, 8), op, ufixed(8, 8)), kCount).words == Words{4, 5, 7, 8});
    op.pad_rule = PoolPadding::Msb;
    CHECK(run_layer(one_layer(map3x3(), kByte, op, kByte), kCount).words == Words{4, 5, 7, 8});
    CHECK(run_layer(one_layer(map3x3(), ufixed(8, 8), op, ufixed(8, 8)), kCount).words == Words{4, 128, 128, 128});
}

TEST_CASE("L4: padding in front, and negative words") {
    MaxPool op;
    op.pool = {2, 2};
    op.stride = {2, 2};
    op.padding = {.top = 1, .bottom = 0, .left = 1, .right = 0};
    CHECK(run_layer(one_layer(map3x3(), kByte, op, kByte), {-1, -2, -3, -4, -5, -6, -7, -8, -9}).words ==
          Words{-1, -2, -4, -5});
}

TEST_CASE("L4: the result cast of a pool is counted once per word") {
    MaxPool op;
    const LayerResult r =
        run_layer(one_layer(make_map(Layout::Hwc, 1, 2, 2), kByte, op, fixed(3, 3, Rounding::Trn, Overflow::Sat)),
                  {1, 2, 3, 100});
    CHECK(r.words == Words{3});
    CHECK(r.events.result == EventCounts{1, 0, 1, 0, 1});
    CHECK(r.events.accumulator == EventCounts{});
}

TEST_CASE("L5: the quotient is rounded at the accumulator's lsb") {
    AveragePool op;
    op.accumulator = fixed(16, 16);
    const Shape map = make_map(Layout::Hwc, 1, 2, 2);
    CHECK(average(op, map, {1, 2, 3, 4}, fixed(16, 12)) == Words{2 * 16});  // 2.5
    CHECK(average(op, map, {-1, -2, -3, -4}, fixed(16, 12)) == Words{-2 * 16});
    op.divide = Rounding::Rnd;
    CHECK(average(op, map, {1, 2, 3, 4}, fixed(16, 12)) == Words{3 * 16});
    op.divide = Rounding::Trn;
    CHECK(average(op, map, {-1, -2, -3, -4}, fixed(16, 12)) == Words{-3 * 16});
    op.accumulator = fixed(16, 15);
    CHECK(average(op, map, {-1, -2, -3, -4}, fixed(16, 12)) == Words{-40});
}

TEST_CASE("L5: a window of nine divides by nine, its padding only if counted") {
    AveragePool op;
    op.pool = {3, 3};
    op.stride = {3, 3};
    op.accumulator = fixed(16, 12);
    CHECK(average(op, map3x3(), {1, 1, 1, 1, 1, 1, 1, 1, 2}, fixed(16, 12)) == Words{17});  // 160 / 9 sixteenths
    op.padding = {.top = 1, .bottom = 0, .left = 1, .right = 0};
    const Graph valid = one_layer(map3x3(), kByte, op, fixed(16, 12));
    LayerResult r = run_layer(valid, {4, 4, 0, 4, 4, 0, 0, 0, 0});
    CHECK(r.words == Words{4 * 16});
    CHECK(r.events.accumulator.conversions == 4 + 1);
    op.count_padding = true;
    r = run_layer(one_layer(map3x3(), kByte, op, fixed(16, 12)), {4, 4, 0, 4, 4, 0, 0, 0, 0});
    CHECK(r.words == Words{28});  // 256 / 9
    CHECK(r.events.accumulator == EventCounts{9 + 1, 1, 0, 0, 0});
}

TEST_CASE("L5: the sum saturates at every addition, row by row") {
    AveragePool op;
    op.accumulator = fixed(4, 4, Rounding::Trn, Overflow::Sat);
    const LayerResult r = run_layer(one_layer(make_map(Layout::Chw, 1, 2, 2), kByte, op, kByte), {5, 5, -6, 3});
    CHECK(r.words == Words{1});  // 5, 7, 1, 4
    CHECK(r.events.accumulator == EventCounts{5, 0, 1, 0, 1});
    CHECK(run_layer(one_layer(make_map(Layout::Chw, 1, 2, 2), kByte, op, kByte), {5, -6, 5, 3}).words ==
          Words{1});  // 5, -1, 4, 7
    CHECK(run_layer(one_layer(make_map(Layout::Chw, 1, 2, 2), kByte, op, kByte), {5, 5, 5, -6}).words ==
          Words{0});  // 5, 7, 7, 1
}
