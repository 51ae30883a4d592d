// The changes of settings: each one applies to a valid chain or says that it does not; casts, sums and biases give the
// words that they should.
#include <algorithm>
#include <cmath>
#include <map>

#include "bittrue/model/notation.hpp"
#include "bittrue/model/tables.hpp"
#include "settings_support.hpp"

namespace bittrue::test {

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

}  // namespace bittrue::test
