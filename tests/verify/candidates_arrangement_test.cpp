// Weights, inputs and results in another arrangement: each candidate gives what a loop gives that does the same by
// hand.
#include "candidate_support.hpp"

namespace bittrue::test {

namespace {

using diagnose_detail::add_input_changes;
using diagnose_detail::add_output_changes;
using diagnose_detail::add_weight_order_changes;

constexpr std::int64_t kIn = 12, kOut = 6;

Bench dense_bench(FixedType in_type = whole(6)) {
    Dense op{.weights = raw_parameter({kIn, kOut}, whole(5), 1), .bias = raw_parameter({kOut}, whole(6), 2)};
    op.accumulator.type = whole(30);
    return {op, {.layout = Layout::Vector, .dims = {kIn}}, in_type, whole(24)};
}

// All sums exact: word o of an image is bias[o] + sum of x(i) * w(i, o).
using At2 = std::function<std::int64_t(std::int64_t, std::int64_t)>;
WordList dense_words(const Bench& bench, const At2& x, const At2& w) {
    const auto& op = std::get<Dense>(bench.subject.last().op);
    WordList words;
    for (std::int64_t image = 0; image < std::int64_t(bench.subject.images); ++image) {
        for (std::int64_t o = 0; o < kOut; ++o) {
            std::int64_t sum = op.bias->raw[std::size_t(o)];
            for (std::int64_t i = 0; i < kIn; ++i) sum += x(image, i) * w(i, o);
            words.push_back(sum);
        }
    }
    return words;
}
At2 plain_x(const Bench& bench) {
    return [&bench](std::int64_t image, std::int64_t i) { return bench.x()[std::size_t(image * kIn + i)]; };
}
At2 plain_w(const Bench& bench) {
    const WordList& raw = std::get<Dense>(bench.subject.last().op).weights.raw;
    return [&raw](std::int64_t i, std::int64_t o) { return raw[std::size_t(i * kOut + o)]; };
}

// A convolution of 3x3 over a 6x5 map of 2 channels into 4, without padding.
constexpr std::int64_t kHeight = 6, kWidth = 5, kC = 2, kO = 4, kK = 3;
Bench conv_bench(Layout layout = Layout::Hwc) {
    Conv2d op{.weights = raw_parameter({kK, kK, kC, kO}, whole(5), 3), .bias = raw_parameter({kO}, whole(6), 4)};
    op.accumulator.type = whole(30);
    return {op, make_map(layout, kC, kHeight, kWidth), whole(6), whole(24)};
}
using PixelAt = std::function<std::int64_t(std::int64_t image, std::int64_t c, std::int64_t y, std::int64_t x)>;
using WeightAt = std::function<std::int64_t(std::int64_t r, std::int64_t s, std::int64_t c, std::int64_t o)>;
WordList conv_words(const Bench& bench, const PixelAt& pixel, const WeightAt& weight) {
    const auto& op = std::get<Conv2d>(bench.subject.last().op);
    const Shape& out = bench.subject.last().shape;
    WordList words(bench.subject.expected().size());
    for (std::int64_t image = 0; image < std::int64_t(bench.subject.images); ++image) {
        for (std::int64_t o = 0; o < kO; ++o) {
            for (std::int64_t y = 0; y < kHeight - kK + 1; ++y) {
                for (std::int64_t x = 0; x < kWidth - kK + 1; ++x) {
                    std::int64_t sum = op.bias->raw[std::size_t(o)];
                    for (std::int64_t r = 0; r < kK; ++r)
                        for (std::int64_t s = 0; s < kK; ++s)
                            for (std::int64_t c = 0; c < kC; ++c)
                                sum += pixel(image, c, y + r, x + s) * weight(r, s, c, o);
                    words[std::size_t(image * out.count() + out.index(o, y, x))] = sum;
                }
            }
        }
    }
    return words;
}
PixelAt plain_pixel(const Bench& bench) {
    return [&bench](std::int64_t image, std::int64_t c, std::int64_t y, std::int64_t x) {
        return bench.x()[std::size_t(image * bench.in().count() + bench.in().index(c, y, x))];
    };
}
std::int64_t weight_at(const Bench& bench, std::int64_t r, std::int64_t s, std::int64_t c, std::int64_t o) {
    return std::get<Conv2d>(bench.subject.last().op).weights.raw[std::size_t(((r * kK + s) * kC + c) * kO + o)];
}
WeightAt plain_weight(const Bench& bench) {
    return [&bench](std::int64_t r, std::int64_t s, std::int64_t c, std::int64_t o) {
        return weight_at(bench, r, s, c, o);
    };
}

}  // namespace

TEST_CASE("The loops of these tests compute the layers") {
    Bench dense = dense_bench();
    CHECK(dense_words(dense, plain_x(dense), plain_w(dense)) == dense.subject.expected());
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        Bench conv = conv_bench(layout);
        CHECK(conv_words(conv, plain_pixel(conv), plain_weight(conv)) == conv.subject.expected());
    }
}

TEST_CASE("Dense weights: transposed either way, whole or in words of some outputs") {
    Bench bench = dense_bench();
    const WordList& raw = std::get<Dense>(bench.subject.last().op).weights.raw;
    const auto words = [&](const At2& w) { return dense_words(bench, plain_x(bench), w); };
    CHECK(bench.explaining(add_weight_order_changes,
                           words([&](std::int64_t i, std::int64_t o) { return raw[std::size_t(o * kIn + i)]; }),
                           "stored as [in, out] and read as [out, in]") == 1);
    CHECK(bench.explaining(add_weight_order_changes, words([&](std::int64_t i, std::int64_t o) {
                               const std::int64_t place = i * kOut + o;  // of an array [out, in]
                               return raw[std::size_t(place % kIn * kOut + place / kIn)];
                           }),
                           "stored as [out, in] and read as [in, out]") == 1);
    // Two outputs in a word of the memory, three groups; the address only counts up.
    CHECK(bench.explaining(add_weight_order_changes, words([&](std::int64_t i, std::int64_t o) {
                               const std::int64_t address = o / 2 * kIn + i;
                               return raw[std::size_t(address * 2 + o % 2)];
                           }),
                           "transposed in words of 2 outputs: stored input by input and read group by group") == 1);
}

TEST_CASE("Dense weights: inputs or outputs in another order, addresses off by one") {
    Bench bench = dense_bench();
    const At2 w = plain_w(bench);
    const auto check = [&](const At2& changed, const std::string& text) {
        INFO(text);
        CHECK(bench.explaining(add_weight_order_changes, dense_words(bench, plain_x(bench), changed), text) == 1);
    };
    check([&](std::int64_t i, std::int64_t o) { return w(kIn - 1 - i, o); }, "inputs in reversed order");
    check([&](std::int64_t i, std::int64_t o) { return w(i, (o + 1) % kOut); }, "outputs rotated by 1 (");
    check([&](std::int64_t i, std::int64_t o) { return w(i, o ^ 1); }, "outputs with neighbours exchanged");
    const WordList& raw = std::get<Dense>(bench.subject.last().op).weights.raw;
    check([&](std::int64_t i, std::int64_t o) { return raw[std::size_t(i * kOut + o + 71) % 72]; },
          "read one address too low");
    check([&](std::int64_t i, std::int64_t o) { return w(std::min(i + 1, kIn - 1), o); },
          "read one address too high, the end's twice (6 weights at an address)");
}

TEST_CASE("Kernels: flipped, exchanged, stored as OIHW") {
    Bench bench = conv_bench();
    const auto check = [&](const WeightAt& changed, const std::string& text) {
        INFO(text);
        CHECK(bench.explaining(add_weight_order_changes, conv_words(bench, plain_pixel(bench), changed), text) == 1);
    };
    using I = std::int64_t;
    const auto w = [&](I r, I s, I c, I o) { return weight_at(bench, r, s, c, o); };
    check([&](I r, I s, I c, I o) { return w(2 - r, 2 - s, c, o); }, "rotated by 180 degrees");
    check([&](I r, I s, I c, I o) { return w(2 - r, s, c, o); }, "rows upside down");
    check([&](I r, I s, I c, I o) { return w(r, 2 - s, c, o); }, "columns mirrored");
    check([&](I r, I s, I c, I o) { return w(s, r, c, o); }, "rows and columns exchanged");
    check([&](I r, I s, I c, I o) { return w(r, s, 1 - c, o); }, "input channels");
    check([&](I r, I s, I c, I o) { return w(r, s, c, 3 - o); }, "output channels in reversed order");
    const WordList& raw = std::get<Conv2d>(bench.subject.last().op).weights.raw;
    // The memory holds [out][in][row][column]; the hardware reads row, column, in, out.
    check(
        [&](I r, I s, I c, I o) {
            const I place = ((r * kK + s) * kC + c) * kO + o;
            return w(place / 3 % 3, place % 3, place / 9 % kC, place / 18);
        },
        "taken for HWIO where they are stored as OIHW");
    check([&](I r, I s, I c, I o) { return raw[std::size_t(((o * kC + c) * kK + r) * kK + s)]; },
          "taken for OIHW where they are stored as HWIO");
}

TEST_CASE("An input of a vector in another order or of another image") {
    Bench bench = dense_bench();
    const At2 x = plain_x(bench);
    const auto check = [&](const At2& changed, const std::string& text) {
        INFO(text);
        CHECK(bench.explaining(add_input_changes, dense_words(bench, changed, plain_w(bench)), text) >= 1);
    };
    check([&](std::int64_t n, std::int64_t i) { return x(n, std::max<std::int64_t>(i - 1, 0)); },
          "from one address too low (the end's twice)");
    check([&](std::int64_t n, std::int64_t i) { return x(n, (i + 1) % kIn); }, "from one address too high (round");
    // 2x2x3 with the channel last in the network, flattened channel by channel: place i holds channel i / 4.
    check([&](std::int64_t n, std::int64_t i) { return x(n, i % 4 * 3 + i / 4); }, "flattened in another order");
    check([&](std::int64_t n, std::int64_t i) { return x(std::max<std::int64_t>(n - 1, 0), i); },
          "that of the image before");
    check([&](std::int64_t n, std::int64_t i) { return x(i >= 6 && n > 0 ? n - 1 : n, i); }, "in its last 6 words");
    check([&](std::int64_t n, std::int64_t i) { return n * kIn + i == 0 ? x(0, 0) : x(n, i - 1); },
          "late in the stream");
    check([&](std::int64_t n, std::int64_t i) { return x(n % 2 == 1 ? n - 1 : n, i); },
          "before for every second image (odd ones)");
    check([&](std::int64_t n, std::int64_t i) { return x(n, i) & 63; }, "is read as unsigned where it is signed");
    check([&](std::int64_t, std::int64_t) { return 0; }, "is read as zero");
}

TEST_CASE("A bit of an input is stuck") {
    Bench bench(Relu{}, {.layout = Layout::Vector, .dims = {kIn}}, whole(6), whole(6, false));
    WordList actual;
    for (const std::int64_t x : bench.x()) actual.push_back(std::max<std::int64_t>(x & ~std::int64_t{4}, 0));
    CHECK(bench.explaining(add_input_changes, actual, "bit 2 of its input 'x' is stuck at 0") == 1);
}

TEST_CASE("Weights and biases read with the other sign") {
    Bench bench = dense_bench();
    const At2 w = plain_w(bench);
    CHECK(bench.explaining(
              add_input_changes,
              dense_words(bench, plain_x(bench), [&](std::int64_t i, std::int64_t o) { return w(i, o) & 31; }),
              "weights are read as unsigned where they are signed") == 1);
    WordList actual = bench.subject.expected();
    const WordList& bias = std::get<Dense>(bench.subject.last().op).bias->raw;
    for (std::size_t i = 0; i < actual.size(); ++i) actual[i] += (bias[i % kOut] & 63) - bias[i % kOut];
    CHECK(bench.explaining(add_input_changes, actual, "biases are read as unsigned where they are signed") == 1);
}

TEST_CASE("An input map in another layout, mirrored, or one pixel off") {
    for (const Layout layout : {Layout::Hwc, Layout::Chw}) {
        Bench bench = conv_bench(layout);
        using I = std::int64_t;
        const PixelAt p = plain_pixel(bench);
        const auto check = [&](const PixelAt& changed, const std::string& text) {
            INFO(text);
            CHECK(bench.explaining(add_input_changes, conv_words(bench, changed, plain_weight(bench)), text) == 1);
        };
        const bool last = layout == Layout::Hwc;
        const Shape other = make_map(last ? Layout::Chw : Layout::Hwc, kC, kHeight, kWidth);
        check([&](I n, I c, I y, I x) { return bench.x()[std::size_t(n * bench.in().count() + other.index(c, y, x))]; },
              last ? "taken for channels first while stored channels last"
                   : "taken for channels last while stored channels first");
        check([&](I n, I c, I y, I x) { return p(n, c, y, kWidth - 1 - x); }, "mirrored left to right");
        check([&](I n, I c, I y, I x) { return p(n, c, kHeight - 1 - y, x); }, "upside down");
        check([&](I n, I c, I y, I x) { return p(n, c, y, std::min(x + 1, kWidth - 1)); },
              "one pixel too far right (the edge's twice)");
        check([&](I n, I c, I y, I x) { return p(n, c, y, (x + 1) % kWidth); }, "one pixel too far right (round");
        check([&](I n, I c, I y, I x) { return y == 0 ? 0 : p(n, c, y - 1, x); }, "one row too far up (zero");
        check([&](I n, I c, I y, I x) { return p(n, 1 - c, y, x); }, "with its channels");
    }
}

TEST_CASE("A result in another order") {
    Bench bench = conv_bench();
    const WordList expected = bench.subject.expected();
    const Shape out = bench.subject.last().shape;
    using I = std::int64_t;
    const auto check = [&](const std::function<I(I c, I y, I x)>& from, const std::string& text) {
        INFO(text);
        WordList actual = expected;
        for (I n = 0; n < I(bench.subject.images); ++n)
            for (I c = 0; c < out.channels(); ++c)
                for (I y = 0; y < out.height(); ++y)
                    for (I x = 0; x < out.width(); ++x)
                        actual[std::size_t(n * out.count() + out.index(c, y, x))] =
                            expected[std::size_t(n * out.count() + from(c, y, x))];
        CHECK(bench.explaining(add_output_changes, actual, text) == 1);
    };
    check([&](I c, I y, I x) { return out.index(3 - c, y, x); }, "in channels in reversed order");
    check([&](I c, I y, I x) { return out.index((c + 3) % 4, y, x); }, "rotated by 1 (each gets the one 1 before)");
    check([&](I c, I y, I x) { return out.index(c, y, out.width() - 1 - x); }, "mirrored left to right");
    check([&](I c, I y, I x) { return out.index(c == 2 ? 0 : c, y, x); },
          "channel 2 of its result holds the words of channel 0");
    // Dumped channel by channel.
    check(
        [&](I c, I y, I x) {
            const I place = out.index(c, y, x), size = out.height() * out.width();
            return out.index(place / size, place % size / out.width(), place % out.width());
        },
        "channels first where they should be channels last");
}

TEST_CASE("A result of the image before, with stuck bits, cut or constant") {
    Bench bench = dense_bench();
    const WordList expected = bench.subject.expected();
    const auto check = [&](const std::function<std::int64_t(std::size_t i)>& word, const std::string& text) {
        INFO(text);
        WordList actual;
        for (std::size_t i = 0; i < expected.size(); ++i) actual.push_back(word(i));
        CHECK(bench.explaining(add_output_changes, actual, text) == 1);
    };
    check([&](std::size_t i) { return expected[i >= kOut ? i - kOut : i]; }, "its result is that of the image before");
    check([&](std::size_t i) { return expected[i >= kOut && i % kOut >= 4 ? i - kOut : i]; },
          "that of the image before from its word 4 on");
    check([&](std::size_t i) { return expected[i] | 4; }, "bit 2 of its result is stuck at 1");
    check([&](std::size_t i) { return i % 3 == 1 ? expected[i] & ~2 : expected[i]; },
          "bit 1 of its result of lane 1 of 3 (channels 1, 4, ...) is stuck at 0");
    check([&](std::size_t i) { return i % kOut == 5 ? expected[i] | 8 : expected[i]; },
          "bit 3 of its result of channel 5 is stuck at 1");
    check([&](std::size_t i) { return expected[i] & ~7; }, "the low 3 bits of its result are 0");
    check([&](std::size_t i) { return ((expected[i] & 127) ^ 64) - 64; }, "keeps its low 7 bits only, with sign");
    check([&](std::size_t i) { return std::abs(expected[i]); }, "without its sign");
    check([&](std::size_t i) { return i % kOut == 2 ? 0 : expected[i]; }, "its result of channel 2 is always zero");
    check([&](std::size_t i) { return i % kOut == 2 ? 7 : expected[i]; }, "its result of channel 2 is always 7");
}

}  // namespace bittrue::test
