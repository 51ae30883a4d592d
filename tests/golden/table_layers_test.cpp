// L12-L16 and T3, T4 on cases worked by hand.
#include <limits>

#include <catch2/catch.hpp>

#include "golden/one_layer.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

FixedType type_of(int width, int integer, bool is_signed, Rounding rounding = Rounding::Trn) {
    return {.format = {.width = width, .integer = integer, .is_signed = is_signed},
            .rounding = rounding,
            .overflow = Overflow::Sat};
}

Words words_of(const RunResult& r) {
    return r.layers[1].words;
}

}  // namespace

TEST_CASE("T3: the scaled index truncates toward zero, so the middle bin is twice as wide", "[golden]") {
    const Lookup op{
        .table = {.entries = raw_parameter({8}, {0, 1, 2, 3, 4, 5, 6, 7})}, .index = TableIndex::Scaled, .span = 16};
    const Graph graph = one_layer(op, vector_of(8), type_of(10, 8, true), integers(8));
    // x * 8 / 16 + 4: halves of x, truncated
    CHECK(words_of(run_one(graph, {-100, -8, -2, -1.75, 0, 1.75, 2, 100})) == Words{0, 0, 3, 4, 4, 4, 5, 7});
}

TEST_CASE("T3: an input whose lsb is above one truncates the quotient at that lsb", "[golden]") {
    const Lookup op{
        .table = {.entries = raw_parameter({8}, {0, 1, 2, 3, 4, 5, 6, 7})}, .index = TableIndex::Scaled, .span = 16};
    // lsb 4: 4 * 8 / 16 = 2 becomes 0, 8 * 8 / 16 = 4 stays
    CHECK(words_of(run_one(one_layer(op, vector_of(3), type_of(6, 8, true), integers(8)), {4, -4, 8})) ==
          Words{4, 4, 7});
}

TEST_CASE("T3: the middle of a table of odd size is rounded down", "[golden]") {
    const Lookup op{.table = {.entries = raw_parameter({5}, {0, 1, 2, 3, 4})}, .index = TableIndex::Scaled, .span = 5};
    CHECK(words_of(run_one(one_layer(op, vector_of(4), integers(8), integers(8)), {-3, -1, 0, 2})) ==
          Words{0, 1, 2, 4});
}

TEST_CASE("T4: the bit index is the top of the pattern, negative words are the upper half", "[golden]") {
    const Lookup op{.table = {.entries = raw_parameter({4}, {10, 11, 12, 13})}, .index = TableIndex::Bits};
    CHECK(words_of(run_one(one_layer(op, vector_of(5), integers(4), integers(8)), {0, 3, 4, -8, -1})) ==
          Words{10, 10, 11, 12, 13});
    CHECK(words_of(run_one(one_layer(op, vector_of(2), integers(4, false), integers(8)), {7, 8})) == Words{11, 12});
    const Lookup one{.table = {.entries = raw_parameter({1}, {42})}, .index = TableIndex::Bits};
    CHECK(words_of(run_one(one_layer(one, vector_of(2), integers(4), integers(8)), {-8, 7})) == Words{42, 42});
}

TEST_CASE("T1: real entries are cast once and counted as weights, infinity included", "[golden]") {
    const Lookup op{.table = {.entries = {.dims = {2},
                                          .real = {std::numeric_limits<double>::infinity(), 0.5},
                                          .type = integers(8)}},
                    .index = TableIndex::Bits};
    const RunResult r = run_one(one_layer(op, vector_of(2), integers(4), integers(8)), {0, -1});
    CHECK(words_of(r) == Words{127, 0});
    CHECK(r.layers[1].events.weights ==
          EventCounts{.conversions = 2, .inexact = 1, .above = 1, .below = 0, .saturations = 1});
}

TEST_CASE("L16: argmax marks the first of the largest", "[golden]") {
    const Softmax op{.kind = SoftmaxKind::Argmax};
    const RunResult r = run_one(one_layer(op, vector_of(4), integers(4), type_of(4, 3, true)), {1, 5, -3, 5});
    CHECK(words_of(r) == Words{0, 2, 0, 0});
    CHECK(r.layers[1].events.accumulator == EventCounts{});
}

TEST_CASE("L13: softmax stable, worked by hand", "[golden]") {
    // d in 3 unsigned bits, exp table by its top 2 bits, sum tree, inverse by the top 2 bits of 4.
    const Softmax op{.kind = SoftmaxKind::Stable,
                     .exp_table = {.entries = raw_parameter({4}, {7, 5, 3, 1})},
                     .inv_table = {.entries = raw_parameter({4}, {9, 8, 7, 6})},
                     .accumulator = integers(5, false),
                     .inv_input = integers(4, false),
                     .difference = integers(3, false)};
    const RunResult r = run_one(one_layer(op, vector_of(3), integers(6), integers(8)), {4, 1, -6});
    // m = 4; d = 0, 3, 10 -> 7; e = 7, 5, 1; sum (7+5)+1 = 13; s = 13, top bits 3: 6; words 42, 30, 6
    CHECK(words_of(r) == Words{42, 30, 6});
    // 3 differences, 3 entries, 2 tree nodes, 1 index
    CHECK(r.layers[1].events.accumulator ==
          EventCounts{.conversions = 9, .inexact = 0, .above = 1, .below = 0, .saturations = 1});
}

TEST_CASE("L14: softmax latency indexes by the input's own bits", "[golden]") {
    const Softmax op{.kind = SoftmaxKind::Latency,
                     .exp_table = {.entries = raw_parameter({4}, {1, 2, 3, 4})},
                     .inv_table = {.entries = raw_parameter({2}, {3, 5})},
                     .accumulator = integers(5, false),
                     .inv_input = integers(4, false)};
    const RunResult r = run_one(one_layer(op, vector_of(2), integers(4), integers(8)), {5, -1});
    // patterns 0101 and 1111: entries 2 and 4; sum 6 = 0110, top bit 0: 3
    CHECK(words_of(r) == Words{6, 12});
    CHECK(r.layers[1].events.accumulator.conversions == 4);
    const RunResult single = run_one(one_layer(op, vector_of(1), integers(4), integers(8)), {-1});
    CHECK(words_of(single) == Words{12});
    CHECK(single.layers[1].events.accumulator.conversions == 2);
}

TEST_CASE("L14: the sum of softmax is a tree", "[golden]") {
    Softmax op{.kind = SoftmaxKind::Latency,
               .exp_table = {.entries = raw_parameter({4}, {20, 10, 5, 1})},
               .inv_table = {.entries = raw_parameter({4}, {3, 1, 1, 1})},
               .accumulator = integers(5, false),
               .inv_input = integers(4, false)};
    op.accumulator.overflow = Overflow::SatZero;
    const RunResult r = run_one(one_layer(op, vector_of(4), integers(4, false), integers(8)), {0, 4, 0, 8});
    // (20+10) + (20+5) = 55 -> 0, index 0; one after the other would be 30, 50 -> 0, 5, index 1
    CHECK(words_of(r) == Words{60, 30, 60, 15});
}

TEST_CASE("L15: softmax legacy, worked by hand", "[golden]") {
    const Softmax op{
        .kind = SoftmaxKind::Legacy,
        .exp_table = {.entries = raw_parameter({4}, {1, 2, 3, 4})},
        .inv_table = {.entries = raw_parameter({32}, {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31})},
        .accumulator = integers(6, false)};
    const RunResult r = run_one(one_layer(op, vector_of(2), integers(6), integers(8)), {0, 5});
    // i = 0: 1 + entry of trunc(5*4/16) + 2 = 3: 4, sum 5, trunc(5*32/64) = 2; i = 1: entry of trunc(-20/16)+2 = 1: 2,
    // sum 3, index 1
    CHECK(words_of(r) == Words{2, 1});
    CHECK(r.layers[1].events.accumulator.conversions == 4);  // the additions, not the constant 1
}

TEST_CASE("L15: the constant 1 of softmax legacy is rounded into the exp table's type", "[golden]") {
    Softmax op{.kind = SoftmaxKind::Legacy,
               .exp_table = {.entries = raw_parameter({2}, {0, 0})},
               .inv_table = {.entries = raw_parameter({64}, std::vector<std::int64_t>(64, 7))},
               .accumulator = integers(6, false)};
    op.inv_table.entries.raw[0] = 3;
    const auto run = [&] { return words_of(run_one(one_layer(op, vector_of(1), integers(6), integers(8)), {0})); };
    CHECK(run() == Words{7});  // sum 1
    op.exp_table.entries.type = type_of(3, 4, true, Rounding::RndConv);
    CHECK(run() == Words{3});  // sum 0
}
