#include "../../emulator/table.hpp"

#include <limits>

#include <catch2/catch.hpp>

#include "emulator/build.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

const FixedType kByte = fixed(8, 8);

Table table_of(const Words& entries, const FixedType& type) {
    return {.entries = words({std::ssize(entries)}, entries, type)};
}

Words ramp(std::int64_t n) {
    Words entries;
    for (std::int64_t i = 0; i < n; ++i) entries.push_back(i);
    return entries;
}

LayerResult run(const Operation& op, const FixedType& in, const FixedType& out, const Words& x) {
    return run_layer(one_layer(vector_of(std::ssize(x)), in, op, out), x);
}

}  // namespace

TEST_CASE("T3: the middle bin of a scaled index is twice as wide") {
    const Lookup op{.table = table_of(ramp(1024), fixed(16, 16)), .index = TableIndex::Scaled, .span = 16};
    const FixedType in = fixed(16, 6);
    int middle = 0, next = 0;
    const LayerResult r = run(op, in, fixed(16, 16), [] {
        Words x;
        for (int i = -100; i < 100; ++i) x.push_back(i);
        return x;
    }());
    for (const auto w : r.words) {
        middle += w == 512 ? 1 : 0;
        next += w == 513 ? 1 : 0;
    }
    CHECK(middle == 31);
    CHECK(next == 16);
    CHECK(run(op, in, fixed(16, 16), {32767, -32768, 8191, 8192, -8192, -8176}).words ==
          Words{1023, 0, 1023, 1023, 0, 1});
}

TEST_CASE("T3: scaled indices of extreme formats") {
    using emulator::centred_index;
    CHECK(centred_index(1, 0, 16, 16) == 9);
    CHECK(centred_index(-1, 0, 16, 16) == 7);
    CHECK(centred_index(-1, 1, 16, 16) == 8);
    CHECK(centred_index(7, 300, 16, 16) == 8);
    CHECK(centred_index(-7, -300, 16, 16) == 0);
    CHECK(centred_index(0, -300, 16, 16) == 8);
    CHECK(centred_index(1, -2, 16, 16) == 12);
    CHECK(centred_index(i128{1} << 63, 60, 1 << 20, 16) == (1 << 20) - 1);
    CHECK(centred_index(std::numeric_limits<std::int64_t>::min(), 61, 1 << 20, 16) == (1 << 19) - (1 << 18));
    CHECK(centred_index(5, 0, 7, 10) == 6);  // trunc(3.5) + 3
}

TEST_CASE("T4: the top bits of the pattern, a negative word in the upper half") {
    const Lookup op{.table = table_of(ramp(4), kByte), .index = TableIndex::Bits};
    CHECK(run(op, kByte, kByte, {0, 63, 64, 127, -128, -65, -64, -1}).words == Words{0, 0, 1, 1, 2, 2, 3, 3});
    const Lookup all{.table = table_of(ramp(8), kByte), .index = TableIndex::Bits};
    CHECK(run(all, ufixed(3, 3), kByte, ramp(8)).words == ramp(8));
    const Lookup one{.table = table_of({42}, kByte), .index = TableIndex::Bits};
    CHECK(run(one, kByte, kByte, {-128, 0}).words == Words{42, 42});
}

TEST_CASE("L12: an entry is cast once into the table and counted again for each result") {
    const double infinity = std::numeric_limits<double>::infinity();
    const Lookup op{.table = {.entries = reals({2}, {0.3, infinity}, fixed(8, 4, Rounding::Rnd, Overflow::Sat))},
                    .index = TableIndex::Bits};
    const Graph graph = one_layer(vector_of(3), kByte, op, fixed(4, 4));
    const LayerResult r = run_layer(graph, {0, 1, -1});
    CHECK(emulator::make_engine(graph)->parameters().at(0).tensor.words == Words{5, 127});
    CHECK(emulator::make_engine(graph)->parameters().at(0).role == "table");
    CHECK(r.words == Words{0, 0, 7});
    CHECK(r.events.weights == EventCounts{2, 1, 1, 0, 1});
    CHECK(r.events.result == EventCounts{3, 3, 0, 0, 0});
}

namespace {

// exp[d] = 16 - d for differences 0..15; inv by the top 4 bits of an 8-bit sum.
Softmax softmax_by_hand() {
    Softmax op;
    Words exponentials;
    for (std::int64_t d = 0; d < 16; ++d) exponentials.push_back(16 - d);
    op.exp_table = table_of(exponentials, fixed(8, 8));
    op.inv_table = table_of({0, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31}, fixed(8, 8));
    op.accumulator = fixed(12, 12, Rounding::Trn, Overflow::Sat);
    op.inv_input = ufixed(8, 8, Rounding::Trn, Overflow::Sat);
    op.difference = ufixed(4, 4, Rounding::Trn, Overflow::Sat);
    return op;
}

}  // namespace

TEST_CASE("L13: stable softmax by hand") {
    const LayerResult r = run(softmax_by_hand(), kByte, fixed(16, 16), {3, 1, -40});
    // d = 0, 2, 15 (43 saturates); e = 16, 14, 1; sum = 31; index 1; times 3
    CHECK(r.words == Words{48, 42, 3});
    CHECK(r.events.accumulator == EventCounts{3 + 3 + 2 + 1, 0, 1, 0, 1});
    CHECK(r.events.result == EventCounts{3, 0, 0, 0, 0});
    CHECK(r.events.weights.conversions == 0);
}

TEST_CASE("L13: one element is not summed") {
    const LayerResult r = run(softmax_by_hand(), kByte, fixed(16, 16), {7});
    CHECK(r.words == Words{48});
    CHECK(r.events.accumulator.conversions == 1 + 1 + 1);
}

TEST_CASE("L13: the sum is a balanced tree that saturates at its nodes") {
    Softmax op = softmax_by_hand();
    op.exp_table = table_of({16, 16, -20, -20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, fixed(8, 8));
    op.accumulator = fixed(6, 6, Rounding::Trn, Overflow::Sat);
    // e = 16, 16, -20: the first node is 31 instead of 32, the root 11
    const LayerResult r = run(op, kByte, fixed(16, 16), {3, 2, 1});
    CHECK(r.words == Words{0, 0, 0});
    CHECK(r.events.accumulator.above == 1);
    op.inv_table = table_of(ramp(256), fixed(10, 10));  // the whole pattern of the sum
    CHECK(run(op, kByte, fixed(16, 16), {3, 2, 1}).words == Words{16 * 11, 16 * 11, -20 * 11});
}

TEST_CASE("L14: latency softmax indexes by the input itself") {
    Softmax op = softmax_by_hand();
    op.kind = SoftmaxKind::Latency;
    const LayerResult r = run(op, fixed(4, 4), fixed(16, 16), {3, 1, -1});
    // patterns 3, 1, 15: e = 13, 15, 1; sum 29; times 3
    CHECK(r.words == Words{39, 45, 3});
    CHECK(r.events.accumulator.conversions == 3 + 2 + 1);
}

TEST_CASE("L15: legacy softmax sums over the differences for each element") {
    Softmax op;
    op.kind = SoftmaxKind::Legacy;
    op.exp_table = table_of({0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 127, 127, 127, 127, 127}, fixed(12, 8));  // sixteenths
    op.inv_table = table_of(ramp(64), fixed(8, 8));
    op.accumulator = fixed(12, 8, Rounding::Trn, Overflow::Sat);
    const LayerResult r = run(op, kByte, fixed(16, 16), {2, 0, 1});
    // i = 0: 1 + exp[-2] + exp[-1] = 16 + 4 + 8 = 28 sixteenths: index 1
    // i = 1: exp[2] + 1 + exp[1] = 64 + 16 + 32 = 112: index 7
    // i = 2: exp[1] + exp[-1] + 1 = 32 + 8 + 16 = 56: index 3
    CHECK(r.words == Words{1, 7, 3});
    CHECK(r.events.accumulator == EventCounts{9, 0, 0, 0, 0});
    CHECK(r.events.result.conversions == 3);
}

TEST_CASE("L16: argmax marks the first of the largest") {
    Softmax op;
    op.kind = SoftmaxKind::Argmax;
    const LayerResult r = run(op, kByte, fixed(4, 2), {-3, 7, 7, 2});
    CHECK(r.words == Words{0, 4, 0, 0});
    CHECK(r.events.result.conversions == 4);
    CHECK(run(op, ufixed(64, 64), fixed(2, 2), {1, 2}).words == Words{0, 1});
    CHECK(run(op, kByte, fixed(1, 1, Rounding::Trn, Overflow::Sat), {0, 1}).events.result ==
          EventCounts{2, 0, 1, 0, 1});
}
