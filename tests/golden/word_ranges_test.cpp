// The ranges that the checker of certificates passes on (docs/bounds.md) through the layers L17-L24.
#include <catch2/catch.hpp>

#include "certificate_bounds.hpp"
#include "golden/one_operation.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

using Pair = std::pair<int, int>;

const FixedType kBytes = integers(8);

Pair pair_of(const golden::Interval& range) {
    return {static_cast<int>(range.low), static_cast<int>(range.high)};
}

// Of one node whose input's raws lie within `in`.
Pair range_behind(Operation op, Pair in, FixedType result, FixedType input = kBytes) {
    Graph graph{.name = "test", .input = {.name = "x", .shape = make_map(Layout::Hwc, 1, 2, 2), .type = input}};
    graph.nodes.push_back({.name = "layer", .inputs = {"x"}, .op = std::move(op), .result = result});
    return pair_of(golden::word_ranges(graph, "x", {.low = in.first, .high = in.second}).back());
}

}  // namespace

TEST_CASE("bounds: transpose passes a range on through its cast", "[golden]") {
    CHECK(range_behind(Transpose{}, {-3, 5}, kBytes) == Pair{-3, 5});
    CHECK(range_behind(Transpose{}, {-3, 5}, clamped(8, 1, Rounding::Trn)) == Pair{-6, 10});
    CHECK(range_behind(Transpose{}, {-3, 50}, integers(4)) == Pair{-3, 7});
    FixedType wraps = integers(4);
    wraps.overflow = Overflow::Wrap;
    CHECK(range_behind(Transpose{}, {-3, 8}, wraps) == Pair{-8, 7});
}

TEST_CASE("bounds: pad adds zero where it has a frame", "[golden]") {
    const Pad framed{.padding = {.top = 0, .bottom = 0, .left = 0, .right = 1}};
    CHECK(range_behind(framed, {3, 5}, kBytes) == Pair{0, 5});
    CHECK(range_behind(framed, {-5, -3}, kBytes) == Pair{-5, 0});
    CHECK(range_behind(framed, {-5, 3}, kBytes) == Pair{-5, 3});
    CHECK(range_behind(Pad{}, {3, 5}, kBytes) == Pair{3, 5});
}

TEST_CASE("bounds: clip clips both ends before the cast", "[golden]") {
    CHECK(range_behind(Clip{.min = -1.5, .max = 2.25}, {-9, 9}, clamped(8, 2, Rounding::Trn)) == Pair{-6, 9});
    CHECK(range_behind(Clip{.min = -1.5, .max = 2.25}, {-9, 9}, clamped(8, 0, Rounding::Rnd)) == Pair{-1, 2});
    CHECK(range_behind(Clip{.min = -9, .max = 9}, {-2, 3}, kBytes) == Pair{-2, 3});
    CHECK(range_behind(Clip{.min = 4, .max = 9}, {-2, 3}, kBytes) == Pair{4, 4});
    CHECK(range_behind(Clip{.min = -9, .max = -4}, {-2, 3}, kBytes) == Pair{-4, -4});
}

TEST_CASE("bounds: concat holds the words of all its inputs, each at its own lsb", "[golden]") {
    Graph graph{.name = "test", .input = {.name = "x", .shape = vector_of(2), .type = kBytes}};
    graph.nodes.push_back(
        {.name = "fine", .inputs = {"x"}, .op = Relu{}, .result = clamped(8, 2, Rounding::Trn)});  // 0 .. 5
    graph.nodes.push_back({.name = "one", .inputs = {"x", "fine"}, .op = Concat{}, .result = kBytes});
    graph.nodes.push_back(
        {.name = "two", .inputs = {"fine", "x"}, .op = Concat{}, .result = clamped(8, 1, Rounding::Trn)});
    graph.nodes.push_back({.name = "three", .inputs = {"fine", "fine"}, .op = Concat{}, .result = kBytes});
    const auto ranges = golden::word_ranges(graph, "x", {.low = -3, .high = 5});
    CHECK(pair_of(ranges[1]) == Pair{0, 20});
    CHECK(pair_of(ranges[2]) == Pair{-3, 5});
    CHECK(pair_of(ranges[3]) == Pair{-6, 10});
    CHECK(pair_of(ranges[4]) == Pair{0, 5});
}

TEST_CASE("bounds: affine, multiply, threshold and requantize give the range of their result type", "[golden]") {
    const Parameter one = words_parameter({1}, {1}, format_of(8, 0));
    FixedType symmetric = kBytes;
    symmetric.overflow = Overflow::SatSym;
    CHECK(range_behind(Affine{.scale = one}, {0, 1}, kBytes) == Pair{-128, 127});
    CHECK(range_behind(Threshold{.thresholds = words_parameter({1, 1}, {0}, format_of(8, 0))}, {0, 1}, symmetric) ==
          Pair{-127, 127});
    CHECK(range_behind(Requantize{.multiplier = one, .shift = {0}}, {0, 1}, integers(8, false)) == Pair{0, 255});
    Graph graph{.name = "test", .input = {.name = "x", .shape = vector_of(2), .type = kBytes}};
    graph.nodes.push_back({.name = "square", .inputs = {"x", "x"}, .op = Multiply{}, .result = kBytes});
    CHECK(pair_of(golden::word_ranges(graph, "x", {.low = 0, .high = 1}).back()) == Pair{-128, 127});
}
