// What is said of wrong words: the shortest explanation, noise where none is, and the same on every machine.
#include <set>

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "verify/diagnose_support.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr std::size_t kImages = 20;

void flip_bits(VectorLayer& layer, int count, std::uint64_t seed) {
    Random random(seed);
    for (int i = 0; i < count; ++i) {
        std::int64_t& word = layer.words[static_cast<std::size_t>(random.below(static_cast<int>(layer.words.size())))];
        const std::uint64_t bit = std::uint64_t{1} << random.below(layer.stored.width);
        word = word_from_pattern(pattern_from_word(word, layer.stored) ^ bit, layer.stored);
    }
}

// All that a report says, without times.
std::string text_of(const LayerDiagnosis& layer) {
    std::string text = layer.sentence + '\n';
    for (const Hypothesis& h : layer.hypotheses) {
        for (const Change& change : h.changes) text += change.text + "; ";
        text += std::to_string(h.group) + ' ' + std::to_string(h.explained) + ' ' + std::to_string(h.bits) + '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("flipped bits are noise, few or many") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    for (const int count : {1, 2, 5, 30, 120}) {
        for (const std::string layer : {"conv", "left"}) {
            if (layer == "left" && count > 10) continue;
            CAPTURE(count, layer);
            VectorSet dump = expected;
            flip_bits(layer_of(dump, layer), count, 5);
            const DiagnosisReport report = diagnose_dump(g, expected, dump);
            CHECK(not_equal(report) == std::vector<std::string>{layer});
            CHECK(of_layer(report, layer).verdict == Verdict::Noise);
        }
    }
}

TEST_CASE("a fault under noise is still named, and not said to explain all") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = dump_of(
        g, [](Graph& m) { std::get<Conv2d>(node_of(m, "conv").op).bias.reset(); }, kImages);
    flip_bits(layer_of(dump, "conv"), 9, 7);
    const LayerDiagnosis conv = of_layer(diagnose_dump(g, expected, dump), "conv");
    CHECK(conv.verdict == Verdict::Partly);
    REQUIRE(!conv.hypotheses.empty());
    CHECK(conv.hypotheses.front().changes.front().cause == Cause::BiasMissing);
    CHECK(conv.hypotheses.front().explained < conv.words_different);
    REQUIRE(conv.hypotheses.front().first_unexplained);
    const Unexplained& first = *conv.hypotheses.front().first_unexplained;
    CHECK(first.predicted != first.actual);
}

TEST_CASE("two faults of one layer are both named") {
    const Graph g = branched_network();
    const LayerDiagnosis left = of_layer(diagnose_dump(g, vectors_of(g, kImages),
                                                       dump_of(
                                                           g,
                                                           [](Graph& m) {
                                                               Node& node = node_of(m, "left");
                                                               std::get<Dense>(node.op).bias.reset();
                                                               node.result.rounding = Rounding::Trn;
                                                           },
                                                           kImages)),
                                         "left");
    REQUIRE(left.verdict == Verdict::Explained);
    std::set<Cause> causes;
    for (const Change& change : left.hypotheses.front().changes) causes.insert(change.cause);
    CHECK(causes == std::set<Cause>{Cause::BiasMissing, Cause::ResultRounding});
    CHECK(left.pairs_tried > 0);
}

TEST_CASE("hypotheses are told in order of their bits, and equal words make one group") {
    const Graph g = branched_network();
    const LayerDiagnosis left =
        of_layer(diagnose_dump(
                     g, vectors_of(g, kImages),
                     dump_of(
                         g, [](Graph& m) { std::get<Dense>(node_of(m, "left").op).accumulator.type.format.width -= 3; },
                         kImages)),
                 "left");
    REQUIRE(left.verdict == Verdict::Explained);
    int group = -1;
    double bits = 0;
    for (const Hypothesis& h : left.hypotheses) {
        CHECK(h.group >= group);
        if (h.group > group) CHECK(h.bits >= bits);
        if (h.group == 0) CHECK(h.explained == left.words_different);
        if (h.group > 0) CHECK((h.explained < left.words_different || h.spoiled > 0));
        if (h.group > group) bits = h.bits;
        group = h.group;
    }
}

TEST_CASE("a hypothesis that is a network computes the dump's words") {
    const Graph g = branched_network();
    const LayerDiagnosis conv = of_layer(
        diagnose_dump(g, vectors_of(g, kImages),
                      dump_of(
                          g, [](Graph& m) { node_of(m, "conv").result.rounding = Rounding::TrnZero; }, kImages)),
        "conv");
    REQUIRE(conv.verdict == Verdict::Explained);
    const Hypothesis& best = conv.hypotheses.front();
    CHECK(best.changes.front().cause == Cause::ResultRounding);
    REQUIRE(best.is_network);
    CHECK(cli::make_datapath()->run(best.chain).back().words == conv.actual);
    CHECK(cli::make_datapath()->run(conv.chain).back().words == conv.expected);
}

TEST_CASE("a diagnosis is the same every time") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    const VectorSet dump = dump_of(
        g,
        [](Graph& m) {
            node_of(m, "conv").result.rounding = Rounding::RndZero;
            std::get<Dense>(node_of(m, "left").op).accumulator.type.overflow = Overflow::Wrap;
        },
        kImages);
    DiagnoseOptions options;
    options.telling = false;
    const DiagnosisReport once = diagnose_dump(g, expected, dump, options);
    for (int i = 0; i < 3; ++i) {
        const DiagnosisReport again = diagnose_dump(g, expected, dump, options);
        for (std::size_t l = 0; l < once.layers.size(); ++l) CHECK(text_of(again.layers[l]) == text_of(once.layers[l]));
    }
}

TEST_CASE("time that is up is said, and what was tried until then is reported") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    Random random(4);
    for (std::int64_t& word : layer_of(dump, "conv").words) word = random.word(layer_of(dump, "conv").stored);
    DiagnoseOptions options;
    options.seconds = 1e-6;
    const LayerDiagnosis conv = of_layer(diagnose_dump(g, expected, dump, options), "conv");
    CHECK(conv.out_of_time);
    CHECK(conv.tried > 0);
    CHECK(conv.verdict == Verdict::Unexplained);
    CHECK(conv.sentence.find("time was up") != std::string::npos);
}

TEST_CASE("words at random have no cause") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    Random random(4);
    for (std::int64_t& word : layer_of(dump, "conv").words) word = random.word(layer_of(dump, "conv").stored);
    const LayerDiagnosis conv = of_layer(diagnose_dump(g, expected, dump), "conv");
    CHECK(conv.verdict == Verdict::Unexplained);
    CHECK_FALSE(conv.out_of_time);
}

TEST_CASE("a diagnosis that is cancelled ends") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    const std::atomic<bool> cancel{true};
    DiagnoseOptions options;
    options.cancel = &cancel;
    CHECK_THROWS_AS(diagnose_dump(g, expected, expected, options), Interrupted);
}
