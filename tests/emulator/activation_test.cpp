#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kByte = fixed(8, 8);
const FixedType kHalves = fixed(8, 7);  // lsb 0.5

LayerResult run(const Operation& op, const FixedType& in, const FixedType& out, const Words& x) {
    return run_layer(one_layer(vector_of(std::ssize(x)), in, op, out), x);
}

}  // namespace

TEST_CASE("L1: quantize casts every word") {
    const LayerResult r =
        run(Quantize{}, kHalves, fixed(3, 3, Rounding::RndConv, Overflow::Sat), {1, 3, 5, 7, -1, -20});
    CHECK(r.words == Words{0, 2, 2, 3, 0, -4});
    CHECK(r.events.result == EventCounts{6, 5, 1, 1, 2});
    CHECK(r.min_raw == -4);
    CHECK(r.max_raw == 3);
}

TEST_CASE("L6: relu passes what is above zero") {
    const LayerResult r = run(Relu{}, kHalves, ufixed(4, 4, Rounding::Rnd, Overflow::Sat), {-1, 0, 1, 3, 127, -128});
    CHECK(r.words == Words{0, 0, 1, 2, 15, 0});
    CHECK(r.events.result == EventCounts{6, 3, 1, 0, 1});
}

TEST_CASE("L7: clipped relu compares with the exact limit") {
    CHECK(run(ClippedRelu{.max = 6}, kHalves, kHalves, {-3, 11, 12, 13, 127}).words == Words{0, 11, 12, 12, 12});
    // 0.7 lies between 0.5 and 1: only 1 is clipped, to 0.7 rounded into the result.
    CHECK(run(ClippedRelu{.max = 0.7}, kHalves, fixed(8, 4, Rounding::Rnd), {1, 2}).words == Words{8, 11});
    CHECK(run(ClippedRelu{.max = 0}, kHalves, kHalves, {-3, 0, 5}).words == Words{0, 0, 0});
    CHECK(run(ClippedRelu{.max = 1e300}, kHalves, kHalves, {127}).words == Words{127});
    CHECK(run(ClippedRelu{.max = 100}, fixed(4, 40), fixed(64, 60), {0, 7}).words == Words{0, 100 * 16});  // lsb 2^36
}

TEST_CASE("L8: leaky relu multiplies negative words exactly") {
    const LeakyRelu op{.alpha = reals({1}, {0.125}, fixed(8, 2))};
    const LayerResult r = run(op, kByte, fixed(8, 5, Rounding::Trn), {-16, -3, -1, 0, 5});
    CHECK(r.words == Words{-16, -3, -1, 0, 40});
    CHECK(r.events.weights.conversions == 1);
    CHECK(run(op, kByte, fixed(8, 7, Rounding::TrnZero), {-16, -3, -1, 5}).words == Words{-4, 0, 0, 10});
}

TEST_CASE("L9: flatten keeps the storage order, or takes another layout's") {
    const Words hwc{1, 2, 3, 4, 5, 6, 7, 8};  // 2 x 2 pixels of 2 channels
    const Shape shape = make_map(Layout::Hwc, 2, 2, 2);
    CHECK(run_layer(one_layer(shape, kByte, Flatten{}, kByte), hwc).words == hwc);
    CHECK(run_layer(one_layer(shape, kByte, Flatten{Layout::Hwc}, kByte), hwc).words == hwc);
    CHECK(run_layer(one_layer(shape, kByte, Flatten{Layout::Chw}, kByte), hwc).words == Words{1, 3, 5, 7, 2, 4, 6, 8});
    const Shape chw = make_map(Layout::Chw, 2, 2, 2);
    CHECK(run_layer(one_layer(chw, kByte, Flatten{Layout::Hwc}, kByte), {1, 3, 5, 7, 2, 4, 6, 8}).words == hwc);
    CHECK(run_layer(one_layer(chw, kByte, Flatten{Layout::Hwc}, fixed(2, 2)), {1, 3, 5, 7, 2, 4, 6, 8}).events.result ==
          EventCounts{8, 0, 7, 0, 0});
}

TEST_CASE("L10: reshape keeps the storage order") {
    const LayerResult r =
        run_layer(one_layer(vector_of(4), kByte, Reshape{make_map(Layout::Chw, 2, 1, 2)}, kHalves), {1, 2, 3, 100});
    CHECK(r.shape == make_map(Layout::Chw, 2, 1, 2));
    CHECK(r.words == Words{2, 4, 6, -56});
}

TEST_CASE("L11: add takes the exact sum of all inputs, whatever their lsb") {
    Graph graph;
    graph.input = {.name = "x", .shape = vector_of(2), .type = kByte};
    graph.nodes.push_back(
        {.name = "a", .inputs = {"x"}, .op = LeakyRelu{reals({1}, {0.25}, fixed(4, 1))}, .result = fixed(8, 5)});
    graph.nodes.push_back(
        {.name = "sum", .inputs = {"x", "a", "x"}, .op = Add{}, .result = fixed(6, 5, Rounding::Rnd, Overflow::Sat)});
    validate(graph);
    const LayerResult r = run_layer(graph, {-3, 9});
    CHECK(r.words == Words{-13, 31});  // -6.75 -> -6.5 (a tie at a quarter goes up), 27 -> 15.5
    CHECK(r.events.result == EventCounts{2, 1, 1, 0, 1});
}
