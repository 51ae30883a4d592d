// Contents of one channel, table entry or threshold that are wrong: each is found from the dump.
#include <algorithm>

#include "candidate_support.hpp"

namespace bittrue::test {

namespace {

using diagnose_detail::add_channel_changes;
using I = std::int64_t;

constexpr I kIn = 12, kOut = 6;

Bench dense_bench(std::size_t images = 30) {
    Dense op{.weights = raw_parameter({kIn, kOut}, whole(6), 1), .bias = raw_parameter({kOut}, whole(9), 2)};
    op.accumulator.type = whole(20);
    // Four bits of the sum are rounded away, and large sums saturate.
    return {op,
            {.layout = Layout::Vector, .dims = {kIn}},
            whole(6),
            {.format = {.width = 8, .integer = 12}, .rounding = Rounding::Rnd, .overflow = Overflow::Sat},
            images};
}
WordList dense_words(const Bench& bench, const WordList& weights, const WordList& bias) {
    WordList words;
    for (I n = 0; n < I(bench.subject.images); ++n) {
        for (I o = 0; o < kOut; ++o) {
            I sum = bias[std::size_t(o)];
            for (I i = 0; i < kIn; ++i) sum += bench.x()[std::size_t(n * kIn + i)] * weights[std::size_t(i * kOut + o)];
            words.push_back(std::clamp<I>((sum + 8) >> 4, -128, 127));
        }
    }
    return words;
}

struct Contents {
    WordList weights{}, bias{};
};
Contents contents_of(const Bench& bench) {
    const auto& op = std::get<Dense>(bench.subject.chain.nodes[0].op);
    return {op.weights.raw, op.bias->raw};
}

}  // namespace

TEST_CASE("The loop of these tests computes the layer as it is") {
    Bench bench = dense_bench();
    const Contents own = contents_of(bench);
    CHECK(dense_words(bench, own.weights, own.bias) == bench.subject.expected());
}

TEST_CASE("A wrong bias of one channel is found") {
    Bench bench = dense_bench();
    Contents own = contents_of(bench);
    own.bias[3] += own.bias[3] > 0 ? -100 : 100;
    CHECK(bench.explaining(add_channel_changes, dense_words(bench, own.weights, own.bias),
                           "the bias of channel 3 is") >= 1);
    // A flipped bit says itself, though results do not show all bits of a bias.
    own = contents_of(bench);
    own.bias[1] ^= 64;
    const std::string text = "the bias of channel 1 is " + std::to_string(own.bias[1]) + " (raw)";
    CHECK(bench.explaining(add_channel_changes, dense_words(bench, own.weights, own.bias), text) == 1);
}

TEST_CASE("Weights of another channel, and no weights") {
    Bench bench = dense_bench();
    Contents other = contents_of(bench), both = other, zero = other;
    for (std::size_t i = 0; i < kIn; ++i) {
        other.weights[i * kOut + 4] = other.weights[i * kOut + 1];
        zero.weights[i * kOut + 2] = 0;
    }
    both.weights = other.weights;
    both.bias[4] = both.bias[1];
    CHECK(bench.explaining(add_channel_changes, dense_words(bench, other.weights, other.bias),
                           "channel 4 is computed with the weights of channel 1") == 1);
    CHECK(bench.explaining(add_channel_changes, dense_words(bench, both.weights, both.bias),
                           "channel 4 is computed with the weights and bias of channel 1") == 1);
    CHECK(bench.explaining(add_channel_changes, dense_words(bench, zero.weights, zero.bias),
                           "the weights of channel 2 are zero") == 1);
}

TEST_CASE("One wrong weight is found, also through relu") {
    for (const bool with_relu : {false, true}) {
        Bench bench = dense_bench(60);
        if (with_relu) {
            const FixedType result{.format = {.width = 8, .integer = 12, .is_signed = false}};
            bench.add_node({.name = "relu", .inputs = {"layer"}, .op = Relu{}, .result = result});
        }
        for (const I place : {I{7} * kOut + 2, I{0}, I{11} * kOut + 5}) {
            Contents own = contents_of(bench);
            own.weights[std::size_t(place)] ^= 16;
            WordList actual = dense_words(bench, own.weights, own.bias);
            if (with_relu)
                for (I& word : actual) word = std::max<I>(word, 0);
            const std::string text = "the weight of channel " + std::to_string(place % kOut) + " for input " +
                                     std::to_string(place / kOut) + " is " +
                                     std::to_string(own.weights[std::size_t(place)]) + " (raw)";
            INFO(text);
            CHECK(bench.explaining(add_channel_changes, actual, text) == 1);
        }
    }
}

TEST_CASE("A wrong weight of a convolution is found in front of a pool") {
    Conv2d op{.weights = raw_parameter({3, 3, 2, 3}, whole(6), 3)};
    op.accumulator.type = whole(24);
    Bench bench(op, make_map(Layout::Hwc, 2, 8, 8), whole(6), whole(24));
    bench.add_node({.name = "pool", .inputs = {"layer"}, .op = MaxPool{}, .result = whole(24)});
    const WordList raw = op.weights.raw;
    WordList wrong = raw;
    wrong[std::size_t(((2 * 3 + 0) * 2 + 1) * 3 + 2)] = raw[std::size_t(((2 * 3 + 0) * 2 + 1) * 3 + 2)] ^ 8;
    WordList actual;
    const auto sum = [&](I n, I y, I x, I o) {
        I total = 0;
        for (I r = 0; r < 3; ++r)
            for (I s = 0; s < 3; ++s)
                for (I c = 0; c < 2; ++c)
                    total += bench.x()[std::size_t(((n * 8 + y + r) * 8 + x + s) * 2 + c)] *
                             wrong[std::size_t(((r * 3 + s) * 2 + c) * 3 + o)];
        return total;
    };
    for (I n = 0; n < I(bench.subject.images); ++n)
        for (I y = 0; y < 3; ++y)
            for (I x = 0; x < 3; ++x)
                for (I o = 0; o < 3; ++o)
                    actual.push_back(std::max({sum(n, 2 * y, 2 * x, o), sum(n, 2 * y, 2 * x + 1, o),
                                               sum(n, 2 * y + 1, 2 * x, o), sum(n, 2 * y + 1, 2 * x + 1, o)}));
    CHECK(bench.explaining(add_channel_changes, actual,
                           "the weight of channel 2 for kernel row 2, column 0, input channel 1 is") == 1);
}

TEST_CASE("A wrong entry of a table is found") {
    Lookup op{.index = TableIndex::Bits};
    op.table.entries = raw_parameter({64}, whole(8), 5);
    const WordList table = op.table.entries.raw;
    Bench bench(op, {.layout = Layout::Vector, .dims = {40}}, whole(6), whole(8));
    for (const I entry : {0, 13, 63}) {
        WordList actual;
        for (const I x : bench.x()) actual.push_back(table[std::size_t(x & 63)] ^ ((x & 63) == entry ? 4 : 0));
        CHECK(bench.explaining(add_channel_changes, actual, "entry " + std::to_string(entry) + " of its table is") >=
              1);
    }
}

TEST_CASE("A wrong threshold is found, lowered or raised") {
    for (const bool strict : {false, true}) {
        Threshold op{.strict = strict};
        op.thresholds = {.dims = {3, 4}, .type = whole(8)};
        op.thresholds.raw = {-50, -10, 20, 60, -40, 0, 15, 70, -90, -60, 30, 31};
        const WordList own = op.thresholds.raw;
        Bench bench(op, {.layout = Layout::Vector, .dims = {3}}, whole(8), whole(4, false), 400);
        for (const I moved : {12, 45}) {
            WordList actual;
            for (std::size_t i = 0; i < bench.x().size(); ++i) {
                I count = 0;
                for (std::size_t j = 0; j < 4; ++j) {
                    const I t = i % 3 == 1 && j == 2 ? moved - 8 : own[i % 3 * 4 + j];
                    count += strict ? bench.x()[i] > t : bench.x()[i] >= t;
                }
                actual.push_back(count);
            }
            CHECK(bench.explaining(add_channel_changes, actual, "threshold 2 of channel 1 is about") == 1);
        }
    }
}

TEST_CASE("A flipped bit of a channel's multiplier is found") {
    Requantize op;
    op.multiplier = {.dims = {3}, .type = whole(16)};
    op.multiplier.raw = {1000, 2000, 3000};
    op.shift = {12, 12, 12};
    Bench bench(op, {.layout = Layout::Vector, .dims = {3}}, whole(10), whole(12), 50);
    WordList actual;
    for (std::size_t i = 0; i < bench.x().size(); ++i) {
        const I m = op.multiplier.raw[i % 3] ^ (i % 3 == 2 ? 256 : 0);
        actual.push_back((bench.x()[i] * m) >> 12);
    }
    CHECK(bench.explaining(add_channel_changes, actual, "bit 8 of the multiplier of channel 2 is flipped") == 1);
}

}  // namespace bittrue::test
