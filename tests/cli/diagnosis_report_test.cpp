// A diagnosis as text, JSON and JUnit, from reports made by hand.
#include "diagnosis_report.hpp"

#include <catch2/catch.hpp>

using namespace bittrue;
using namespace bittrue::cli;

namespace {

const FixedType kByte{.format = {8, 4, true}};

// Layer "a" of two images of 2x1x3 (rows, columns, channels).
DiffReport report_of(const std::string& name = "a") {
    DiffReport report;
    LayerDiff layer{.name = name,
                    .type = kByte,
                    .actual_type = kByte,
                    .axes = {"image", "row", "column", "channel"},
                    .dims = {2, 2, 1, 3}};
    layer.words_compared = 12;
    layer.words_different = 3;
    layer.first = mismatch_at(layer, 0, 1, 10, 11);
    report.layers.push_back(layer);
    return report;
}

Hypothesis hypothesis(const std::string& text, std::int64_t explained, int group) {
    Hypothesis h{.changes = {{.cause = Cause::AccumulatorOverflow,
                              .node = "a",
                              .setting = "accumulator",
                              .expected = "AP_SAT",
                              .found = "AP_WRAP",
                              .text = text}}};
    h.explained = explained;
    h.group = group;
    return h;
}

LayerDiagnosis diagnosis_of(const std::string& name = "a") {
    LayerDiagnosis d{.layer = name, .given = {"x", "y"}, .given_dumped = {"x"}, .verdict = Verdict::Partly};
    d.sentence = name + ": its accumulator wraps: explains 2 of 3 wrong words";
    d.words_judged = 12;
    d.words_different = 3;
    d.hypotheses = {hypothesis("its accumulator wraps", 2, 0), hypothesis("its result wraps", 2, 0),
                    hypothesis("its bias is missing", 1, 1)};
    d.hypotheses[0].first_unexplained =
        Unexplained{.image = 1, .element = 5, .expected = 3, .predicted = 3, .actual = 4};
    d.hypotheses[2].spoiled = 7;
    TellingVector t{
        .first = 0, .second = 1, .found = true, .element = 4, .expected = 16, .by_first = -16, .by_second = 8};
    t.given.push_back({"x", {Layout::Vector, {3}}, kByte, {0, 5, -1}, 1});
    d.telling.push_back(t);
    d.seconds = 1.5;
    d.out_of_time = true;
    return d;
}

}  // namespace

TEST_CASE("the text of a diagnosis says what is explained, what is not, and what would tell more") {
    const std::string text = diagnosis_text(report_of(), {.layers = {diagnosis_of()}}, false);
    CHECK(text ==
          "diagnosis: a: its accumulator wraps: explains 2 of 3 wrong words\n"
          "  computed alone from x of the dump, y as expected: 12 words judged, 3 wrong\n"
          "  1. its accumulator wraps: explains 2 of 3 wrong words\n"
          "  2. its result wraps: explains 2 of 3 wrong words; these words cannot tell it from 1\n"
          "  3. its bias is missing: explains 1 of 3 wrong words, spoils 7 right ones\n"
          "  the first word that 1 does not give: a[image 1, row 1, column 0, channel 2] (flat 11): expected 3 (0x03, "
          "0.1875), got 4 (0x04, 0.25), +1 lsb, it gives 3 (0x03, 0.1875)\n"
          "  to tell 1 from 2, feed: x zeros but word 1 is 5, word 2 is -1; then a[row 1, column 0, channel 1] is -16 "
          "(0xf0, -1) by 1, 8 (0x08, 0.5) by 2, 16 (0x10, 1) expected\n"
          "  note: 0 single changes and 0 pairs were tried in 1.5 s, not all; --seconds gives more time\n");
}

TEST_CASE("the text says in which format a layer read the dump, and when it did not read it") {
    LayerDiagnosis d = diagnosis_of();
    d.given_as["x"] = {.width = 8, .integer = 5, .is_signed = true};
    d.ignores_dump = true;
    CHECK_THAT(
        diagnosis_text(report_of(), {.layers = {d}}, false),
        Catch::Contains("computed alone from x (read as ap_fixed<8,5>) of the dump, y as expected (the dump's own "
                        "words give more wrong ones): 12 words judged"));
}

TEST_CASE("layers that are right for what they read are not in the text") {
    LayerDiagnosis d{.layer = "a", .verdict = Verdict::Equal};
    CHECK(diagnosis_text(report_of(), {.layers = {d}}, false) ==
          "diagnosis: every layer gives what the network gives for what it reads\n");
    // That something else differs is said, too.
    DiffReport other = report_of();
    other.layers[0].is_network_input = true;
    CHECK(diagnosis_text(other, {}, false) ==
          "diagnosis: every layer gives what the network gives for what it reads; the input 'a' itself differs (3 "
          "words): "
          "look at how images are scaled and cast\n");
    other.layers[0].words_different = 0;
    other.layers[0].differences = {"the format is another"};
    CHECK(diagnosis_text(other, {}, false) ==
          "diagnosis: every layer gives what the network gives for what it reads; no word is wrong in a, what differs "
          "there is told above\n");
    d.verdict = Verdict::Unknown;
    d.sentence = "a: cannot be judged: y is not known";
    CHECK(diagnosis_text(report_of(), {.layers = {d}}, false) == "diagnosis: a: cannot be judged: y is not known\n");
}

TEST_CASE("the JSON of a diagnosis has stable names and all hypotheses") {
    DiagnosisReport diagnosis{.layers = {diagnosis_of()}};
    Hypothesis& faulty = diagnosis.layers[0].hypotheses[1];
    faulty.chain.nodes.push_back({.name = "a"});
    faulty.fault_node = 0;
    faulty.fault.stuck = MacFault::StuckBit{.bit = 3, .value = true, .lanes = 4, .lane = 2};
    const auto json = diagnosis_json(report_of(), diagnosis);
    CHECK(json.at("first_wrong_layer") == "a");
    const auto& layer = json.at("layers").at(0);
    CHECK(layer.at("verdict") == "partly explained");
    CHECK(layer.at("hypotheses").size() == 3);
    const auto& best = layer.at("hypotheses").at(0);
    CHECK(best.at("changes").at(0).at("cause") == "accumulator overflow");
    CHECK(best.at("changes").at(0).at("found") == "AP_WRAP");
    CHECK(best.at("share").get<double>() == Approx(2.0 / 3));
    CHECK(best.at("fault").is_null());
    CHECK(best.at("first_unexplained").at("index").at("channel") == 2);
    CHECK(best.at("first_unexplained").at("predicted").at("hex") == "0x03");
    const auto& stuck = layer.at("hypotheses").at(1).at("fault").at("stuck_bit");
    CHECK(stuck.at("bit") == 3);
    CHECK(stuck.at("lane") == 2);
    const auto& telling = layer.at("telling").at(0);
    CHECK(telling.at("first") == 1);
    CHECK(telling.at("given").at(0).at("raws") == nlohmann::json::array({0, 5, -1}));
    CHECK(telling.at("by_first").at("raw") == -16);
}

TEST_CASE("JUnit: a wrong layer fails with the sentence, one that follows is skipped, a missing one fails") {
    DiffReport report = report_of();
    report.layers.push_back({.name = "b", .words_different = 1});
    report.layers.push_back({.name = "c"});
    report.only_expected = {"d"};
    DiagnosisReport diagnosis{.layers = {diagnosis_of(), {.layer = "b", .verdict = Verdict::Equal}}};
    const std::string xml = junit_xml(report, &diagnosis, "net");
    CHECK_THAT(xml, Catch::Contains("<testsuite name=\"net\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\" "
                                    "time=\"1.500\">"));
    CHECK_THAT(xml, Catch::Contains("<failure message=\"a: its accumulator wraps: explains 2 of 3 wrong words\""));
    CHECK_THAT(xml, Catch::Contains("name=\"b\" time=\"0.000\">\n      <skipped message=\"follows"));
    CHECK_THAT(xml, Catch::Contains("name=\"c\" time=\"0.000\"/>"));
    CHECK_THAT(xml, Catch::Contains("the layer is only on the expected side"));

    const std::string plain = junit_xml(report, nullptr, "net");
    CHECK_THAT(plain, Catch::Contains("<failure message=\"3 of 12 words differ\"") &&
                          Catch::Contains("<failure message=\"1 of 0 words differ\""));
    report.common = true;
    CHECK_THAT(junit_xml(report, nullptr, "net"), Catch::Contains("<skipped message=\"the layer is only on"));
}

TEST_CASE("JUnit: names are escaped, and what XML cannot hold is a question mark") {
    const std::string name = "a<b>&\"c\"\x01\x7f \xc3\xa4 \xff\xc3 \xed\xa0\x80 \xf0\x9f\x98\x80";
    const std::string xml = junit_xml(report_of(name), nullptr, name);
    CHECK_THAT(xml, Catch::Contains("testcase classname=\"bittrue.diff\" name=\"a&lt;b&gt;&amp;&quot;c&quot;?\x7f "
                                    "\xc3\xa4 ?? ??? \xf0\x9f\x98\x80\""));
}
