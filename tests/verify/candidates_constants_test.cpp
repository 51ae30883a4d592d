// Constants of layers that work word by word, solved from the dump; and results with a number added or shifted.
#include <algorithm>

#include "changes/stored_words.hpp"
#include "settings_support.hpp"

namespace bittrue::test {

namespace {

using diagnose_detail::add_channel_changes;
using diagnose_detail::add_output_changes;
using I = std::int64_t;

const Shape kRow{.layout = Layout::Vector, .dims = {3}};

WordList each(const Bench& bench, const std::function<I(I x, std::size_t channel)>& word) {
    WordList words;
    for (std::size_t i = 0; i < bench.x().size(); ++i) words.push_back(word(bench.x()[i], i % 3));
    return words;
}

Bench requantize_bench(const std::vector<I>& multiplier, const std::vector<int>& shift) {
    Requantize op;
    op.multiplier = {.dims = {3}, .type = whole(16)};
    op.multiplier.raw = multiplier;
    op.shift = shift;
    return {op, kRow, whole(10), whole(12), 50};
}

}  // namespace

TEST_CASE("a shift or a multiplier of one channel is solved") {
    Bench bench = requantize_bench({1000, 2000, 3000}, {12, 11, 13});
    const auto words = [&](const std::vector<I>& m, const std::vector<int>& s) {
        return each(bench, [=](I x, std::size_t c) { return (x * m[c]) >> s[c]; });
    };
    REQUIRE(words({1000, 2000, 3000}, {12, 11, 13}) == bench.subject.expected());
    CHECK(bench.explaining(add_channel_changes, words({1000, 2000, 3000}, {12, 11, 12}),
                           "shifts channel 2 by 12 bits where the network shifts it by 13") == 1);
    CHECK(bench.explaining(add_channel_changes, words({1000, 2000, 3000}, {12, 14, 13}), "shifts channel 1 by 14") ==
          1);
    CHECK(bench.explaining(add_channel_changes, words({1000, 2711, 3000}, {12, 11, 13}),
                           "the multiplier of channel 1") >= 1);
    CHECK(bench.explaining(add_channel_changes, words({2000, 1000, 3000}, {12, 11, 13}),
                           "the multipliers of channels 0 and 1 exchanged") == 1);
    CHECK(bench.explaining(add_channel_changes, words({3000, 2000, 1000}, {13, 11, 12}),
                           "the multipliers and shifts of channels 0 and 2 exchanged") == 1);
}

TEST_CASE("a slope, a scale and an offset for all words are solved") {
    LeakyRelu leaky{.alpha = {.dims = {1}, .raw = {16}, .type = {.format = {8, 1, true}}}};
    Bench slope(leaky, kRow, whole(10), whole(10), 60);
    // Seven fraction bits are rounded down.
    const WordList sloped = each(slope, [](I x, std::size_t) { return x < 0 ? (x * 13) >> 7 : x; });
    CHECK(slope.explaining(add_channel_changes, sloped, "the slope of 'layer' is") >= 1);

    Affine affine{.scale = {.dims = {1}, .raw = {96}, .type = {.format = {8, 1, true}}}};
    affine.bias = Parameter{.dims = {1}, .raw = {-5}, .type = whole(8)};
    Bench scaled(affine, kRow, whole(10), whole(12), 60);
    const auto words = [&](I scale, I bias) {
        return each(scaled, [=](I x, std::size_t) { return (x * scale + bias * 128) >> 7; });
    };
    REQUIRE(words(96, -5) == scaled.subject.expected());
    CHECK(scaled.explaining(add_channel_changes, words(70, -5), "the scale of 'layer' is 70 (raw)") >= 1);
    CHECK(scaled.explaining(add_channel_changes, words(96, 9), "the bias of 'layer' is 9 (raw)") == 1);
}

TEST_CASE("a scale of many bits is solved from what the words show") {
    Affine affine{.scale = {.dims = {3}, .raw = {1 << 20, 123456, 654321}, .type = {.format = {24, 3, true}}}};
    Bench bench(affine, kRow, whole(12), whole(14), 80);
    const WordList words = each(bench, [](I x, std::size_t c) {
        const I scale[] = {1 << 20, 123456, 401234};
        return (x * scale[c]) >> 21;
    });
    CHECK(bench.explaining(add_channel_changes, words, "the scale of channel 2 of 'layer' is about") >= 1);
}

TEST_CASE("bounds of a clip are read from the dump") {
    Bench bench(Clip{.min = -100, .max = 90}, kRow, whole(10), whole(10), 60);
    const auto clipped = [&](I low, I high) {
        return each(bench, [=](I x, std::size_t) { return std::clamp(x, low, high); });
    };
    CHECK(bench.explaining(add_channel_changes, clipped(-100, 77), "is clipped above at 77 where") == 1);
    CHECK(bench.explaining(add_channel_changes, clipped(-83, 90), "is clipped below at -83 where") == 1);
}

TEST_CASE("one threshold that all channels share is found") {
    Threshold op;
    op.thresholds = {.dims = {1, 4}, .raw = {-20, -8, 8, 20}, .type = whole(7)};
    Bench bench(op, kRow, whole(7), whole(4, false), 200);
    const WordList words = each(bench, [](I x, std::size_t) { return (x >= -20) + (x >= -8) + (x >= 9) + (x >= 20); });
    CHECK(bench.explaining(add_channel_changes, words, "threshold 2 is about 9 (raw) where the network has 8") == 1);
}

TEST_CASE("a number added to every result, or a shift of all, is found") {
    Bench bench(Relu{}, kRow, whole(8), {.format = {.width = 8, .integer = 8}, .overflow = Overflow::Sat}, 60);
    const auto changed = [&](const std::function<I(I)>& f) {
        WordList words = bench.subject.expected();
        for (I& word : words) word = f(word);
        return words;
    };
    CHECK(bench.explaining(add_output_changes, changed([](I y) { return std::min<I>(y + 1, 127); }),
                           "every word of its result is 1 lsb too high") == 1);
    CHECK(bench.explaining(add_output_changes, changed([](I y) { return std::max<I>(y - 3, -128); }),
                           "every word of its result is 3 lsb too low") >= 1);
    CHECK(bench.explaining(add_output_changes, changed([](I y) { return y >> 1; }), "is shifted right by one bit") >=
          1);
}

TEST_CASE("a bias that is one lsb off in every channel, and a wide one that is cut at the top") {
    Dense op = some_dense();
    op.accumulator = {.type = fixed("ap_fixed<16,9>")};
    Bench bench = dense_bench(op);
    CHECK(giving(bench, "bias", "bias", words_of(bench, on<Dense>([&](Dense& d) {
                                                     diagnose_detail::make_raw(*d.bias, bench.datapath());
                                                     d.bias->type.format = {9, 5, true};
                                                     for (I& word : d.bias->raw) ++word;
                                                 }))) >= 1);
    op.bias = raw_parameter({6}, whole(16), 4);
    op.accumulator = {.type = fixed("ap_fixed<32,24>")};
    Bench wide(op, kVector, kIn, fixed("ap_fixed<24,18>"), 40);
    CHECK(giving(wide, "bias", "bias_cast",
                 words_of(wide, on<Dense>([](Dense& d) { d.accumulator.bias_cast = whole(10); }))) >= 1);
}

TEST_CASE("weights of another quantizer, and a far narrower accumulator") {
    Dense op = some_dense();
    for (std::size_t i = 0; i < op.weights.real.size(); i += 5) op.weights.real[i] = 0;
    op.weights.quantizer = WeightQuantizer::Sign;
    op.weights.type = whole(2);
    op.accumulator = {.type = fixed("ap_fixed<32,26>")};
    Bench bench(op, kVector, kIn, fixed("ap_fixed<32,26>"), 40);
    CHECK(giving(bench, "cast", "quantizer",
                 words_of(bench, on<Dense>([](Dense& d) { d.weights.quantizer = WeightQuantizer::Bipolar; }))) == 1);
    CHECK(giving(bench, "cast", "accumulator",
                 words_of(bench, on<Dense>([](Dense& d) { d.accumulator.type = fixed("ap_fixed<11,5>"); }))) >= 1);
}

TEST_CASE("another tensor that is read in place of an input is found") {
    Bench bench(Relu{}, kRow, whole(8), whole(8), 20);
    bench.add_node({.name = "sum", .inputs = {"x", "layer"}, .op = Add{}, .result = whole(9)});
    TensorWords other{.name = "other", .shape = kRow, .type = whole(8), .images = 20};
    other.words = random_words(60, other.type.format, 77);
    bench.subject.others.push_back(other);
    WordList actual;
    for (std::size_t i = 0; i < bench.x().size(); ++i) actual.push_back(other.words[i] + std::max<I>(bench.x()[i], 0));
    CHECK(bench.explaining(diagnose_detail::add_input_changes, actual,
                           "'sum' reads 'other' where the network has it read 'x'") == 1);
}

}  // namespace bittrue::test
