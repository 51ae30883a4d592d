// What a dump itself says before any setting is changed: its format, its images, its end.
#include <catch2/catch.hpp>

#include "verify/diagnose_support.hpp"

using namespace bittrue;
using namespace bittrue::testing;

namespace {

constexpr std::size_t kImages = 12;
using Names = std::vector<std::string>;

VectorLayer& conv_of(VectorSet& set) {
    return layer_of(set, "conv");
}
std::size_t image_size(const VectorLayer& layer) {
    return layer.words.size() / kImages;
}
std::vector<std::int64_t>::iterator image(VectorLayer& layer, std::size_t number) {
    return layer.words.begin() + static_cast<std::ptrdiff_t>(number * image_size(layer));
}

}  // namespace

TEST_CASE("a layer that reads words in another format is not accused of it") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    for (const bool is_stated : {true, false}) {
        for (const int by : {1, -1}) {
            CAPTURE(is_stated, by);
            VectorSet dump = dump_of(
                g, [by](Graph& m) { node_of(m, "left").result.format.integer += by; }, kImages);
            if (!is_stated) layer_of(dump, "left").type = g.nodes[3].result;
            layer_of(dump, "left").stored = g.nodes[3].result.format;
            const DiagnosisReport report = diagnose_dump(g, expected, dump);
            const LayerDiagnosis& left = of_layer(report, "left");
            CHECK(left.verdict == Verdict::Explained);
            CHECK(not_equal(report) == Names{"left"});
            const LayerDiagnosis& out = of_layer(report, "out");
            CHECK(out.given_dumped == Names{"left", "right"});
            REQUIRE(out.given_as.contains("left"));
            CHECK(out.given_as.at("left").frac() == 3 - by);
            CHECK(out.given_as.size() == 1);
        }
    }
}

TEST_CASE("words in another format are read so behind layers that pass them on, and a fault there is still found") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    const DiagnosisReport report = diagnose_dump(g, expected,
                                                 dump_of(
                                                     g,
                                                     [](Graph& m) {
                                                         node_of(m, "act").result.format.integer -= 1;
                                                         node_of(m, "flat").result.format.integer -= 1;
                                                         std::get<Dense>(node_of(m, "right").op).bias.reset();
                                                     },
                                                     kImages));
    CHECK(not_equal(report) == Names{"act", "right"});
    REQUIRE(!of_layer(report, "right").hypotheses.empty());
    CHECK(of_layer(report, "right").hypotheses.front().changes.front().cause == Cause::BiasMissing);
    CHECK(of_layer(report, "right").given_as.contains("flat"));
    CHECK(of_layer(report, "left").verdict == Verdict::Equal);
}

TEST_CASE("whole images early are said as images") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& conv = conv_of(dump);
    std::rotate(conv.words.begin(), image(conv, 1), conv.words.end());
    const LayerDiagnosis once = of_layer(diagnose_dump(g, expected, dump), "conv");
    CHECK(once.verdict == Verdict::Moved);
    CHECK(once.sentence.find("one image early") != std::string::npos);
    std::rotate(conv.words.begin(), image(conv, 1), conv.words.end());
    const LayerDiagnosis twice = of_layer(diagnose_dump(g, expected, dump), "conv");
    CHECK(twice.verdict == Verdict::Moved);
    CHECK(twice.sentence.find("2 images early") != std::string::npos);
}

TEST_CASE("a dump whose last words were not written is said to end early") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& conv = conv_of(dump);
    std::fill(conv.words.end() - 60, conv.words.end(), 0);
    const LayerDiagnosis d = of_layer(diagnose_dump(g, expected, dump), "conv");
    CHECK(d.verdict != Verdict::Explained);
    CAPTURE(d.sentence);
    CHECK(d.sentence.find("all words of the dump are 0, those before are right") != std::string::npos);
}

TEST_CASE("wrong words of a few images are said to be of these") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& conv = conv_of(dump);
    Random random(3);
    for (auto word = image(conv, 5); word != image(conv, 6); ++word) *word = random.word(conv.stored);
    const LayerDiagnosis d = of_layer(diagnose_dump(g, expected, dump), "conv");
    CAPTURE(d.sentence);
    CHECK(d.verdict == Verdict::Unexplained);
    CHECK(d.sentence.find("only image 5 is wrong") != std::string::npos);
}

TEST_CASE("a change that explains most words is not told as the cause") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = dump_of(
        g, [](Graph& m) { std::get<Conv2d>(node_of(m, "conv").op).bias.reset(); }, kImages);
    VectorLayer& conv = conv_of(dump);
    for (std::size_t i = 0; i < conv.words.size(); i += 40) conv.words[i] ^= 0x15;
    const LayerDiagnosis d = of_layer(diagnose_dump(g, expected, dump), "conv");
    CHECK(d.verdict == Verdict::Partly);
    CAPTURE(d.sentence);
    CHECK(d.sentence.find("not the whole cause") != std::string::npos);
}

TEST_CASE("undefined and missing words are counted as they are") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& act = layer_of(dump, "act");
    for (std::size_t i = 0; i < act.words.size(); ++i) {
        act.undefined.push_back(static_cast<std::int64_t>(i));
        act.undefined_bits.emplace_back("0bxxxxxx");
        act.words[i] = 0;
    }
    const LayerDiagnosis undefined = of_layer(diagnose_dump(g, expected, dump), "act");
    CHECK(undefined.verdict == Verdict::Undefined);
    CHECK(undefined.sentence.find("no other word can be judged") != std::string::npos);
    dump = expected;
    VectorLayer& conv = conv_of(dump);
    conv.dims = {static_cast<std::int64_t>(9 * image_size(conv) - 5)};
    conv.words.resize(9 * image_size(conv) - 5);
    const LayerDiagnosis missing = of_layer(diagnose_dump(g, expected, dump), "conv");
    CAPTURE(missing.sentence);
    CHECK(missing.sentence.find(std::to_string(3 * 48 + 5) + " words missing") != std::string::npos);
}

// Once this ended the whole diagnosis: probes of single words refused the word, without its place.
TEST_CASE("a dumped word that is none of its format is judged, and the layers behind read its low bits") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    for (const char* name : {"x", "act", "flat"}) {
        CAPTURE(name);
        VectorSet dump = dump_of(
            g, [](Graph& m) { std::get<Dense>(node_of(m, "right").op).bias.reset(); }, kImages);
        layer_of(dump, name).stored = {.width = 16, .integer = 16, .is_signed = true};
        layer_of(dump, name).words[7] = 1000;
        const DiagnosisReport report = diagnose_dump(g, expected, dump);
        const LayerDiagnosis& right = of_layer(report, "right");
        REQUIRE(!right.hypotheses.empty());
        CHECK(right.hypotheses.front().changes.front().cause == Cause::BiasMissing);
        CHECK(of_layer(report, "left").verdict == Verdict::Equal);
    }
}

TEST_CASE("images of another shape are said before words of them") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    VectorLayer& conv = conv_of(dump);
    conv.dims = {static_cast<std::int64_t>(kImages), 3, 3, 3};
    conv.words.resize(kImages * 27);
    const LayerDiagnosis d = of_layer(diagnose_dump(g, expected, dump), "conv");
    CAPTURE(d.sentence);
    CHECK(d.verdict != Verdict::Equal);
    CHECK(d.verdict != Verdict::Explained);
    CHECK(d.sentence.find("its images are 3x3x3 in the dump where the network has 4x4x3") != std::string::npos);
}

TEST_CASE("a layer that reads undefined words only and gives such is not accused of them") {
    const Graph g = branched_network();
    const VectorSet expected = vectors_of(g, kImages);
    VectorSet dump = expected;
    for (const char* name : {"conv", "act"}) {
        VectorLayer& layer = layer_of(dump, name);
        for (std::size_t i = 0; i < layer.words.size(); ++i) {
            layer.undefined.push_back(static_cast<std::int64_t>(i));
            layer.undefined_bits.emplace_back("0bxxxxxx");
            layer.words[i] = 0;
        }
    }
    const DiagnosisReport report = diagnose_dump(g, expected, dump);
    CHECK(of_layer(report, "conv").verdict == Verdict::Undefined);
    const LayerDiagnosis& act = of_layer(report, "act");
    CHECK(act.verdict == Verdict::Unknown);
    CHECK(act.why_unknown == "its words are undefined (x or z), and so are those of 'conv', which it reads");
}
