// Words as dumps hold them: decimals of few digits, bits that are x or z, beats with a time.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "align_support.hpp"
#include "bittrue/model/notation.hpp"

using namespace bittrue;
using namespace bittrue::test;
using Json = nlohmann::json;

namespace {

VectorLayer of_words(const FixedType& type, WordList words) {
    VectorLayer layer;
    layer.name = "x";
    layer.type = type;
    layer.layout = Layout::Vector;
    layer.dims = {1, static_cast<std::int64_t>(words.size())};
    layer.words = std::move(words);
    layer.stored = type.format;
    return layer;
}

// The log of a layer: every word printed with `precision` digits.
VectorLayer log_of(const VectorLayer& layer, int precision = 6) {
    VectorLayer log;
    log.name = layer.name;
    log.dims = {layer.word_count()};
    log.precision = precision;
    for (const std::int64_t word : layer.words) {
        char text[64];
        std::snprintf(text, sizeof text, "%.*g", precision,
                      value_of(raw_from_word(word, layer.type->format), layer.type->format.frac()));
        log.decimals.push_back(parse_decimal(text).value());
    }
    return log;
}

VectorLayer decimals(const std::vector<std::string>& texts) {
    VectorLayer log;
    log.name = "x";
    log.dims = {static_cast<std::int64_t>(texts.size())};
    for (const std::string& text : texts) log.decimals.push_back(parse_decimal(text).value());
    return log;
}

LayerDiff compare(const VectorLayer& expected, const VectorLayer& actual) {
    return diff(set_of(expected), set_of(actual)).layers.at(0);
}

}  // namespace

TEST_CASE("Diff: a log of decimals equals the words that print so, and says how much that is") {
    for (const int width : {8, 16, 20, 32, 64}) {
        const VectorLayer layer = make_layer("conv", type_of_bits(width, 4), Layout::Vector, {5, 40}, {}, 5);
        for (const bool swap : {false, true}) {
            const LayerDiff found = swap ? compare(log_of(layer), layer) : compare(layer, log_of(layer));
            CAPTURE(width, swap);
            CHECK(found.equal());
            CHECK(found.words_compared == 200);
            REQUIRE(found.notes.size() == 2);  // the shape, then the digits
            const std::string text =
                std::string(swap ? "the expected" : "the actual") +
                " side is a text of decimals: compared modulo what 6 significant digits still hold: ";
            CHECK_THAT(found.notes[1], Catch::StartsWith(text));
            if (width <= 20) {
                CHECK(found.words_ambiguous == 0);
                CHECK_THAT(found.notes[1], Catch::EndsWith("no word is ambiguous"));
            } else {
                CHECK(found.words_ambiguous > 150);
                CHECK_THAT(found.notes[1], Catch::Contains(std::to_string(found.words_ambiguous) +
                                                           " of 200 words are ambiguous (up to ") &&
                                               Catch::EndsWith(" raws print alike)"));
            }
        }
        // Both sides logs, one of them shorter.
        CHECK(compare(log_of(layer), log_of(layer)).equal());
        VectorLayer typed = log_of(layer, 4);
        typed.type = layer.type;
        CHECK(compare(log_of(layer), typed).equal());
    }
}

TEST_CASE("Diff: a wrong decimal is found, and the word nearest to what is expected is shown") {
    const VectorLayer layer = of_words(type_of_bits(8, 3), {17, -3, 0, 127});
    VectorLayer log = log_of(layer);
    log.decimals[1] = *parse_decimal("0.59375");
    LayerDiff found = compare(layer, log);
    CHECK(found.words_different == 1);
    CHECK(mismatch_line(found, *found.first) ==
          "x[image 0, channel 1] (flat 1): expected -3 (0xfd, -0.09375), got 19 (0x13, 0.59375), +22 lsb");
    // 20 bits, 4 of them integer: about 8 raws print alike near 7, the lowest of them is nearest to 0.
    const VectorLayer wide = of_words(type_of_bits(24, 4), {0, 1});
    found = compare(wide, decimals({"7.00001", "9.53674e-07"}));
    CHECK(found.words_different == 1);
    const RawRange range = raws_printed_as(*parse_decimal("7.00001"), 6, wide.type->format);
    CHECK(range.high > range.low);
    CHECK((found.first->actual == range.low && found.min_distance == range.low));
}

TEST_CASE("Diff: a decimal that is no word of the format is wrong, with the nearest word") {
    const VectorLayer layer = of_words(type_of_bits(8, 3), {17, 3});
    const DiffReport report = diff(set_of(layer), set_of(decimals({"0.53125", "0.1"})));
    const LayerDiff& found = report.layers.at(0);
    CHECK(found.words_different == 1);
    CHECK(mismatch_line(found, *found.first) ==
          "x[image 0, channel 1] (flat 1): expected 3 (0x03, 0.09375), got 0.1 (no word of ap_fixed<8,3>, nearest 3 "
          "(0x03, "
          "0.09375)), 0 lsb");
    const Json json = Json::parse(report_json(report));
    CHECK(json["layers"][0]["first"]["actual"]["decimal"] == "0.1");
    CHECK(json["layers"][0]["first"]["actual"]["nearest"]["raw"] == 3);
    // The same text on both sides is the same number, word or not.
    CHECK(diff(set_of(layer), set_of(layer)).equal());
    VectorLayer typed = decimals({"0.1", "0.5"});
    typed.type = layer.type;
    CHECK(compare(typed, decimals({"0.1", "0.5"})).equal());
    CHECK(compare(typed, decimals({"0.5", "0.5"})).words_different == 1);
}

TEST_CASE("Diff: decimals without any format are compared as numbers, or with the integers as they are") {
    LayerDiff found = compare(decimals({"0.5", "-1e-05", "3"}), decimals({"0.5", "-0.00001", "4"}));
    CHECK(found.words_different == 1);
    CHECK(mismatch_line(found, *found.first) == "x[2] (flat 2): expected 3, got 4");
    CHECK_THAT(found.notes.at(0), Catch::Contains("no format is known: decimals are compared as numbers"));
    CHECK(found.histogram.empty());
    VectorLayer integers = of_words(type_of_bits(8, 8), {5, -7, 1234567});
    integers.type.reset();
    integers.stored = {.width = 64, .integer = 64, .is_signed = true};
    found = compare(integers, decimals({"5", "-7", "1.23457e+06"}));
    CHECK(found.equal());
    CHECK_THAT(found.notes.at(1), Catch::Contains("with the integers as they are"));
    CHECK(found.words_ambiguous == 1);
    CHECK(compare(integers, decimals({"5", "-7.5", "1.23456e+06"})).words_different == 2);
}

TEST_CASE("Diff: a log that lacks words is aligned like words") {
    const VectorLayer layer = random_layer({4, 8, 8, 4}, 24, 11);
    VectorLayer log = log_of(layer);
    log.decimals.erase(log.decimals.begin() + 100, log.decimals.begin() + 104);
    log.dims = {std::ssize(log.decimals)};
    const LayerDiff found = compare(layer, log);
    CHECK(findings_of(found) == "4 beats missing at word 100 (image 0, row 3, column 1, channel 0); ");
    CHECK(found.words_different == 0);
}

TEST_CASE("Diff: words with x or z bits are never equal and shown bit by bit, with the time of their beat") {
    const VectorLayer layer = of_words(type_of_bits(8, 3), {17, 0, 5, 6, 7, 8});
    VectorLayer dump = dump_of(layer, layer.words, 2);
    dump.words[1] = 0;
    dump.undefined = {1, 4};
    dump.undefined_bits = {"0b000000xx", "0bzzzzzzzz"};
    dump.words[5] = 9;
    dump.beat_times = {1000, 1250, 1300};
    dump.time_unit = "ns";
    const DiffReport report = diff(set_of(layer), set_of(dump));
    const LayerDiff& found = report.layers.at(0);
    CHECK_FALSE(found.equal());
    CHECK(found.words_different == 3);
    CHECK(found.words_undefined == 2);
    CHECK((found.min_distance == 1 && found.max_distance == 1));
    CHECK(mismatch_line(found, *found.first) ==
          "x[image 0, channel 1] (flat 1): expected 0 (0x00, 0), got 0b000000xx (undefined), at 1000 ns");
    CHECK_THAT(print_report(report), Catch::Contains("  distances in lsb: +1: 1, undefined: 2\n"));
    const Json json = Json::parse(report_json(report));
    CHECK(json["layers"][0]["words_undefined"] == 2);
    CHECK(json["layers"][0]["first"]["actual"]["bits"] == "0b000000xx");
    CHECK(json["layers"][0]["first"]["distance"].is_null());
    CHECK(json["layers"][0]["first"]["when"] == "at 1000 ns");
    // On the expected side, too; and a defined word has its time as well.
    CHECK(mismatch_line(compare(dump, layer), *compare(dump, layer).first) ==
          "x[image 0, channel 1] (flat 1): expected 0b000000xx (undefined), got 0 (0x00, 0)");
    dump.undefined.clear();
    dump.undefined_bits.clear();
    dump.time_unit = "sample";
    const LayerDiff defined = compare(layer, dump);
    CHECK(mismatch_line(defined, *defined.first) ==
          "x[image 0, channel 5] (flat 5): expected 8 (0x08, 0.25), got 9 (0x09, 0.28125), +1 lsb, at sample 1300");
}

TEST_CASE("Diff: the last beat of an image may have fewer words: times are those of the beats") {
    VectorLayer layer = make_layer("x", type_of_bits(8, 3), Layout::Vector, {3, 5}, {}, 12);
    VectorLayer dump = dump_of(layer, layer.words, 4);
    dump.words[9] ^= 1;  // image 1, channel 4: its second beat, the fourth in all
    dump.beat_times = {1, 2, 3, 4, 5, 6};
    dump.time_unit = "ps";
    CHECK(compare(layer, dump).first->when == "at 4 ps");
}
