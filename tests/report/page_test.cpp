// The page from facts made by hand: every part of a diagnosis is on it, and it is sound.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/verify/report.hpp"
#include "page/diff_page.hpp"
#include "report/markup.hpp"

using namespace bittrue;
using namespace bittrue::cli;

namespace {

constexpr FixedType kByte{.format = {.width = 8, .integer = 3, .is_signed = true}};

VectorLayer layer(const std::string& name, const std::string& reads, Layout layout, const Dims& dims) {
    VectorLayer l{.name = name, .type = kByte, .layout = layout, .dims = dims};
    if (!reads.empty()) l.inputs = {reads};
    l.stored = kByte.format;
    for (std::int64_t i = 0; i < element_count(dims); ++i) l.words.push_back(i * 37 % 120 - 60);
    return l;
}

// Three images through a map of `channels` and a vector.
VectorSet network(std::int64_t channels = 3) {
    VectorSet set{.source = "golden", .tool = "bittrue 1", .network = "net <&\"'>", .input = "digits:3:1"};
    set.layers = {layer("input", "", Layout::Hwc, {3, 6, 7, 1}),
                  layer("conv", "input", Layout::Hwc, {3, 4, 5, channels}),
                  layer("dense", "conv", Layout::Vector, {3, 10})};
    return set;
}

struct Case {
    VectorSet expected = network(), actual = network();
    DiffReport report{};
    DiagnosisReport diagnosis{};
    std::vector<PageTrace> traces{};
    bool diagnosed = false;

    [[nodiscard]] std::string page() {
        report = diff(expected, actual);
        return diff_page({.expected = expected,
                          .actual = actual,
                          .report = report,
                          .diagnosis = diagnosed ? &diagnosis : nullptr,
                          .traces = traces,
                          .command = "bittrue diff a b",
                          .version = "bittrue 1"});
    }
};

bool has(const std::string& page, const std::string& text) {
    return page.find(text) != std::string::npos;
}

std::size_t count(const std::string& page, const std::string& text) {
    std::size_t n = 0;
    for (auto at = page.find(text); at != std::string::npos; at = page.find(text, at + 1)) ++n;
    return n;
}

// From the row of one layer to that of the next.
std::string part(const std::string& page, const std::string& name) {
    const auto at = page.find("data-layer=\"" + name + "\"");
    REQUIRE(at != std::string::npos);
    return page.substr(at, page.find("data-layer=", at + 1) - at);
}

// conv is wrong in two words of channel 2, dense in one of its own.
Case wrong_case() {
    Case c;
    c.actual.source = "dump";
    c.actual.layers[1].words[2] += 64;
    c.actual.layers[1].words[65] += 1;
    c.actual.layers[2].words[25] -= 3;
    return c;
}

LayerDiagnosis diagnosis_of(const VectorLayer& expected, const VectorLayer& actual, const std::string& reads) {
    LayerDiagnosis d{.layer = expected.name, .given = {reads}, .given_dumped = {reads}};
    d.chain.nodes = {
        {.name = expected.name,
         .inputs = {reads},
         .op = Quantize{},
         .result = *expected.type,
         .shape = {.layout = *expected.layout, .dims = Dims(expected.dims.begin() + 1, expected.dims.end())}}};
    d.expected = expected.words;
    d.actual = actual.words;
    d.words_judged = std::ssize(d.expected);
    for (std::size_t i = 0; i < d.expected.size(); ++i) d.words_different += d.expected[i] != d.actual[i] ? 1 : 0;
    d.verdict = d.words_different == 0 ? Verdict::Equal : Verdict::Unexplained;
    return d;
}

Case diagnosed_case() {
    Case c = wrong_case();
    c.diagnosed = true;
    LayerDiagnosis conv = diagnosis_of(c.expected.layers[1], c.actual.layers[1], "input");
    conv.verdict = Verdict::Partly;
    conv.sentence =
        "conv: its accumulator wraps (AP_WRAP) where the network saturates (AP_SAT); explains 1 of 2 wrong words";
    conv.first = diff(c.expected, c.actual).layers[1].first;
    conv.tried = 312;
    conv.pairs_tried = 4;
    conv.seconds = 0.25;
    Hypothesis wraps{
        .changes = {{.cause = Cause::AccumulatorOverflow,
                     .node = "conv",
                     .setting = "accumulator",
                     .expected = "AP_SAT",
                     .found = "AP_WRAP",
                     .text = "its accumulator wraps <where> it should not"}},
        .explained = 1,
        .spoiled = 7,
        .first_unexplained = Unexplained{.image = 1, .element = 5, .expected = -55, .predicted = -55, .actual = -54},
        .bits = 41,
        .group = 1};
    Hypothesis narrow = wraps;
    narrow.changes.push_back(
        {.cause = Cause::BiasMissing, .node = "conv", .setting = "bias", .text = "its bias is missing"});
    Hypothesis other = wraps;
    other.group = 2;
    conv.hypotheses = {wraps, narrow, other};
    TensorWords given{.name = "input",
                      .shape = {.layout = Layout::Hwc, .dims = {6, 7, 1}},
                      .type = kByte,
                      .words = std::vector<std::int64_t>(42),
                      .images = 1};
    given.words[9] = -77;
    conv.telling = {{.first = 0,
                     .second = 1,
                     .found = true,
                     .given = {given},
                     .element = 4,
                     .expected = 3,
                     .by_first = 4,
                     .by_second = 5},
                    {.first = 0, .second = 2}};
    LayerDiagnosis dense = diagnosis_of(c.expected.layers[2], c.actual.layers[2], "conv");
    dense.verdict = Verdict::Equal;
    c.diagnosis.layers = {conv, dense};
    c.traces = {{.layer = "conv",
                 .title = "conv[0,0,2]",
                 .columns = {"step", "sum", "flags", "sum", "flags"},
                 .left = "expected",
                 .right = "found",
                 .halves = 3,
                 .rows = {{"start", "0", "-", "0", "-"}, {"term 0", "127", "saturated", "-129", "wrapped"}},
                 .parts = 1,
                 .below = "bittrue mac --order <sequential>"}};
    return c;
}

}  // namespace

TEST_CASE("an equal dump has a short page that says so") {
    Case c;
    const std::string page = c.page();
    CHECK(faults_of_page(page) == std::vector<std::string>{});
    CHECK(has(page, "Equal: all 336 words of 3 layers agree."));
    CHECK_FALSE(has(page, "<figure"));
    CHECK_FALSE(has(page, "class=\"detail open\""));
    CHECK(page.size() < 30000);
}

TEST_CASE("without a diagnosis the page says what diff knows") {
    Case c = wrong_case();
    const std::string page = c.page();
    CHECK(faults_of_page(page) == std::vector<std::string>{});
    CHECK(has(page, "net &lt;&amp;&quot;'&gt;"));
    CHECK(has(page, "conv: 2 of 180 words are wrong although its inputs are equal."));
    const std::string conv = part(page, "conv");
    CHECK(has(conv, "wrong by itself"));
    CHECK(has(conv, mismatch_line(c.report.layers[1], *c.report.layers[1].first)));
    CHECK(has(conv, "class=\"detail open\""));
    CHECK(count(conv, "<svg class=\"map\"") == 1);  // the other two channels are right
    CHECK(has(conv, "2 of 3 channels have no wrong word."));
    CHECK(has(conv, "Wrong in 2 of 3 images: 0, 1. Most in image 0: 1 of 60 words."));
    CHECK(has(conv, "2 too large, 0 too small"));
    CHECK(has(conv, ">+33..+64<"));
    CHECK(has(part(page, "input"), "equal"));
    CHECK(has(part(page, "dense"), "1 too large, 0 too small") == false);
    CHECK(count(page, "<a class=\"stage ") == 3);
}

TEST_CASE("a diagnosis is on the page with its evidence") {
    Case c = diagnosed_case();
    const std::string page = c.page();
    CHECK(faults_of_page(page) == std::vector<std::string>{});
    const std::string conv = part(page, "conv");
    CHECK(count(page, c.diagnosis.layers[0].sentence) == 2);  // above all, and at the layer
    CHECK(has(conv, "its accumulator wraps &lt;where&gt; it should not"));
    CHECK(has(conv, "<code>AP_SAT</code> in the network, <code>AP_WRAP</code> in the hardware"));
    CHECK(has(conv, "its bias is missing"));
    CHECK(has(conv, "50.00 %"));
    CHECK(has(conv, "<td>7</td><td>41</td>"));
    CHECK(has(conv, "image 1, row 0, column 1, channel 2: expected -55 (0xc9, -1.71875), it gives -55"));
    CHECK(has(conv, "This data cannot tell 1, 2 apart"));
    CHECK(has(conv,
              "word row 0, column 1, channel 1 of conv must be 3 (0x03, 0.09375); 1 gives 4 (0x04, 0.125), 2 gives 5"));
    CHECK(has(conv, "[row 1, column 2, channel 0] = -77"));
    CHECK(has(conv, "No input was found that tells 1 from 3"));
    CHECK(has(conv, "312 single changes, 4 pairs in 0.25 s"));
    CHECK(has(conv, "input as dumped"));
    CHECK(has(conv, "<tr class=\"parts\"><td>term 0</td><td>127</td><td>saturated</td><td class=\"half\">-129</td>"));
    CHECK(has(conv, "colspan=\"2\">expected</th><th class=\"group half\" colspan=\"2\">found</th>"));
    CHECK(has(conv, "bittrue mac --order &lt;sequential&gt;"));
    // Wrong words that the layer had to give for what it read.
    CHECK(has(part(page, "dense"), "follows"));
    CHECK(has(part(page, "dense"), "What it read is wrong; for that, every word is right."));
}

TEST_CASE("of a long trace both ends are shown, and where the sides part") {
    Case c = diagnosed_case();
    auto& rows = c.traces[0].rows;
    rows.clear();
    for (int i = 0; i < 400; ++i) rows.push_back({fmt::format("term {}", i), "1", "-", "2", "-"});
    c.traces[0].parts = 200;
    c.traces[0].below = std::string(500, 'x');  // a command with all operands is behind a fold
    const std::string page = c.page();
    CHECK(faults_of_page(page) == std::vector<std::string>{});
    CHECK(count(page, "<td>term ") == 8 + 17 + 8);
    CHECK(has(page, "<details><summary>The command"));
    CHECK(has(page, "<tr class=\"parts\"><td>term 200</td>"));
    CHECK(count(page, "... 184 more steps ...") == 1);  // 8 to 191
    CHECK(count(page, "... 183 more steps ...") == 1);  // 209 to 391
}

TEST_CASE("a column that both halves of a trace share stands once") {
    Case c = diagnosed_case();
    c.traces[0].columns = {"step", "added", "expected", "added", "found"};
    c.traces[0].rows = {{"term 0", "5", "5", "5", "5"}, {"term 1", "6", "11", "6", "-5"}};
    const std::string conv = part(c.page(), "conv");
    CHECK(has(conv, "<td>term 1</td><td>6</td><td>11</td><td class=\"half\">-5</td></tr>"));
    CHECK(has(conv, "added</th><th scope=\"col\">after</th><th scope=\"col\" class=\"half\">after</th></tr>"));
    CHECK(has(conv, "colspan=\"2\">expected</th><th class=\"group half\" colspan=\"1\">found</th>"));
}

TEST_CASE("each verdict has a text and an icon of its own") {
    Case c = diagnosed_case();
    const std::vector<std::pair<Verdict, std::string>> verdicts{{Verdict::Explained, "wrong by itself"},
                                                                {Verdict::Unexplained, "wrong by itself"},
                                                                {Verdict::Noise, "noise"},
                                                                {Verdict::Undefined, "undefined"},
                                                                {Verdict::Moved, "moved"},
                                                                {Verdict::Unknown, "unknown"},
                                                                {Verdict::Equal, "follows"}};
    for (const auto& [verdict, text] : verdicts) {
        c.diagnosis.layers[0].verdict = verdict;
        const std::string page = c.page();
        CHECK(faults_of_page(page) == std::vector<std::string>{});
        const std::string conv = part(page, "conv");
        const std::string look = text == "wrong by itself" ? "wrong" : text;
        CHECK(has(conv, fmt::format("<use href=\"#i-{}\"/></svg>{}</td>", look, text)));
    }
}

TEST_CASE("a tensor without nodes, as those of training, is drawn as it was judged") {
    Case c = wrong_case();
    LayerDiagnosis conv = diagnosis_of(c.expected.layers[1], c.actual.layers[1], "input");
    conv.chain.nodes.clear();
    conv.expected[2] = conv.actual[2];  // right for what it read, although not what is expected
    conv.words_different = 1;
    c.diagnosis.layers = {conv};
    c.diagnosed = true;
    const std::string part_of = part(c.page(), "conv");
    CHECK(has(part_of, "<dt>Wrong words</dt><dd>1 of 180 (0.56 %)</dd>"));
    CHECK(has(part_of, "Wrong in 1 of 3 images: 1."));
    CHECK(has(part_of, "2 wrong, with what earlier layers did"));
}

TEST_CASE("a layer whose wrong words are all undefined is drawn although the diagnosis counts none") {
    Case c;
    c.actual.layers[1].undefined = {7, 9};
    c.actual.layers[1].undefined_bits = {"0b1010xx00", "0bzzzzzzzz"};
    for (const std::size_t at : {7U, 9U}) c.actual.layers[1].words[at] = 0;
    LayerDiagnosis conv = diagnosis_of(c.expected.layers[1], c.expected.layers[1], "input");
    conv.verdict = Verdict::Undefined;
    conv.masked.resize(conv.expected.size());
    conv.masked[7] = conv.masked[9] = 1;
    c.diagnosis.layers = {conv};
    c.diagnosed = true;
    const std::string part_of = part(c.page(), "conv");
    CHECK(has(part_of, "<dt>Wrong words</dt><dd>2 of 180 (1.11 %)</dd>"));
    CHECK(count(part_of, "<svg class=\"map\"") == 2);
    CHECK(has(part_of, "0b1010xx00 (undefined)"));
}

TEST_CASE("of many channels the worst are drawn and the others counted") {
    Case c;
    c.expected = c.actual = network(40);
    auto& words = c.actual.layers[1].words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::size_t channel = i % 40, place = i / 40;
        if (channel < 30 && place <= channel) words[i] += 1;  // channel k is wrong in k + 1 words
    }
    const std::string page = c.page();
    CHECK(faults_of_page(page) == std::vector<std::string>{});
    const std::string conv = part(page, "conv");
    CHECK(count(conv, "<svg class=\"map\"") == 16);
    CHECK(conv.find("channel 29<br><b>30</b> wrong") < conv.find("channel 28<br><b>29</b> wrong"));
    CHECK_FALSE(has(conv, "channel 13<br>"));
    CHECK(has(conv,
              "14 more channels with 1 to 14 wrong words each are not drawn. 10 of 40 channels have no wrong word."));
}

TEST_CASE("the ends of the range are named with what both sides have there") {
    Case c = wrong_case();
    c.actual.layers[1].words[2] = 127;
    c.actual.layers[1].words[7] = -128;
    const std::string conv = part(c.page(), "conv");
    CHECK(has(conv, "Lowest word (-4): 0 expected, 1 in the dump. Highest word (3.96875): 0 expected, 1 in the dump."));
    CHECK(count(conv, "class=\"found tail\"") == 2);
}

TEST_CASE("words of the dump that do not fit the format are drawn") {
    for (const std::int64_t word : {std::int64_t{260}, std::int64_t{5000}, std::int64_t{-129}}) {
        Case c;
        for (auto* set : {&c.expected, &c.actual}) {
            // Close to an end of the range: only a part of it is drawn.
            for (std::int64_t& w : set->layers[1].words) w = word < 0 ? -120 - w % 3 : 120 + w % 3;
        }
        c.actual.layers[1].stored = {.width = 16, .integer = 16, .is_signed = true};
        c.actual.layers[1].words[2] = word;
        const std::string page = c.page();
        CHECK(faults_of_page(page) == std::vector<std::string>{});
        CHECK(has(part(page, "conv"), "does not fit 8 signed bits"));
        CHECK(has(part(page, "conv"), "0 expected, 1 in the dump</title>"));
    }
}

TEST_CASE("a large map, undefined words, an image missing and a layer in another order do not break the page") {
    Case c;
    c.expected.layers[1] = c.actual.layers[1] = layer("conv", "input", Layout::Chw, {3, 2, 100, 130});
    c.actual.layers[1].words[131] += 5;
    c.actual.layers[1].undefined = {7};
    c.actual.layers[1].undefined_bits = {"0b1010xx00"};
    c.actual.layers[1].words[7] = 0;
    c.actual.layers[2].dims = {2, 10};
    c.actual.layers[2].words.resize(20);
    const std::string page = c.page();
    CHECK(faults_of_page(page) == std::vector<std::string>{});
    CHECK(has(part(page, "conv"), "A cell stands for 3 x 3 places."));
    CHECK(has(part(page, "conv"), "<dt>Undefined words</dt><dd>1</dd>"));
    CHECK(has(part(page, "dense"), "differs"));

    Case late;
    auto& words = late.actual.layers[0].words;
    late.expected.layers[0] = layer("input", "", Layout::Hwc, {3, 20, 20, 1});
    for (std::size_t i = 0; i < late.expected.layers[0].words.size(); ++i)
        late.expected.layers[0].words[i] = static_cast<std::int64_t>((i * i * 31 + i * 7) % 251) - 125;
    late.actual.layers[0] = late.expected.layers[0];
    words.insert(words.begin(), 3, 0);
    words.resize(words.size() - 3);
    const std::string moved = late.page();
    CHECK(faults_of_page(moved) == std::vector<std::string>{});
    CHECK(has(part(moved, "input"), "#i-moved"));
    CHECK(has(part(moved, "input"), "3 beats late"));
}
