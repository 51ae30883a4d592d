// The changes of settings: each one applies to a valid chain or says that it does not, and gives the words it should.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "candidate_support.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using bittrue::test::Bench;
using bittrue::test::Candidate;
using bittrue::test::Family;
using bittrue::test::raw_parameter;
using bittrue::test::Variant;
using bittrue::test::whole;
using bittrue::test::WordList;
using bittrue::test::Words;

namespace {

const std::map<std::string, Family> kFamilies = {{"cast", diagnose_detail::add_cast_changes},
                                                 {"accumulator", diagnose_detail::add_accumulator_changes},
                                                 {"bias", diagnose_detail::add_bias_changes},
                                                 {"window", diagnose_detail::add_window_changes},
                                                 {"activation", diagnose_detail::add_activation_changes},
                                                 {"requantize", diagnose_detail::add_requantize_changes},
                                                 {"table", diagnose_detail::add_table_changes}};

FixedType fixed(const std::string& text) {
    return parse_type(text);
}

Parameter real_parameter(Dims dims, const FixedType& type, std::uint64_t seed) {
    Parameter p{.dims = std::move(dims), .type = type};
    Words words(seed);
    const Format wide{type.format.width + 3, type.format.integer, type.format.is_signed};
    for (std::int64_t i = 0; i < element_count(p.dims); ++i)
        p.real.push_back(value_of(word_from_pattern(words.next() >> 7, wide), wide.frac()));
    return p;
}

Dense some_dense() {
    Dense op{.weights = real_parameter({12, 6}, fixed("ap_fixed<6,2,AP_RND,AP_SAT>"), 1),
             .bias = real_parameter({6}, fixed("ap_fixed<7,3,AP_RND,AP_SAT>"), 2)};
    op.accumulator.type = fixed("ap_fixed<9,5,AP_RND_CONV,AP_SAT>");
    op.accumulator.product = op.accumulator.type;
    return op;
}

Conv2d some_conv() {
    Conv2d op{.weights = real_parameter({3, 3, 2, 4}, fixed("ap_fixed<6,2,AP_RND,AP_SAT>"), 3),
              .bias = real_parameter({4}, fixed("ap_fixed<7,3,AP_RND,AP_SAT>"), 4)};
    op.accumulator.type = fixed("ap_fixed<10,6,AP_RND,AP_SAT>");
    op.padding = {.top = 1, .bottom = 1, .left = 1, .right = 1};
    return op;
}

const FixedType kIn = fixed("ap_fixed<6,3>");
const FixedType kResult = fixed("ap_fixed<6,4,AP_RND_CONV,AP_SAT>");
const Shape kVector{.layout = Layout::Vector, .dims = {12}};

Bench dense_bench(const Dense& op) {
    return {op, kVector, kIn, kResult, 40};
}
Bench conv_bench(const Conv2d& op) {
    return {op, make_map(Layout::Hwc, 2, 6, 7), kIn, kResult, 10};
}

// Everything that decides what a changed chain computes.
std::string describe_chain(const Variant& variant) {
    Graph graph;
    graph.nodes = variant.chain.nodes;
    for (Node& node : graph.nodes) node.shape = {};
    std::string text = testing::describe(graph);
    for (const TensorWords& given : variant.chain.given) {
        text += fmt::format("{} {}:", given.name, print_type(given.type));
        for (const std::int64_t word : given.words) text += fmt::format(" {}", word);
    }
    return text;
}

// The words of the first layer with the operation changed by hand, as a dump.
WordList words_of(const Bench& bench, const std::function<void(Node&)>& edit) {
    Chain chain = bench.subject.chain;
    edit(chain.nodes[0]);
    return bench.datapath().run(chain).back().words;
}

template <typename Op>
std::function<void(Node&)> on(std::function<void(Op&)> edit) {
    return [edit](Node& node) { edit(std::get<Op>(node.op)); };
}

// How many candidates of a family name the setting and give the words.
std::size_t giving(Bench& bench, const std::string& family, const std::string& setting, const WordList& words) {
    const bool is_wrong = words != bench.subject.expected();
    REQUIRE(is_wrong);
    std::size_t count = 0;
    for (const Candidate& c : bench.candidates(kFamilies.at(family), words)) {
        if (c.change.setting == setting && bench.with(c) == words) ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("every change of a setting applies to random layers or says that it does not") {
    testing::Random random(7);
    std::map<std::string, std::size_t> applied;
    for (int round = 0; round < 120; ++round) {
        const Graph graph = testing::random_graph(random, 4);
        for (const Node& node : graph.nodes) {
            if (node.inputs.size() != 1) continue;
            const std::string& in = node.inputs[0];
            Bench bench(node.op, shape_of(graph, in), type_of(graph, in), node.result, 2);
            for (const auto& [name, family] : kFamilies) {
                for (const Candidate& c : bench.candidates(family, bench.subject.expected())) {
                    INFO(op_name(node.op) << ": " << c.change.text);
                    CHECK(!c.change.text.empty());
                    CHECK(!c.slot.empty());
                    CHECK(c.bits >= 2.5);
                    const WordList words = bench.with(c);
                    if (words.empty()) continue;
                    CHECK(words.size() == bench.subject.expected().size());
                    ++applied[name];
                }
            }
        }
    }
    for (const auto& [name, family] : kFamilies) {
        INFO(name);
        CHECK(applied[name] > 20);
    }
}

TEST_CASE("changes of settings are different ones, and not too many") {
    const auto check = [](Bench bench, std::size_t most) {
        std::map<std::string, std::string> seen;
        std::size_t count = 0;
        for (const auto& [name, family] : kFamilies) {
            for (const Candidate& c : bench.candidates(family, bench.subject.expected())) {
                ++count;
                Variant variant{.chain = bench.subject.chain};
                if (!c.apply(variant)) continue;
                const auto [place, is_new] = seen.emplace(describe_chain(variant), c.change.text);
                INFO(place->second);
                INFO(c.change.text);
                CHECK(is_new);
            }
        }
        CHECK(count > 0);
        CHECK(count <= most);
    };
    check(dense_bench(some_dense()), 420);
    check(conv_bench(some_conv()), 460);
    const Shape map = make_map(Layout::Chw, 2, 6, 6);
    check({MaxPool{}, map, kIn, kIn}, 120);
    check({MaxPool{.stride = {1, 1}, .padding = {0, 1, 0, 1}}, map, kIn, kIn}, 120);
    check({AveragePool{.accumulator = fixed("ap_fixed<9,6>")}, map, kIn, kIn}, 200);
    check({Relu{}, map, kIn, fixed("ap_ufixed<5,2,AP_RND,AP_SAT>")}, 110);
    check({ClippedRelu{.max = 1.5}, map, kIn, kIn}, 110);
    check({Lookup{.table = sigmoid_table(64, fixed("ap_fixed<8,1>"))}, map, fixed("ap_fixed<9,5>"), kResult}, 200);
}

TEST_CASE("every rounding and overflow of every cast of a dense layer is found") {
    Bench bench = dense_bench(some_dense());
    const std::map<std::string, std::function<FixedType&(Node&)>> places = {
        {"result", [](Node& n) -> FixedType& { return n.result; }},
        {"accumulator", [](Node& n) -> FixedType& { return std::get<Dense>(n.op).accumulator.type; }},
        {"product", [](Node& n) -> FixedType& { return *std::get<Dense>(n.op).accumulator.product; }},
        {"weight_type", [](Node& n) -> FixedType& { return std::get<Dense>(n.op).weights.type; }},
        {"bias_type", [](Node& n) -> FixedType& { return std::get<Dense>(n.op).bias->type; }}};
    std::size_t different = 0;
    const auto check = [&](const std::string& setting, const WordList& words) {
        if (words == bench.subject.expected()) return;
        ++different;
        CHECK(giving(bench, "cast", setting, words) >= 1);
    };
    for (const auto& [setting, type] : places) {
        INFO(setting);
        for (const Rounding r : kAllRoundings) {
            if (r == Rounding::RndConvOdd) continue;
            check(setting, words_of(bench, [&](Node& n) { type(n).rounding = r; }));
        }
        for (const Overflow o : kAllOverflows) check(setting, words_of(bench, [&](Node& n) { type(n).overflow = o; }));
        for (const int k : {-2, -1, 1, 2}) {
            check(setting, words_of(bench, [&](Node& n) { type(n).format.width += k; }));
            check(setting, words_of(bench, [&](Node& n) { type(n).format.width += k, type(n).format.integer += k; }));
        }
        check(setting, words_of(bench, [&](Node& n) {
                  type(n).rounding = Rounding::Trn;
                  type(n).overflow = Overflow::Wrap;
              }));
    }
    CHECK(different > 50);
}

TEST_CASE("a bus that is cut at its upper end is found though its cast saturates") {
    Bench bench = dense_bench(some_dense());
    const WordList words = words_of(bench, on<Dense>([](Dense& op) {
                                        op.accumulator.type = fixed("ap_fixed<7,3,AP_RND_CONV,AP_WRAP>");
                                        op.accumulator.product = op.accumulator.type;
                                    }));
    CHECK(giving(bench, "cast", "accumulator", words) >= 1);
}

TEST_CASE("an accumulator that is the products' type, too, changes as one setting") {
    Bench bench = dense_bench(some_dense());
    const WordList words = words_of(bench, on<Dense>([](Dense& op) {
                                        op.accumulator.type.rounding = Rounding::Trn;
                                        op.accumulator.product = op.accumulator.type;
                                    }));
    CHECK(giving(bench, "cast", "accumulator", words) == 1);
}

TEST_CASE("products, schedules and the order of a window are found") {
    // Narrow enough to saturate on the way.
    Conv2d narrow = some_conv();
    narrow.accumulator.type = fixed("ap_fixed<8,4,AP_RND,AP_SAT>");
    Bench bench = conv_bench(narrow);
    const auto spec = [&](std::function<void(AccumulatorSpec&)> edit) {
        return words_of(bench, on<Conv2d>([edit](Conv2d& op) { edit(op.accumulator); }));
    };
    CHECK(giving(bench, "accumulator", "product", spec([](AccumulatorSpec& a) {
                     a.product = a.type;
                     a.product->rounding = Rounding::Trn;
                     a.product->overflow = Overflow::Wrap;
                 })) >= 1);
    CHECK(giving(bench, "accumulator", "terms", spec([](AccumulatorSpec& a) { a.terms = TermOrder::Kernel; })) == 1);
    CHECK(giving(bench, "accumulator", "quantize", spec([](AccumulatorSpec& a) { a.quantize = QuantizeAt::End; })) ==
          1);
    for (const char* schedule : {"tree", "interleave:3", "interleave:9", "partial:4"}) {
        INFO(schedule);
        CHECK(giving(bench, "accumulator", "schedule",
                     spec([&](AccumulatorSpec& a) { parse_schedule(schedule, a); })) >= 1);
    }
    for (const char* schedule : {"fold:6", "cascade:9", "cascade:4", "partial:2", "interleave:2"}) {
        INFO(schedule);
        CHECK(giving(bench, "accumulator", "schedule", spec([&](AccumulatorSpec& a) {
                         parse_schedule(schedule, a);
                         a.quantize = QuantizeAt::Fold;
                     })) >= 1);
    }
}

TEST_CASE("faults of the bias are found") {
    Bench bench = dense_bench(some_dense());
    const auto bias = [&](std::function<void(Parameter&)> edit) {
        return words_of(bench, on<Dense>([edit](Dense& op) { edit(*op.bias); }));
    };
    CHECK(giving(bench, "bias", "bias", words_of(bench, on<Dense>([](Dense& op) { op.bias.reset(); }))) >= 1);
    CHECK(giving(bench, "bias", "bias_position",
                 words_of(bench, on<Dense>([](Dense& op) { op.accumulator.bias = BiasPosition::Last; }))) >= 1);
    const auto rotated = [](std::size_t by) {
        return [by](Parameter& p) {
            const std::vector<double> old = p.real;
            for (std::size_t i = 0; i < old.size(); ++i) p.real[i] = old[(i + by) % old.size()];
        };
    };
    for (const std::size_t by : {1U, 2U, 3U, 4U, 5U}) CHECK(giving(bench, "bias", "bias", bias(rotated(by))) == 1);
    CHECK(giving(bench, "bias", "bias", bias([](Parameter& p) { std::reverse(p.real.begin(), p.real.end()); })) == 1);
    // Words of the bias, taken from an engine that is not asked by the candidates.
    const auto words = [&](std::function<void(Parameter&)> edit) {
        return bias([&bench, edit](Parameter& p) {
            for (const ParameterWords& w :
                 bench.datapath().parameters(bench.subject.chain.nodes[0], bench.subject.chain.given[0])) {
                if (w.role == "bias") p.raw = w.tensor.words;
            }
            p.real.clear();
            edit(p);
        });
    };
    CHECK(giving(bench, "bias", "bias", words([](Parameter& p) {
                     p.type.format.width += 1;
                     p.type.format.integer += 1;
                     for (std::int64_t& w : p.raw) w += w;
                 })) >= 1);
    CHECK(giving(bench, "bias", "bias_cast", words_of(bench, on<Dense>([](Dense& op) {
                                                          op.accumulator.bias_cast =
                                                              fixed("ap_fixed<4,3,AP_TRN,AP_SAT>");
                                                      }))) >= 1);
    for (const int by : {-3, -1, 1, 2})
        CHECK(giving(bench, "bias", "bias", words([by](Parameter& p) { p.type.format.integer += by; })) >= 1);
}

TEST_CASE("a bias that the network does not have is found in the dump") {
    Dense op = some_dense();
    op.accumulator.type = fixed("ap_fixed<14,8,AP_RND,AP_SAT>");
    op.accumulator.product.reset();
    Bench with(op, kVector, kIn, fixed("ap_fixed<9,6,AP_RND,AP_SAT>"), 40);
    op.bias.reset();
    Bench without(op, kVector, kIn, fixed("ap_fixed<9,6,AP_RND,AP_SAT>"), 40);
    CHECK(giving(without, "bias", "bias", with.subject.expected()) == 1);
}

TEST_CASE("a bias behind the cast is added to the word of the result") {
    Dense op = some_dense();
    Bench bench = dense_bench(op);
    Bench without = dense_bench([&] {
        Dense d = op;
        d.bias.reset();
        return d;
    }());
    WordList words = without.subject.expected();
    WordList raws;
    for (const ParameterWords& w :
         bench.datapath().parameters(bench.subject.chain.nodes[0], bench.subject.chain.given[0])) {
        if (w.role == "bias") raws = w.tensor.words;
    }
    REQUIRE(raws.size() == 6);
    // The result has 2 fraction bits, the bias 4.
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] = bench.datapath().quantize(i128{words[i]} * 4 + raws[i % 6], 4, kResult).word;
    }
    CHECK(giving(bench, "bias", "bias_position", words) == 1);
}

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
