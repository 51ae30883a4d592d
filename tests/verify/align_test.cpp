// A dump whose words are right but stand elsewhere: one finding instead of thousands of wrong words.
#include <functional>

#include <catch2/catch.hpp>

#include "align_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// The layers in which everything is planted: both kinds of data.
std::vector<VectorLayer> layers() {
    return {random_layer({3, 12, 13, 4}, 8, 21), cnn_layer(6, 26, 26, 4, 22)};
}

LayerDiff compared(const VectorLayer& expected, const VectorLayer& dump) {
    const VectorSet want = set_of(expected);
    const VectorSet got = set_of(dump);
    // As it was before: place by place.
    const LayerDiff strict = diff(want, got, {.strict = true}).layers.at(0);
    CHECK(strict.words_different > 0);
    for (const Finding& finding : strict.findings) CHECK(finding.benign);
    LayerDiff layer = diff(want, got).layers.at(0);
    for (const Finding& finding : layer.findings) {
        CHECK(finding.mismatches_before >= finding.mismatches_after);
        CHECK(finding.mismatches_after == layer.words_different);
    }
    return layer;
}

// One finding of this kind, all words right after it.
void check_only(const LayerDiff& layer, FindingKind kind, const std::string& text) {
    CAPTURE(findings_of(layer));
    REQUIRE(layer.findings.size() == 1);
    CHECK(layer.findings[0].kind == kind);
    CHECK(layer.findings[0].text == text);
    CHECK(layer.words_different == 0);
    CHECK_FALSE(layer.first.has_value());
    CHECK(layer.equal() == layer.findings[0].benign);
}

void check_both(const LayerDiff& layer, FindingKind first, FindingKind second) {
    CAPTURE(findings_of(layer));
    REQUIRE(layer.findings.size() == 2);
    CHECK(layer.findings[0].kind == first);
    CHECK(layer.findings[1].kind == second);
    CHECK(layer.words_different == 0);
    CHECK_FALSE(layer.equal());
}

WordList in_lanes(const WordList& words, const std::vector<int>& lanes) {
    WordList result;
    for (std::size_t beat = 0; beat < words.size(); beat += lanes.size()) {
        for (const int lane : lanes) result.push_back(words[beat + static_cast<std::size_t>(lane)]);
    }
    return result;
}

WordList mapped(WordList words, const std::function<std::int64_t(std::int64_t)>& map) {
    for (std::int64_t& word : words) word = map(word);
    return words;
}

// Axes of each image of dims in the order `stored`.
WordList in_axes(const VectorLayer& layer, const std::vector<std::size_t>& stored) {
    WordList result;
    const Dims& d = layer.dims;
    for (std::int64_t image = 0; image < d[0]; ++image) {
        const std::int64_t n[3] = {d[1], d[2], d[3]};
        std::int64_t at[3] = {};
        for (at[stored[0]] = 0; at[stored[0]] < n[stored[0]]; ++at[stored[0]]) {
            for (at[stored[1]] = 0; at[stored[1]] < n[stored[1]]; ++at[stored[1]]) {
                for (at[stored[2]] = 0; at[stored[2]] < n[stored[2]]; ++at[stored[2]]) {
                    const std::int64_t flat = ((image * n[0] + at[0]) * n[1] + at[1]) * n[2] + at[2];
                    result.push_back(layer.words[static_cast<std::size_t>(flat)]);
                }
            }
        }
    }
    return result;
}

std::int64_t reversed_bits(std::int64_t word, int width) {
    std::uint64_t pattern = 0;
    for (int i = 0; i < width; ++i) pattern |= ((static_cast<std::uint64_t>(word) >> i) & 1U) << (width - 1 - i);
    return word_from_pattern(pattern, {.width = width, .integer = width, .is_signed = true});
}

}  // namespace

TEST_CASE("Align: a dump that begins with other beats is late, one that lacks the first is early") {
    for (const VectorLayer& layer : layers()) {
        const WordList junk = some(12, 5, layer.type->format);
        check_only(compared(layer, dump_of(layer, with(layer.words, 0, junk))), FindingKind::Offset,
                   "12 beats late from word 0 on");
        const LayerDiff in_beats = compared(layer, dump_of(layer, with(layer.words, 0, junk), 4));
        check_only(in_beats, FindingKind::Offset, "3 beats late from word 0 on");
        CHECK(in_beats.findings[0].amount == 3);
        CHECK(in_beats.words_compared == std::ssize(layer.words));
        CHECK(in_beats.differences.size() == 1);  // more words than expected
        // As many words as expected: the last are beyond the end.
        WordList cut = with(layer.words, 0, junk);
        cut.resize(layer.words.size());
        const LayerDiff window = compared(layer, dump_of(layer, cut, 4));
        check_only(window, FindingKind::Offset, "3 beats late from word 0 on");
        CHECK(window.words_compared == std::ssize(layer.words) - 12);
        CHECK(window.differences.empty());
        if (layer.words[0] == layer.words[4]) continue;  // zeros: another place explains as much
        check_only(compared(layer, dump_of(layer, without(layer.words, 0, 4), 4)), FindingKind::Offset,
                   "1 beat early: the first beat is missing");
    }
}

TEST_CASE("Align: beats missing, repeated or too many in the middle are named by their first place") {
    const VectorLayer layer = random_layer({3, 12, 13, 4}, 8, 31);
    const std::int64_t at = 4 * 133;  // image 0, row 10, column 3
    const LayerDiff missing = compared(layer, dump_of(layer, without(layer.words, at, 4), 4));
    check_only(missing, FindingKind::Dropped, "1 beat missing at word 532 (image 0, row 10, column 3, channel 0)");
    CHECK(missing.findings[0].from == 532);
    CHECK(missing.words_compared == std::ssize(layer.words) - 4);
    check_only(compared(layer, dump_of(layer, repeated(layer.words, at, 8), 4)), FindingKind::Duplicated,
               "2 beats repeated at word 532 (image 0, row 10, column 3, channel 0)");
    check_only(compared(layer, dump_of(layer, with(layer.words, at, some(12, 9, layer.type->format)), 4)),
               FindingKind::Offset, "3 beats late from word 532 (image 0, row 10, column 3, channel 0) on");
    // A part of a beat, and no lanes known.
    check_only(compared(layer, dump_of(layer, without(layer.words, at + 1, 3), 4)), FindingKind::Dropped,
               "3 words missing at word 533 (image 0, row 10, column 3, channel 1)");
    check_only(compared(layer, dump_of(layer, without(layer.words, at + 1, 3))), FindingKind::Dropped,
               "3 beats missing at word 533 (image 0, row 10, column 3, channel 1)");
    // A whole image, far beyond what is tried one by one.
    check_only(compared(layer, dump_of(layer, without(layer.words, 624, 624), 4)), FindingKind::Dropped,
               "156 beats missing at word 624 (image 1, row 0, column 0, channel 0)");
}

TEST_CASE("Align: several places are named one by one, many of them summed up") {
    const VectorLayer layer = random_layer({8, 12, 13, 4}, 8, 32);
    WordList words = repeated(without(without(layer.words, 4000, 4), 2000, 4), 400, 4);
    const LayerDiff few = compared(layer, dump_of(layer, words, 4));
    REQUIRE(few.findings.size() == 3);
    CHECK(findings_of(few) ==
          "1 beat repeated at word 400 (image 0, row 7, column 9, channel 0); 1 beat missing at word 2000 (image 3, "
          "row 2, "
          "column 6, channel 0); 1 beat missing at word 4000 (image 6, row 4, column 12, channel 0); ");
    CHECK(few.words_different == 0);
    words = layer.words;
    for (std::int64_t at = 4400; at > 0; at -= 400) words = without(words, at, at % 800 == 0 ? 4 : 8);
    const LayerDiff many = compared(layer, dump_of(layer, words, 4));
    CAPTURE(findings_of(many));
    REQUIRE(many.findings.size() == 5);
    CHECK(many.findings[4].text == "and 7 more places: 11 beats missing");
    CHECK(many.words_different == 0);
}

TEST_CASE("Align: lanes in another order are found, whatever the order") {
    for (const VectorLayer& layer : layers()) {
        const std::vector<std::pair<std::vector<int>, std::string>> orders{
            {{3, 2, 1, 0}, "lanes reversed (4 lanes)"},
            {{3, 0, 1, 2}, "lanes rotated by 1 (4 lanes)"},
            {{1, 2, 3, 0}, "lanes rotated by 3 (4 lanes)"},
            {{0, 2, 1, 3}, "lanes 1 and 2 exchanged (4 lanes)"},
            {{1, 3, 0, 2}, "lanes in another order: from lane 0 on the dump has the expected lanes 1 3 0 2"}};
        for (const auto& [lanes, text] : orders) {
            for (const int stated :
                 {1, 4}) {  // the channels are the last axis: likely lanes even where none are stated
                check_only(compared(layer, dump_of(layer, in_lanes(layer.words, lanes), stated)), FindingKind::Lanes,
                           text);
            }
        }
    }
    const VectorLayer wide = random_layer({20, 64}, 6, 33);
    std::vector<int> lanes{11, 3, 7, 15, 0, 9, 13, 1, 5, 2, 14, 6, 12, 4, 10, 8};
    const LayerDiff found = compared(wide, dump_of(wide, in_lanes(wide.words, lanes), 16));
    check_only(
        found, FindingKind::Lanes,
        "lanes in another order: from lane 0 on the dump has the expected lanes 11 3 7 15 0 9 13 1 5 2 14 6 12 4 10 8");
    CHECK(found.findings[0].amount == 16);
    const VectorLayer wider = random_layer({20, 64}, 6, 34);
    check_only(compared(wider, dump_of(wider,
                                       in_lanes(wider.words,
                                                [] {
                                                    std::vector<int> all;
                                                    for (int lane = 31; lane >= 0; --lane) all.push_back(lane);
                                                    return all;
                                                }()),
                                       32)),
               FindingKind::Lanes, "lanes reversed (32 lanes)");
}

TEST_CASE("Align: reversed bits and bytes of each word, and of each beat") {
    for (const VectorLayer& layer : layers()) {
        check_only(
            compared(layer, dump_of(layer, mapped(layer.words, [](std::int64_t w) { return reversed_bits(w, 8); }))),
            FindingKind::Bits, "bits of each word reversed (8 bits)");
    }
    const VectorLayer odd = random_layer({4, 100}, 11, 40);
    check_only(compared(odd, dump_of(odd, mapped(odd.words, [](std::int64_t w) { return reversed_bits(w, 11); }))),
               FindingKind::Bits, "bits of each word reversed (11 bits)");
    check_only(compared(odd, dump_of(odd, mapped(odd.words, [](std::int64_t w) { return reversed_bits(w, 16); }))),
               FindingKind::Bits, "bits of each word reversed (16 bits)");
    for (const int width : {12, 16, 24, 32, 48, 64}) {
        const VectorLayer layer = random_layer({4, 100}, width, 41);
        const int container = width <= 16 ? 16 : width <= 32 ? 32 : 64;
        const auto swap = [&](std::int64_t w) {
            std::uint64_t result = 0;
            for (int at = 0; at < container; at += 8)
                result = (result << 8) | ((static_cast<std::uint64_t>(w) >> at) & 0xffU);
            return word_from_pattern(result, {.width = container, .integer = container, .is_signed = true});
        };
        const std::string bits = std::to_string(container) + " bits)";
        check_only(compared(layer, dump_of(layer, mapped(layer.words, swap))), FindingKind::Bytes,
                   "bytes of each word reversed (" + bits);
        if (width != container) continue;
        check_only(compared(layer, dump_of(layer, in_lanes(mapped(layer.words, swap), {3, 2, 1, 0}), 4)),
                   FindingKind::Bytes, "bytes of each beat reversed (4 lanes of " + bits);
    }
}

TEST_CASE("Align: every word times a power of two is another binary point") {
    for (const VectorLayer& layer : layers()) {
        for (const int shift : {1, 4, 8}) {
            const LayerDiff up =
                compared(layer, dump_of(layer, mapped(layer.words, [&](std::int64_t w) { return w * (1 << shift); })));
            check_only(up, FindingKind::Shifted, "every word is the expected one times 2^" + std::to_string(shift));
            VectorLayer scaled = layer;
            scaled.type = type_of_bits(16, 3);
            scaled.stored = scaled.type->format;
            scaled.words = mapped(layer.words, [&](std::int64_t w) { return w * (1 << shift); });
            check_only(compared(scaled, dump_of(scaled, layer.words)), FindingKind::Shifted,
                       "every word is the expected one divided by 2^" + std::to_string(shift));
        }
    }
    // One word that is no such multiple is wrong, and shown as it is.
    const VectorLayer layer = random_layer({4, 100}, 8, 42);
    WordList words = mapped(layer.words, [](std::int64_t w) { return w * 2; });
    words[250] += 1;
    const LayerDiff found = compared(layer, dump_of(layer, words));
    CHECK(found.words_different == 1);
    CHECK((found.first->flat == 250 && found.first->actual == words[250]));
}

TEST_CASE("Align: a bare dump in another order of axes is read so, and is not equal") {
    for (const VectorLayer& layer : layers()) {
        check_only(compared(layer, dump_of(layer, in_axes(layer, {2, 0, 1}))), FindingKind::ChannelOrder,
                   "stored in the order channel, row, column where row, column, channel is expected");
        check_only(compared(layer, dump_of(layer, in_axes(layer, {1, 0, 2}))), FindingKind::Transposed,
                   "stored in the order column, row, channel where row, column, channel is expected");
        check_only(compared(layer, dump_of(layer, in_axes(layer, {2, 1, 0}))), FindingKind::Transposed,
                   "stored in the order channel, column, row where row, column, channel is expected");
        // Sides that state a layout which the words do not follow.
        VectorLayer lying = layer;
        lying.layout = Layout::Chw;
        lying.dims = {layer.dims[0], layer.dims[3], layer.dims[1], layer.dims[2]};
        check_only(diff(set_of(layer), set_of(lying)).layers.at(0), FindingKind::ChannelOrder,
                   "stored in the expected order, not in the one that its shape states");
    }
}

TEST_CASE("Align: two at once are told apart: beats and lanes, beats and bits, lanes and shift, axes and beats") {
    for (const VectorLayer& layer : layers()) {
        const WordList junk = some(20, 7, layer.type->format);
        const WordList lanes = in_lanes(layer.words, {2, 0, 3, 1});
        check_both(compared(layer, dump_of(layer, with(lanes, 0, junk), 4)), FindingKind::Lanes, FindingKind::Offset);
        const std::int64_t middle = std::ssize(layer.words) / 8 * 4;
        const LayerDiff dropped = compared(layer, dump_of(layer, without(lanes, middle, 8), 4));
        check_both(dropped, FindingKind::Lanes, FindingKind::Dropped);
        const WordList bits = mapped(layer.words, [](std::int64_t w) { return reversed_bits(w, 8); });
        check_both(compared(layer, dump_of(layer, with(bits, 0, junk), 4)), FindingKind::Bits, FindingKind::Offset);
        const WordList shifted = mapped(lanes, [](std::int64_t w) { return w * 8; });
        check_both(compared(layer, dump_of(layer, shifted, 4)), FindingKind::Lanes, FindingKind::Shifted);
        const WordList first = in_axes(layer, {2, 0, 1});
        check_both(compared(layer, dump_of(layer, with(first, 0, junk), 1)), FindingKind::ChannelOrder,
                   FindingKind::Offset);
        check_both(compared(layer, dump_of(layer, mapped(first, [](std::int64_t w) { return w * 8; }), 1)),
                   FindingKind::ChannelOrder, FindingKind::Shifted);
        // A beat missing near the end of reversed lanes: most of it is explained by the lanes alone.
        const std::int64_t late = std::ssize(layer.words) / 100 * 96;
        check_both(compared(layer, dump_of(layer, without(in_lanes(layer.words, {3, 2, 1, 0}), late, 4), 4)),
                   FindingKind::Lanes, FindingKind::Dropped);
    }
}

TEST_CASE("Align: what is wrong besides is reported where it is expected, with its place in the dump") {
    const VectorLayer layer = random_layer({3, 12, 13, 4}, 8, 51);
    WordList words = layer.words;
    words[1000] ^= 4;
    words[1500] ^= 1;
    const LayerDiff found = compared(layer, dump_of(layer, without(words, 40, 4), 4));
    REQUIRE(found.findings.size() == 1);
    CHECK(found.words_different == 2);
    CHECK((found.first->flat == 1000 && found.first->actual_flat == 996));
    CHECK(found.first->index == std::vector<std::int64_t>{1, 7, 3, 0});
    CHECK((found.first->expected == layer.words[1000] && found.first->actual == words[1000]));
    const VectorSet want = set_of(layer);
    const std::string text = print_report(diff(want, set_of(dump_of(layer, without(words, 40, 4), 4))));
    CHECK_THAT(
        text,
        Catch::Contains("  MISALIGNED\n") &&
            Catch::Contains("  layer conv: 1 beat missing at word 40 (image 0, row 0, column 10, channel 0); then 2 of "
                            "1868 compared words differ\n") &&
            Catch::Contains(", word 996 of the dump\n") &&
            Catch::Contains("different: 1 of 1 layer, 2 of 1868 words, 1 layer misaligned\n"));
}
