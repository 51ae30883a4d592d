// Every layer is judged on the words that it read: an early fault does not make the later layers wrong.
#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "verify/diagnose_support.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr std::size_t kImages = 12;
using Names = std::vector<std::string>;

void truncate_conv(Graph& g) {
    node_of(g, "conv").result.rounding = Rounding::Trn;
}
void forget_bias(Graph& g) {
    std::get<Dense>(node_of(g, "right").op).bias.reset();
}

}  // namespace

TEST_CASE("an early fault is found in its layer and nowhere else") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    const VectorSet dump = dump_of(g, truncate_conv, kImages);
    REQUIRE(diff(expected, dump).layers.back().words_different > 0);
    const DiagnosisReport report = diagnose_dump(g, expected, dump);
    CHECK(not_equal(report) == Names{"conv"});
    const LayerDiagnosis& conv = of_layer(report, "conv");
    CHECK(report.first() == &conv);
    CHECK(conv.given == Names{"x"});
    CHECK(conv.given_dumped == Names{"x"});
    CHECK(conv.verdict == Verdict::Explained);
    REQUIRE(!conv.hypotheses.empty());
    CHECK(conv.hypotheses.front().changes.front().cause == Cause::ResultRounding);
    CHECK(conv.hypotheses.front().explained == conv.words_different);
    CHECK(conv.sentence.find("AP_TRN") != std::string::npos);
    CHECK(conv.sentence.find("explains all " + std::to_string(conv.words_different)) != std::string::npos);
    REQUIRE(conv.first);
    const VectorLayer& want = *expected.find("conv");
    CHECK(conv.first->expected == want.words[static_cast<std::size_t>(conv.first->flat)]);
    CHECK(conv.first->index.size() == 4);
}

TEST_CASE("two faults in two branches are found each by itself") {
    const Graph g = branched_network();
    const DiagnosisReport report = diagnose_dump(g, vectors_of(g, kImages),
                                                 dump_of(
                                                     g,
                                                     [](Graph& m) {
                                                         truncate_conv(m);
                                                         forget_bias(m);
                                                     },
                                                     kImages));
    CHECK(not_equal(report) == Names{"conv", "right"});
    const LayerDiagnosis& right = of_layer(report, "right");
    REQUIRE(!right.hypotheses.empty());
    CHECK(right.hypotheses.front().changes.front().cause == Cause::BiasMissing);
    CHECK(right.hypotheses.front().changes.front().node == "right");
    CHECK(of_layer(report, "out").given == Names{"left", "right"});
}

TEST_CASE("layers that were not dumped are computed from the nearest that were") {
    const Graph g = branched_network();
    VectorSet dump = dump_of(g, truncate_conv, kImages);
    std::erase_if(dump.layers, [](const VectorLayer& l) { return l.name != "flat" && l.name != "out"; });
    const DiagnosisReport report = diagnose_dump(g, vectors_of(g, kImages), dump);
    const LayerDiagnosis& flat = of_layer(report, "flat");
    CHECK(flat.given == Names{"x"});
    CHECK(flat.given_dumped.empty());
    CHECK(flat.chain.nodes.size() == 3);
    CHECK(flat.verdict == Verdict::Explained);
    bool names_conv = false;
    for (const Hypothesis& h : flat.hypotheses) {
        names_conv = names_conv || (h.group == 0 && h.changes.front().node == "conv" &&
                                    h.changes.front().cause == Cause::ResultRounding);
    }
    CHECK(names_conv);
    const LayerDiagnosis& out = of_layer(report, "out");
    CHECK(out.given_dumped == Names{"flat"});
    CHECK(out.chain.nodes.size() == 3);
    CHECK(out.verdict == Verdict::Equal);
}

TEST_CASE("an equal dump accuses nobody") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    const DiagnosisReport report = diagnose_dump(g, expected, expected);
    CHECK(report.layers.size() == g.nodes.size());
    CHECK(not_equal(report).empty());
    CHECK(report.first() == nullptr);
}

TEST_CASE("a network file that gives other words than the expected set is refused") {
    Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    truncate_conv(g);
    CHECK_THROWS_AS(diagnose_dump(g, expected, expected), InputError);
    try {
        (void)diagnose_dump(g, expected, expected);
    } catch (const InputError& e) {
        const std::string what = e.what();
        CHECK(what.find("'conv'") != std::string::npos);
        CHECK(what.find("'branched'") != std::string::npos);
    }
}

TEST_CASE("words without reset are undefined, and a layer that reads them is judged on the other images") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& act = layer_of(dump, "act");
    act.undefined = {3};
    act.undefined_bits = {"0b0x0x01"};
    act.words[3] = 0;
    const DiagnosisReport report = diagnose_dump(g, expected, dump);
    CHECK(not_equal(report) == Names{"act"});
    CHECK(of_layer(report, "act").verdict == Verdict::Undefined);
    const std::int64_t of_image = 48;
    CHECK(of_layer(report, "act").words_judged == of_image * std::int64_t{kImages} - 1);
    CHECK(of_layer(report, "flat").words_judged == of_image * (std::int64_t{kImages} - 1));
}

TEST_CASE("words that stand elsewhere in the dump are right, and so are the layers behind them") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, 40);
    VectorSet dump = expected;
    std::vector<std::int64_t>& words = layer_of(dump, "conv").words;
    words.insert(words.begin(), {5, 6, 7});
    words.resize(layer_of(dump, "conv").words.size() - 3);
    const DiagnosisReport report = diagnose_dump(g, expected, dump);
    CHECK(not_equal(report) == Names{"conv"});
    CHECK(of_layer(report, "conv").verdict == Verdict::Moved);
}

TEST_CASE("words beyond the format are wrong words, not a reason to stop") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& left = layer_of(dump, "left");
    left.type.reset();
    left.stored = {.width = 32, .integer = 32, .is_signed = true};
    left.words[7] = 1000;
    const DiagnosisReport report = diagnose_dump(g, expected, dump);
    CHECK(of_layer(report, "left").words_different == 1);
    REQUIRE(of_layer(report, "left").first);
    CHECK(of_layer(report, "left").first->actual == 1000);
}
