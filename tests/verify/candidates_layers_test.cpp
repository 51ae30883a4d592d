// The changes of windows, pools, activations, requantisers and tables give the words that they should.
#include <algorithm>
#include <cmath>
#include <map>

#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "settings_support.hpp"

namespace bittrue::test {

TEST_CASE("windows that begin elsewhere, move otherwise or read other padding are found") {
    for (const bool kernel : {false, true}) {
        Conv2d op = some_conv();
        op.accumulator.terms = kernel ? TermOrder::Kernel : TermOrder::Input;
        op.stride = {2, 2};
        Bench bench = conv_bench(op);
        const auto conv = [&](std::function<void(Conv2d&)> edit) { return words_of(bench, on<Conv2d>(edit)); };
        CHECK(giving(bench, "window", "padding", conv([](Conv2d& c) { c.padding.top = 0, c.padding.bottom = 2; })) ==
              1);
        CHECK(giving(bench, "window", "padding", conv([](Conv2d& c) { c.padding.left = 2, c.padding.right = 0; })) ==
              1);
        Conv2d one_side = op;
        one_side.padding = {.top = 1, .left = 1};
        Bench aside = conv_bench(one_side);
        CHECK(giving(aside, "window", "padding",
                     words_of(aside, on<Conv2d>([](Conv2d& c) { c.padding = {.bottom = 1, .right = 1}; }))) == 1);
        CHECK(giving(bench, "window", "dilation", conv([](Conv2d& c) {
                         c.dilation = {2, 2};
                         c.padding.bottom = c.padding.right = 3;
                     })) == 1);
        CHECK(giving(bench, "window", "stride", conv([](Conv2d& c) {
                         c.stride = {3, 3};
                         c.padding.bottom = c.padding.right = 4;
                     })) == 1);
    }
}

TEST_CASE("padding with another word is found") {
    // One channel, a kernel of ones: the sum of the window, padding included.
    Parameter ones{.dims = {3, 3, 1, 1}, .raw = WordList(9, 1), .type = whole(2)};
    Conv2d op{.weights = ones};
    op.accumulator.type = whole(20);
    op.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1};
    Bench bench(op, make_map(Layout::Hwc, 1, 4, 5), whole(6), whole(20));
    const auto padded = [&](auto word_at) {
        WordList words;
        for (std::size_t image = 0; image < bench.subject.images; ++image) {
            const auto at = [&](int y, int x) { return bench.x()[image * 20 + static_cast<std::size_t>(y * 5 + x)]; };
            for (int y = 0; y < 4; ++y) {
                for (int x = 0; x < 5; ++x) {
                    std::int64_t sum = 0;
                    for (int r = -1; r <= 1; ++r) {
                        for (int s = -1; s <= 1; ++s) {
                            const bool inside = y + r >= 0 && y + r < 4 && x + s >= 0 && x + s < 5;
                            sum += inside ? at(y + r, x + s) : word_at(at, y + r, x + s);
                        }
                    }
                    words.push_back(sum);
                }
            }
        }
        return words;
    };
    CHECK(padded([](auto&, int, int) { return 0; }) == bench.subject.expected());
    CHECK(giving(bench, "window", "padding", padded([](auto&, int, int) { return -32; })) == 1);
    CHECK(giving(bench, "window", "padding",
                 padded([](auto& at, int y, int x) { return at(std::clamp(y, 0, 3), std::clamp(x, 0, 4)); })) == 1);
}

TEST_CASE("what a pool makes of its window is found") {
    const Shape map = make_map(Layout::Chw, 2, 6, 6);
    SECTION("average for largest, and back") {
        Bench average(AveragePool{.accumulator = fixed("ap_fixed<9,6>")}, map, kIn, kIn);
        CHECK(giving(average, "window", "op", words_of(average, [](Node& n) { n.op = MaxPool{}; })) == 1);
        Bench largest(MaxPool{}, map, kIn, kIn);
        CHECK(giving(largest, "window", "op", words_of(largest, [](Node& n) {
                         n.op = AveragePool{.accumulator = fixed("ap_fixed<12,9>")};
                     })) == 1);
    }
    SECTION("another divisor, and none") {
        const AveragePool op{.pool = {3, 3}, .stride = {3, 3}, .accumulator = fixed("ap_fixed<12,8>")};
        Bench bench(op, map, whole(5), whole(12));
        const auto divided = [&](std::int64_t by) {
            WordList words;
            for (std::size_t plane = 0; plane < bench.subject.images * 2; ++plane) {
                for (int w = 0; w < 4; ++w) {
                    std::int64_t sum = 0;
                    for (int e = 0; e < 9; ++e) {
                        const int y = w / 2 * 3 + e / 3, x = w % 2 * 3 + e % 3;
                        sum += bench.x()[plane * 36 + static_cast<std::size_t>(y * 6 + x)];
                    }
                    // Four fraction bits toward zero, then whole numbers down.
                    const std::int64_t quotient = sum * 16 / by;
                    words.push_back(quotient >> 4);
                }
            }
            return words;
        };
        CHECK(divided(9) == bench.subject.expected());
        CHECK(giving(bench, "window", "divide", divided(8)) == 1);
        CHECK(giving(bench, "window", "divide", divided(16)) == 1);
        CHECK(giving(bench, "window", "divide", divided(1)) == 1);
    }
    SECTION("rounding of the quotient") {
        Bench bench(AveragePool{.accumulator = fixed("ap_fixed<9,6>")}, map, kIn, kIn);
        CHECK(giving(bench, "window", "divide",
                     words_of(bench, on<AveragePool>([](AveragePool& op) { op.divide = Rounding::Rnd; }))) >= 1);
    }
    SECTION("size and stride") {
        Bench bench(MaxPool{}, map, kIn, kIn);
        CHECK(giving(bench, "window", "pool", words_of(bench, on<MaxPool>([](MaxPool& op) {
                                                           op.pool = {3, 3};
                                                           op.padding = {0, 1, 0, 1};
                                                       }))) == 1);
        // 3x3 words with a stride of 2; a stride of 1 on the same map gives more, of which the first 3x3 count.
        Bench all(MaxPool{.stride = {1, 1}}, map, kIn, kIn);
        WordList words;
        for (std::size_t plane = 0; plane < bench.subject.images * 2; ++plane) {
            for (std::size_t w = 0; w < 9; ++w) words.push_back(all.subject.expected()[plane * 25 + w / 3 * 5 + w % 3]);
        }
        CHECK(giving(bench, "window", "stride", words) == 1);
    }
    SECTION("the rule of padding") {
        Bench bench(MaxPool{.stride = {1, 1}, .padding = {0, 1, 0, 1}}, map, fixed("ap_ufixed<5,3>"),
                    fixed("ap_ufixed<5,3>"));
        CHECK(giving(bench, "window", "pad_rule",
                     words_of(bench, on<MaxPool>([](MaxPool& op) { op.pad_rule = PoolPadding::Msb; }))) == 1);
    }
}

TEST_CASE("activations that are missing, of another kind or elsewhere are found") {
    const Shape map = make_map(Layout::Hwc, 2, 4, 4);
    const auto as = [](Operation op) { return [op](Node& node) { node.op = op; }; };
    Bench relu(Relu{}, map, kIn, kIn);
    CHECK(giving(relu, "activation", "op", words_of(relu, as(Quantize{}))) == 1);
    // A result without sign hides that the relu is missing, unless the design keeps the sign.
    Bench unsigned_relu(Relu{}, map, kIn, fixed("ap_ufixed<5,2,AP_RND,AP_SAT>"));
    for (const char* type : {"ap_fixed<5,2,AP_RND,AP_SAT>", "ap_fixed<6,3,AP_RND,AP_SAT>"}) {
        CAPTURE(type);
        const auto missing = [type](Node& node) {
            node.op = Quantize{};
            node.result = fixed(type);
        };
        CHECK(giving(unsigned_relu, "activation", "op", words_of(unsigned_relu, missing)) == 1);
    }
    Bench clipped(ClippedRelu{.max = 1.5}, map, kIn, kIn);
    CHECK(giving(clipped, "activation", "op", words_of(clipped, as(Relu{}))) >= 1);
    CHECK(giving(clipped, "activation", "op", words_of(clipped, as(Quantize{}))) == 1);
    CHECK(giving(clipped, "activation", "op", words_of(clipped, as(ClippedRelu{.max = 3}))) == 1);
    Bench clip(Clip{.min = -1, .max = 2}, map, kIn, kIn);
    CHECK(giving(clip, "activation", "op", words_of(clip, as(Clip{.min = 0, .max = 2}))) >= 1);
    Bench leaky(LeakyRelu{.alpha = {.dims = {1}, .raw = {3}, .type = fixed("ap_fixed<6,1>")}}, map, kIn,
                fixed("ap_fixed<12,4>"));
    CHECK(giving(leaky, "activation", "op", words_of(leaky, as(Relu{}))) >= 1);
    CHECK(giving(leaky, "activation", "alpha",
                 words_of(leaky, on<LeakyRelu>([](LeakyRelu& op) { op.alpha.type.format.integer = 2; }))) == 1);
    CHECK(giving(leaky, "activation", "alpha",
                 words_of(leaky, on<LeakyRelu>([](LeakyRelu& op) { op.alpha.raw = {4}; }))) >= 1);
    Bench dense = dense_bench(some_dense());
    WordList fused = dense.subject.expected();
    for (std::int64_t& word : fused) word = std::max<std::int64_t>(word, 0);
    CHECK(giving(dense, "activation", "op", fused) == 1);
}

TEST_CASE("a relu on the sums, before their cast, is found") {
    // The cast wraps: positive sums become negative words, which a relu behind the cast would not leave.
    Dense op = some_dense();
    op.accumulator.type = fixed("ap_fixed<12,8>");
    op.accumulator.product.reset();
    const FixedType result = fixed("ap_fixed<5,4>");
    Bench bench(op, kVector, kIn, result, 10);
    Bench sums(op, kVector, kIn, op.accumulator.type, 10);
    WordList words;
    for (const std::int64_t sum : sums.subject.expected())
        words.push_back(bench.datapath().quantize(std::max<std::int64_t>(sum, 0), 4, result).word);
    CHECK(giving(bench, "activation", "result", words) == 1);
}

TEST_CASE("an activation on the other side of its cast is found") {
    // Wrapping turns positive words negative: behind the cast they become zero.
    const FixedType result = fixed("ap_fixed<4,3>");
    Bench bench(Relu{}, make_map(Layout::Hwc, 2, 4, 4), fixed("ap_fixed<6,5>"), result);
    WordList words;
    for (const std::int64_t x : bench.x())
        words.push_back(std::max<std::int64_t>(0, bench.datapath().quantize(x, 1, result).word));
    CHECK(giving(bench, "activation", "result", words) == 1);
}

TEST_CASE("an activation before instead of behind its pool is found") {
    const Shape map = make_map(Layout::Hwc, 2, 4, 4);
    Bench bench(AveragePool{.accumulator = fixed("ap_fixed<9,6>")}, map, kIn, kIn);
    bench.add_node({.name = "relu", .inputs = {"layer"}, .op = Relu{}, .result = kIn});
    Bench other(Relu{}, map, kIn, kIn);
    other.add_node(
        {.name = "pool", .inputs = {"layer"}, .op = AveragePool{.accumulator = fixed("ap_fixed<9,6>")}, .result = kIn});
    CHECK(giving(bench, "activation", "order", other.subject.expected()) == 1);
    CHECK(giving(other, "activation", "order", bench.subject.expected()) == 1);
}

TEST_CASE("thresholds compared, scaled or stored otherwise are found") {
    Threshold op{.thresholds = {.dims = {2, 3}, .raw = {-9, 0, 7, -4, 3, 12}, .type = kIn}, .scale = 2, .bias = -1};
    Bench bench(op, make_map(Layout::Hwc, 2, 6, 6), kIn, whole(8));
    const auto changed = [&](std::function<void(Threshold&)> edit) { return words_of(bench, on<Threshold>(edit)); };
    CHECK(giving(bench, "activation", "strict", changed([](Threshold& t) { t.strict = true; })) == 1);
    CHECK(giving(bench, "activation", "scale", changed([](Threshold& t) { t.scale = 1; })) >= 1);
    CHECK(giving(bench, "activation", "bias", changed([](Threshold& t) { t.bias = 0; })) == 1);
    CHECK(giving(bench, "activation", "bias", changed([](Threshold& t) { t.bias = 1; })) >= 1);
    CHECK(giving(bench, "activation", "thresholds", changed([](Threshold& t) {
                     for (std::int64_t& w : t.thresholds.raw) --w;
                 })) >= 1);
    CHECK(giving(bench, "activation", "thresholds",
                 changed([](Threshold& t) { t.thresholds.raw = {-4, 3, 12, -9, 0, 7}; })) >= 1);
}

TEST_CASE("requantisers that shift, round or add otherwise are found") {
    Requantize op{.multiplier = {.dims = {3}, .raw = {0x5a34c1a7, 0x61f7a3c5, 0x7fe00193}, .type = whole(32)},
                  .shift = {38, 37, 36},
                  .zero_point = 5};
    Bench bench(op, make_map(Layout::Hwc, 3, 8, 8), whole(14), fixed("ap_fixed<8,8,AP_RND,AP_SAT>"), 12);
    const auto changed = [&](std::function<void(Requantize&)> edit) { return words_of(bench, on<Requantize>(edit)); };
    CHECK(giving(bench, "requantize", "shift", changed([](Requantize& r) {
                     for (int& s : r.shift) ++s;
                 })) == 1);
    CHECK(giving(bench, "requantize", "zero_point", changed([](Requantize& r) { r.zero_point = 0; })) == 1);
    CHECK(giving(bench, "requantize", "channels", changed([](Requantize& r) {
                     r.multiplier.raw = {0x61f7a3c5, 0x7fe00193, 0x5a34c1a7};
                     r.shift = {37, 36, 38};
                 })) == 1);
    CHECK(giving(bench, "requantize", "multiplier", changed([](Requantize& r) {
                     for (std::int64_t& m : r.multiplier.raw) m = m >> 23 << 23;
                 })) >= 1);
    Bench doubled(op, make_map(Layout::Hwc, 3, 40, 40), whole(16), fixed("ap_fixed<16,16,AP_RND,AP_SAT>"), 12);
    const auto rule = [&](std::function<void(Requantize&)> edit) { return words_of(doubled, on<Requantize>(edit)); };
    CHECK(giving(doubled, "requantize", "rule", rule([](Requantize& r) { r.rule = RequantizeRule::TfliteDouble; })) >=
          1);
}

TEST_CASE("tables of other sizes, functions and indices are found") {
    const FixedType entry = fixed("ap_fixed<10,1>");
    Bench bench(Lookup{.table = sigmoid_table(64, entry), .span = 16}, make_map(Layout::Hwc, 2, 8, 8),
                fixed("ap_fixed<8,4>"), entry);
    const auto changed = [&](std::function<void(Lookup&)> edit) { return words_of(bench, on<Lookup>(edit)); };
    CHECK(giving(bench, "table", "table_size", changed([&](Lookup& l) { l.table = sigmoid_table(128, entry); })) >= 1);
    CHECK(giving(bench, "table", "op", changed([&](Lookup& l) {
                     l.table = tanh_table(64, entry);
                     l.span = 8;
                 })) >= 1);
    CHECK(giving(bench, "table", "span", changed([](Lookup& l) { l.span = 8; })) == 1);
    CHECK(giving(bench, "table", "index", changed([](Lookup& l) { l.index = TableIndex::Bits; })) >= 1);
    // Down instead of toward zero: negative numbers that are no whole index are one entry lower.
    WordList floored;
    for (const std::int64_t x : bench.x()) {
        const std::int64_t i = std::clamp<std::int64_t>((x >> 2) + 32, 0, 63);
        const double value = sigmoid_table(64, entry).entries.real[static_cast<std::size_t>(i)];
        floored.push_back(static_cast<std::int64_t>(std::floor(value * 512)));
    }
    CHECK(giving(bench, "table", "index", floored) == 1);
}

TEST_CASE("softmaxes of other kinds, tables and inner types are found") {
    const FixedType in = fixed("ap_fixed<8,4>"), table = fixed("ap_fixed<18,8,AP_RND,AP_SAT>");
    const FixedType difference = fixed("ap_ufixed<7,3>");
    Softmax op{.exp_table = stable_exp_table(64, table, difference.format),
               .inv_table = inverse_table(256, table, table.format),
               .accumulator = table,
               .inv_input = table,
               .difference = difference};
    Bench bench(op, {.layout = Layout::Vector, .dims = {10}}, in, fixed("ap_ufixed<10,0,AP_RND,AP_SAT>"), 40);
    const auto changed = [&](std::function<void(Softmax&)> edit) { return words_of(bench, on<Softmax>(edit)); };
    CHECK(giving(bench, "cast", "difference", changed([&](Softmax& s) {
                     s.difference = fixed("ap_ufixed<8,4>");
                     s.exp_table = stable_exp_table(64, table, s.difference.format);
                 })) >= 1);
    CHECK(giving(bench, "cast", "inv_input", changed([&](Softmax& s) {
                     s.inv_input = fixed("ap_fixed<18,6,AP_RND,AP_SAT>");
                     s.inv_table = inverse_table(256, table, s.inv_input.format);
                 })) >= 1);
    CHECK(giving(bench, "cast", "exp_table_type",
                 changed([](Softmax& s) { s.exp_table.entries.type.format.width = 14; })) >= 1);
    CHECK(giving(bench, "cast", "accumulator", changed([](Softmax& s) { s.accumulator.format.width = 13; })) >= 1);
    CHECK(giving(bench, "table", "exp_table_size",
                 changed([&](Softmax& s) { s.exp_table = stable_exp_table(32, table, difference.format); })) == 1);
    CHECK(giving(bench, "table", "inv_table_size",
                 changed([&](Softmax& s) { s.inv_table = inverse_table(1024, table, table.format); })) == 1);
    CHECK(giving(bench, "table", "kind", changed([&](Softmax& s) {
                     s.kind = SoftmaxKind::Latency;
                     s.exp_table = latency_exp_table(64, table, in.format);
                 })) == 1);
    CHECK(giving(bench, "table", "exp_table", changed([](Softmax& s) {
                     auto& e = s.exp_table.entries.real;
                     std::rotate(e.begin(), e.begin() + 1, e.end());
                 })) >= 1);
}

}  // namespace bittrue::test
