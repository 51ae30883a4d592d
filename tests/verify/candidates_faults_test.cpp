// Faults inside layers: each candidate gives what a loop gives that has the same fault.
#include <algorithm>

#include "candidate_support.hpp"
#include "search/trial.hpp"

namespace bittrue::test {

namespace {

using diagnose_detail::add_mac_faults;
using I = std::int64_t;

// A word of `width` bits in two's complement that wraps.
I wrapped(I raw, int width) {
    return word_from_pattern(static_cast<std::uint64_t>(raw), {.width = width, .integer = width});
}
I forced(I raw, int bit, bool value, int width) {
    return wrapped(value ? raw | I{1} << bit : raw & ~(I{1} << bit), width);
}

constexpr I kIn = 12, kOut = 6;
constexpr int kAcc = 11;  // narrow: sums saturate at any step

Bench dense_bench(bool with_bias = true, std::size_t images = 20) {
    Dense op{.weights = raw_parameter({kIn, kOut}, whole(5), 1)};
    if (with_bias) op.bias = raw_parameter({kOut}, whole(6), 2);
    op.accumulator.type = {.format = whole(kAcc).format, .overflow = Overflow::Sat};
    return {op, {.layout = Layout::Vector, .dims = {kIn}}, whole(6), whole(kAcc), images};
}

// Saturating sums: acc = sat(acc + product(t)), from `start` on.
struct DenseFault {
    std::function<I(I x, I w, I t, I o)> product = [](I x, I w, I, I) { return x * w; };
    std::function<I(I bias, I o, const WordList& before)> start = [](I bias, I, const WordList&) { return bias; };
    I first = 0, end = kIn;
};
I saturated(I raw) {
    return std::clamp<I>(raw, -(1 << (kAcc - 1)), (1 << (kAcc - 1)) - 1);
}
WordList dense_words(const Bench& bench, const DenseFault& fault) {
    const auto& op = std::get<Dense>(bench.subject.chain.nodes[0].op);
    WordList words;
    for (I n = 0; n < I(bench.subject.images); ++n) {
        WordList image;
        for (I o = 0; o < kOut; ++o) {
            I acc = saturated(fault.start(op.bias ? op.bias->raw[std::size_t(o)] : 0, o, image));
            for (I t = fault.first; t < fault.end; ++t) {
                const I x = bench.x()[std::size_t(n * kIn + t)], w = op.weights.raw[std::size_t(t * kOut + o)];
                acc = saturated(acc + fault.product(x, w, t, o));
            }
            image.push_back(acc);
        }
        words.insert(words.end(), image.begin(), image.end());
    }
    return words;
}

Bench pool_bench() {
    return {MaxPool{}, make_map(Layout::Hwc, 2, 6, 8), whole(6), whole(6)};
}
WordList pool_words(const Bench& bench, bool smallest, const std::function<bool(I r, I s, I& y, I& x)>& place) {
    const Shape &in = bench.in(), &out = bench.subject.last().shape;
    WordList words(bench.subject.expected().size());
    for (I n = 0; n < I(bench.subject.images); ++n)
        for (I c = 0; c < out.channels(); ++c)
            for (I y = 0; y < out.height(); ++y)
                for (I x = 0; x < out.width(); ++x) {
                    WordList window;
                    for (I r = 0; r < 2; ++r)
                        for (I s = 0; s < 2; ++s) {
                            I at_y = 2 * y + r, at_x = 2 * x + s;
                            if (place(r, s, at_y, at_x))
                                window.push_back(bench.x()[std::size_t(n * in.count() + in.index(c, at_y, at_x))]);
                        }
                    const auto [low, high] = std::minmax_element(window.begin(), window.end());
                    words[std::size_t(n * out.count() + out.index(c, y, x))] = smallest ? *low : *high;
                }
    return words;
}

Parameter falling_table(I entries, FixedType type, I scale) {
    Parameter p{.dims = {entries}, .type = type};
    for (I i = 0; i < entries; ++i) p.raw.push_back(scale / (i + 1));
    return p;
}
Bench softmax_bench() {
    Softmax op;
    op.difference = {.format = {.width = 6, .integer = 6, .is_signed = false}, .overflow = Overflow::Sat};
    op.accumulator = {.format = {.width = 12, .integer = 12, .is_signed = false}, .overflow = Overflow::Sat};
    op.inv_input = {.format = {.width = 10, .integer = 12, .is_signed = false}};
    op.exp_table.entries = falling_table(64, whole(10, false), 600);
    op.inv_table.entries = falling_table(256, whole(10, false), 1000);
    return {op, {.layout = Layout::Vector, .dims = {6}}, whole(6), whole(24, false)};
}
// Whole numbers only: differences of up to 63, a sum that saturates at 4095, whose top 8 of 12 bits are the index.
WordList softmax_words(const Bench& bench, const std::function<I(I n, I largest)>& largest,
                       const std::function<I(const WordList& e)>& total) {
    WordList words;
    for (I n = 0; n < I(bench.subject.images); ++n) {
        const auto x = bench.x().begin() + n * 6;
        const I m = largest(n, *std::max_element(x, x + 6));
        WordList e;
        for (I i = 0; i < 6; ++i) e.push_back(600 / (std::min<I>(m - x[i], 63) + 1));
        const I sum = std::min<I>(total(e), 4095);
        for (const I value : e) words.push_back(value * (1000 / (sum / 16 + 1)));
    }
    return words;
}

}  // namespace

TEST_CASE("The loops of these tests compute the layers without a fault") {
    Bench dense = dense_bench(), pool = pool_bench(), softmax = softmax_bench();
    CHECK(dense_words(dense, {}) == dense.subject.expected());
    CHECK(pool_words(pool, false, [](I, I, I&, I&) { return true; }) == pool.subject.expected());
    CHECK(softmax_words(
              softmax, [](I, I m) { return m; },
              [](const WordList& e) { return e[0] + e[1] + e[2] + e[3] + e[4] + e[5]; }) == softmax.subject.expected());
}

TEST_CASE("A bit of a multiplier's products or operands is stuck") {
    Bench bench = dense_bench();
    const auto check = [&](const DenseFault& fault, const std::string& text) {
        INFO(text);
        CHECK(bench.explaining(add_mac_faults, dense_words(bench, fault), text) == 1);
    };
    check({.product = [](I x, I w, I, I) { return forced(x * w, 4, true, 11); }},
          "bit 4 of the products in 'layer' is stuck at 1");
    check({.product = [](I x, I w, I t, I) { return t % 4 == 2 ? forced(x * w, 5, false, 11) : x * w; }},
          "bit 5 of the products of multiplier lane 2 of 4 in 'layer' is stuck at 0");
    check({.product = [](I x, I w, I t, I) { return x * (t % 2 == 1 ? forced(w, 2, true, 5) : w); }},
          "bit 2 of the weights of multiplier lane 1 of 2 in 'layer' is stuck at 1");
    check({.product = [](I x, I w, I t, I) { return w * (t % 8 == 3 ? forced(x, 5, false, 6) : x); }},
          "bit 5 of the inputs of multiplier lane 3 of 8 in 'layer' is stuck at 0");
    check({.product = [](I x, I w, I, I o) { return o % 3 == 1 ? forced(x * w, 6, true, 11) : x * w; }},
          "bit 6 of the products of lane 1 of 3 (channels 1, 4, ...) in 'layer' is stuck at 1");
}

TEST_CASE("A stuck bit is found through what lies behind the sums") {
    Bench bench = dense_bench();
    bench.add_node({.name = "relu", .inputs = {"layer"}, .op = Relu{}, .result = whole(kAcc, false)});
    WordList actual = dense_words(
        bench, {.product = [](I x, I w, I t, I) { return t % 2 == 0 ? forced(x * w, 3, false, 11) : x * w; }});
    for (I& word : actual) word = std::max<I>(word, 0);
    CHECK(bench.explaining(add_mac_faults, actual,
                           "bit 3 of the products of multiplier lane 0 of 2 in 'layer' is stuck at 0") == 1);
}

TEST_CASE("Terms are left out at either end") {
    Bench bench = dense_bench();
    CHECK(bench.explaining(add_mac_faults, dense_words(bench, {.first = 1}),
                           "the first term of every sum is left out") == 1);
    CHECK(bench.explaining(add_mac_faults, dense_words(bench, {.end = kIn - 2}),
                           "the last 2 terms of every sum are left out") == 1);
}

TEST_CASE("An accumulator goes on from the sum before") {
    for (const bool with_bias : {true, false}) {
        Bench bench = dense_bench(with_bias);
        CHECK(bench.explaining(add_mac_faults,
                               dense_words(bench, {.start =
                                                       [](I bias, I o, const WordList& before) {
                                                           return o < 2 ? bias : before[std::size_t(o - 2)];
                                                       }}),
                               "cleared for an image's first 2 sums (which are made side by side) only") == 1);
    }
    Bench bench = dense_bench();
    CHECK(bench.explaining(add_mac_faults,
                           dense_words(bench, {.start =
                                                   [](I bias, I o, const WordList& before) {
                                                       return o < 1 ? bias : bias + before[std::size_t(o - 1)];
                                                   }}),
                           "first sum only; biases are added all the same") == 1);
}

TEST_CASE("A convolution's line buffers are off by a pixel") {
    constexpr I kHeight = 7, kWidth = 6;
    Conv2d op{.weights = raw_parameter({3, 3, 2, 3}, whole(5), 3)};
    op.accumulator.type = whole(30);
    Bench bench(op, make_map(Layout::Hwc, 2, kHeight, kWidth), whole(6), whole(24));
    const Shape out = bench.subject.last().shape;
    const auto words = [&](const std::function<I(I y, I x, I r)>& pixel) {
        WordList list;
        for (I n = 0; n < I(bench.subject.images); ++n)
            for (I y = 0; y < out.height(); ++y)
                for (I x = 0; x < out.width(); ++x)
                    for (I o = 0; o < 3; ++o) {
                        I sum = 0;
                        for (I r = 0; r < 3; ++r)
                            for (I s = 0; s < 3; ++s)
                                for (I c = 0; c < 2; ++c)
                                    sum +=
                                        bench
                                            .x()[std::size_t((n * kHeight * kWidth + pixel(y + r, x + s, r)) * 2 + c)] *
                                        op.weights.raw[std::size_t(((r * 3 + s) * 2 + c) * 3 + o)];
                        list.push_back(sum);
                    }
        return list;
    };
    REQUIRE(words([](I y, I x, I) { return y * kWidth + x; }) == bench.subject.expected());
    // A chain of delays of kWidth - 1 pixels instead of kWidth.
    CHECK(bench.explaining(add_mac_faults, words([](I y, I x, I r) { return y * kWidth + x + (2 - r); }),
                           "one pixel too short") == 1);
    CHECK(bench.explaining(add_mac_faults,
                           words([](I y, I x, I r) { return y * kWidth + (r < 2 ? std::max<I>(x - 1, 0) : x); }),
                           "read one pixel too far left (the edge's twice)") == 1);
}

TEST_CASE("A pool takes the smallest, leaves out a column, or takes a row of another window") {
    Bench bench = pool_bench();
    CHECK(bench.explaining(add_mac_faults, pool_words(bench, true, [](I, I, I&, I&) { return true; }),
                           "the smallest") == 1);
    CHECK(bench.explaining(add_mac_faults, pool_words(bench, false, [](I, I s, I&, I&) { return s != 0; }),
                           "leaves out column 0") == 1);
    CHECK(bench.explaining(add_mac_faults,
                           pool_words(bench, false,
                                      [](I r, I, I&, I& x) {
                                          if (r == 0 && x >= 2) x -= 2;
                                          return true;
                                      }),
                           "all rows of its windows but the last are those of the window before") == 1);
}

TEST_CASE("A softmax keeps its maximum or leaves elements out of its sum") {
    Bench bench = softmax_bench();
    I kept = -64;
    CHECK(bench.explaining(add_mac_faults,
                           softmax_words(
                               bench, [&](I, I m) { return kept = std::max(kept, m); },
                               [](const WordList& e) { return e[0] + e[1] + e[2] + e[3] + e[4] + e[5]; }),
                           "kept from vector to vector") == 1);
    const auto own = [](I, I m) { return m; };
    CHECK(
        bench.explaining(add_mac_faults,
                         softmax_words(bench, own, [](const WordList& e) { return e[0] + e[1] + e[2] + e[3] + e[4]; }),
                         "leaves out the last element") == 1);
    // 6 leaves, 3 nodes, of which the third falls away.
    CHECK(bench.explaining(add_mac_faults,
                           softmax_words(bench, own, [](const WordList& e) { return e[0] + e[1] + e[2] + e[3]; }),
                           "adder tree leaves out the odd last element") == 1);
}

TEST_CASE("A wrong bit of a softmax's table is found") {
    for (const bool exponential : {true, false}) {
        Bench bench = softmax_bench();
        const Node own = bench.subject.chain.nodes[0];
        auto& op = std::get<Softmax>(bench.subject.chain.nodes[0].op);
        // Entries that the first vector reads: that of its largest element, and that of its sum.
        const auto x = bench.x().begin();
        I sum = 0;
        for (I i = 0; i < 6; ++i) sum += 600 / (std::min<I>(*std::max_element(x, x + 6) - x[i], 63) + 1);
        const I entry = exponential ? 0 : std::min<I>(sum, 4095) / 16;
        (exponential ? op.exp_table : op.inv_table).entries.raw[std::size_t(entry)] ^= 32;
        bench.compute();
        const WordList actual = bench.subject.expected();
        bench.subject.chain.nodes[0] = own;
        bench.compute();
        CHECK(bench.explaining(diagnose_detail::add_channel_changes, actual,
                               "bit 5 of entry " + std::to_string(entry) + " of its " +
                                   (exponential ? "exponentials" : "reciprocals") + " is wrong") == 1);
    }
}

// Pairs: what one change made of a layer is none of the other's business, but must not end the diagnosis.
TEST_CASE("A fault in a layer that another change made one of another kind is refused") {
    const auto check = [](Bench bench) {
        WordList actual = bench.subject.expected();
        for (std::size_t i = 0; i < actual.size(); ++i) actual[i] ^= i % 3 == 0 ? 1 : 0;
        std::size_t tried = 0;
        for (const Family family :
             {add_mac_faults, diagnose_detail::add_channel_changes, diagnose_detail::add_weight_order_changes,
              diagnose_detail::add_input_changes, diagnose_detail::add_output_changes}) {
            for (const Candidate& candidate : bench.candidates(family, actual)) {
                for (const bool first : {true, false}) {
                    INFO(candidate.change.text);
                    Variant variant = bench.variant({1, 3});
                    const auto change = [&variant] {
                        // Another operation, on a tensor of its own beside the dumped one.
                        variant.chain.given.push_back(variant.chain.given[0]);
                        variant.chain.given.back().name = "x (again)";
                        variant.chain.nodes[0].inputs[0] = "x (again)";
                        variant.chain.nodes[0].op = Quantize{};
                    };
                    if (first) change();
                    if (!candidate.apply(variant)) continue;
                    if (!first) change();
                    ++tried;
                    try {
                        (void)diagnose_detail::run(variant, bench.datapath());
                    } catch (const InputError&) {
                    }
                }
            }
        }
        CHECK(tried > 0);
    };
    check(dense_bench());
    check(pool_bench());
    check(softmax_bench());
}

// A search tries large layers on some channels first.
TEST_CASE("Faults of some outputs, and terms left out, are the same on a part of the channels") {
    Bench bench = dense_bench();
    const auto check = [&](const DenseFault& fault, const std::string& text) {
        const WordList actual = dense_words(bench, fault);
        const std::vector<Candidate> candidates = bench.candidates(add_mac_faults, actual);
        const diagnose_detail::Trial trial(bench.subject, bench.datapath(), diagnose_detail::all_images(bench.subject),
                                           {1, 2, 4});
        std::size_t explaining = 0;
        for (const Candidate& candidate : candidates) {
            if (candidate.change.text.find(text) == std::string::npos) continue;
            const Candidate* const one[] = {&candidate};
            const auto outcome = trial.run(one);
            if (outcome.applies && outcome.explained == trial.different() && outcome.spoiled == 0) ++explaining;
        }
        CHECK(trial.different() > 0);
        CHECK(explaining == 1);
    };
    check({.product = [](I x, I w, I, I o) { return o % 3 == 1 ? forced(x * w, 6, true, 11) : x * w; }},
          "bit 6 of the products of lane 1 of 3");
    check({.first = 1}, "the first term of every sum is left out");
    check({.end = kIn - 2}, "the last 2 terms of every sum are left out");
}

}  // namespace bittrue::test
