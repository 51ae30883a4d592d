// The comparison in words and as JSON.
#include "bittrue/verify/report.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "vectors/support.hpp"

using namespace bittrue;
using namespace bittrue::test;
using Json = nlohmann::json;

namespace {

LayerDiff conv_layer(std::optional<FixedType> type) {
    LayerDiff layer;
    layer.name = "conv2d";
    layer.type = type;
    layer.actual_type = type;
    layer.axes = {"image", "row", "column", "channel"};
    layer.dims = {4, 26, 26, 2};
    return layer;
}

// The words of `last`, a channels-last layer of 2x6x8x2, channels first.
void store_channels_first(VectorLayer& first, const VectorLayer& last) {
    for (std::size_t i = 0; i < 192; ++i) {
        const std::size_t image = i / 96, pixel = i % 96 / 2, channel = i % 2;
        first.words[image * 96 + channel * 48 + pixel] = last.words[i];
    }
}

const Mismatch kWrong{.flat = 4242, .image = 3, .index = {3, 5, 7, 1}, .expected = 17, .actual = 19};

}  // namespace

TEST_CASE("Report: the line of a wrong word has layer, index, raws, patterns, values and distance") {
    CHECK(mismatch_line(conv_layer(type_of_bits(8, 3)), kWrong) ==
          "conv2d[image 3, row 5, column 7, channel 1] (flat 4242): expected 17 (0x11, 0.53125), got 19 (0x13, "
          "0.59375), +2 lsb");
    Mismatch negative = kWrong;
    negative.actual = -3;
    CHECK(mismatch_line(conv_layer(type_of_bits(6, 1)), negative) ==
          "conv2d[image 3, row 5, column 7, channel 1] (flat 4242): expected 17 (0x11, 0.53125), got -3 (0x3d, "
          "-0.09375), -20 lsb");
}

TEST_CASE("Report: without a format the raws stand alone, without a layout the numbers of the index") {
    LayerDiff layer = conv_layer({});
    layer.axes.clear();
    CHECK(mismatch_line(layer, kWrong) == "conv2d[3, 5, 7, 1] (flat 4242): expected 17, got 19, +2 lsb");
}

TEST_CASE("Report: a raw that its format cannot hold is said") {
    Mismatch wide = kWrong;
    wide.actual = 300;
    CHECK_THAT(mismatch_line(conv_layer(type_of_bits(8, 3)), wide),
               Catch::EndsWith("got 300 (does not fit 8 signed bits), +283 lsb"));
}

TEST_CASE("Report: a name cannot break the line") {
    LayerDiff layer = conv_layer({});
    layer.name = "a\nb\x1b[31m";
    CHECK_THAT(mismatch_line(layer, kWrong), Catch::StartsWith("a?b?[31m["));
}

TEST_CASE("Report: equal sets end with one line that says so") {
    const std::string text = print_report(diff(small_set(), small_set()));
    CHECK_THAT(text, Catch::EndsWith("equal: 5 layers, 284 words\n"));
    VectorSet one;
    one.layers.push_back(make_layer("x", type_of_bits(8, 3), Layout::Vector, {1, 1}, {}, 1));
    CHECK_THAT(print_report(diff(one, one)), Catch::EndsWith("equal: 1 layer, 1 word\n"));
    VectorSet other = one;
    other.layers[0].words[0] ^= 1;
    CHECK_THAT(print_report(diff(one, other)), Catch::EndsWith("different: 1 of 1 layer, 1 of 1 word\n"));
    CHECK(text.find("DIFFERENT") == std::string::npos);
    CHECK(text.find('\033') == std::string::npos);
    CHECK(print_report(diff(small_set(), small_set()), true).find("\033[32m") != std::string::npos);
}

TEST_CASE("Report: the story names the first layer, what else is wrong by itself, and what only follows") {
    VectorSet actual = small_set();
    layer_of(actual, "conv").words = layer_of(actual, "side").words;
    layer_of(actual, "flatten").words[30] ^= 1;
    layer_of(actual, "side").words[0] ^= 1;
    const DiffReport report = diff(small_set(), actual);
    const std::string text = print_report(report);
    CHECK_THAT(text, Catch::Contains("first differing layer: conv (its inputs are equal)\n  conv[image 0, row 0"));
    CHECK_THAT(text, Catch::Contains("also differs by itself: side (its inputs are equal)\n"));
    CHECK_THAT(
        text,
        Catch::Contains("follows: flatten (what it reads differs already)\n  flatten[image 1, channel 6] (flat 30): "));
    CHECK_THAT(text, Catch::Contains("different: 3 of 5 layers, "));
    CHECK(text.find("dense[") == std::string::npos);
    VectorSet expected = small_set();
    for (VectorSet* set : {&expected, &actual}) {
        for (VectorLayer& layer : set->layers) layer.inputs.clear();
    }
    layer_of(actual, "input").words[70] ^= 1;
    const std::string order = print_report(diff(expected, actual));
    CHECK_THAT(order, Catch::Contains("first differing layer: input (the first layer compared)\n"));
    CHECK_THAT(order, Catch::Contains("follows: flatten (a layer before it differs already)\n"));
}

TEST_CASE("Report: missing layers and other differences are listed, as notes with common") {
    VectorSet actual = small_set();
    actual.layers.erase(actual.layers.begin() + 2);
    CHECK_THAT(print_report(diff(small_set(), actual)),
               Catch::Contains("difference: layer side is missing on the actual side"));
    CHECK_THAT(print_report(diff(actual, small_set())),
               Catch::Contains("difference: layer side is only on the actual side"));
    const std::string common = print_report(diff(small_set(), actual, {.common = true}));
    CHECK_THAT(common,
               Catch::Contains("note: layer side is missing") && Catch::EndsWith("equal: 4 layers, 236 words\n"));
    CHECK_THAT(print_report(diff({}, small_set())), Catch::Contains("difference: no layer is in both sets"));
}

TEST_CASE("Report: the JSON says the same") {
    VectorSet actual = small_set();
    std::int64_t& word = layer_of(actual, "conv").words[29];
    word = word > 0 ? word - 1 : word + 1;
    const DiffReport report = diff(small_set(), actual);
    const Json json = Json::parse(report_json(report));
    CHECK(json["equal"] == false);
    CHECK(json["first_differing_layer"] == "conv");
    CHECK(json["words_different"] == 1);
    CHECK(json["words_compared"] == 284);
    const Json conv = json["layers"][1];
    CHECK(conv["name"] == "conv");
    CHECK(conv["type"] == "ap_fixed<8,3>");
    CHECK(conv["first"]["flat"] == 29);
    CHECK(conv["first"]["index"] == Json::parse(R"({"image": 1, "row": 0, "column": 2, "channel": 1})"));
    CHECK(conv["first"]["actual"]["raw"] == word);
    CHECK(conv["first"]["text"] == mismatch_line(report.layers[1], *report.layers[1].first));
    CHECK(conv["histogram"].size() == 1);
    CHECK(conv["given_equal_inputs"]["images"] == 1);
    CHECK(json["layers"][0]["first"].is_null());
    CHECK(Json::parse(report_json(diff(small_set(), small_set())))["first_differing_layer"].is_null());

    VectorSet wide = small_set();
    VectorLayer& dense = layer_of(wide, "dense");
    dense.type = type_of_bits(64, 64);
    dense.stored = dense.type->format;
    VectorSet other = wide;
    dense.words[0] = INT64_MIN;
    layer_of(other, "dense").words[0] = INT64_MAX;
    const Json far = Json::parse(report_json(diff(wide, other)));
    CHECK(far["layers"][4]["first"]["distance"] == UINT64_MAX);
    CHECK(Json::parse(report_json(diff(other, wide)))["layers"][4]["first"]["distance"] == "-18446744073709551615");
}

TEST_CASE("Report: a finding is one line in place of the words it explains") {
    VectorSet golden = small_set();
    golden.layers[1] = make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {2, 6, 8, 2}, {"input"}, 2);
    VectorSet dump = golden;
    VectorLayer& conv = layer_of(dump, "conv");
    conv.words.erase(conv.words.begin() + 50, conv.words.begin() + 52);
    conv.dims = {std::ssize(conv.words)};
    conv.layout.reset();
    conv.lanes = 2;
    const DiffReport report = diff(golden, dump);
    const std::string text = print_report(report);
    CHECK_THAT(text, Catch::Contains(
                         "first differing layer: conv (its inputs are equal)\n  layer conv: 1 beat missing at word 50 "
                         "(image 0, row 3, column 1, channel 0); then all 190 compared words agree\n"));
    CHECK_THAT(text, Catch::Contains("  2 of 2                  MISALIGNED\n"));
    CHECK_THAT(text, Catch::Contains("difference: conv: 192 words (2x6x8x2) expected, 190 (190) found\n"));
    CHECK_THAT(text, Catch::EndsWith("different: 1 of 5 layers, 0 of 426 words, 1 layer misaligned\n"));
    CHECK(text.find("conv[") == std::string::npos);
    const Json finding = Json::parse(report_json(report))["layers"][1]["findings"][0];
    CHECK(finding["kind"] == "dropped");
    CHECK(finding["from"] == 50);
    CHECK(finding["amount"] == 1);
    CHECK(finding["benign"] == false);
    CHECK(finding["mismatches_before"] > 100);
    CHECK(finding["mismatches_after"] == 0);

    // A harmless one is a note, and the sets are equal.
    dump = golden;
    VectorLayer& first = layer_of(dump, "conv");
    first.layout = Layout::Chw;
    first.dims = {2, 2, 6, 8};
    store_channels_first(first, layer_of(golden, "conv"));
    const std::string equal = print_report(diff(golden, dump));
    CHECK_THAT(equal,
               Catch::Contains("note: layer conv: the actual side stores 2x2x6x8 where 2x6x8x2 is expected: compared "
                               "element by element in the other layout; then all 192 compared words agree\n"));
    CHECK_THAT(equal, Catch::EndsWith("equal: 5 layers, 428 words\n"));
}
