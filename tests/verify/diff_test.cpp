// What a comparison counts, and what it takes for a difference.
#include "bittrue/verify/diff.hpp"

#include <array>

#include <catch2/catch.hpp>

#include "bittrue/vectors/vector_files.hpp"
#include "vectors/support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const LayerDiff& layer_of(const DiffReport& report, const std::string& name) {
    for (const LayerDiff& layer : report.layers) {
        if (layer.name == name) return layer;
    }
    throw std::runtime_error(name);
}

VectorLayer& layer(VectorSet& set, const std::string& name) {
    return test::layer_of(set, name);
}

// One layer of one image without a format, as an npz has it.
VectorSet plain(std::vector<std::int64_t> words, std::string name = "x") {
    VectorSet set;
    VectorLayer one;
    one.name = std::move(name);
    one.dims = {1, static_cast<std::int64_t>(words.size())};
    one.words = std::move(words);
    set.layers.push_back(one);
    return set;
}

VectorSet typed(const FixedType& type, std::vector<std::int64_t> words) {
    VectorSet set = plain(std::move(words));
    set.layers[0].type = type;
    set.layers[0].layout = Layout::Vector;
    set.layers[0].stored = type.format;
    return set;
}

VectorSet memory(std::vector<std::int64_t> words, int digits) {
    VectorSet set = plain(std::move(words));
    set.layers[0].dims = {static_cast<std::int64_t>(set.layers[0].words.size())};
    set.layers[0].patterns = true;
    set.layers[0].stored = {.width = 4 * digits, .integer = 4 * digits, .is_signed = false};
    return set;
}

}  // namespace

TEST_CASE("Diff: a set equals itself, word for word") {
    const DiffReport report = diff(small_set(), small_set());
    CHECK(report.equal());
    CHECK(report.layers.size() == 5);
    CHECK(report.words_compared() == 2 * (60 + 24 + 24 + 24 + 10));
    CHECK(report.words_different() == 0);
    CHECK_FALSE(report.first_differing.has_value());
    for (const LayerDiff& one : report.layers) {
        CHECK(one.images_compared == 2);
        CHECK(one.histogram.empty());
        CHECK_FALSE(one.first.has_value());
        CHECK(one.notes.empty());
    }
}

TEST_CASE("Diff: one wrong word anywhere is found where it is, whatever the layer") {
    const VectorSet expected = small_set();
    for (std::size_t l = 0; l < expected.layers.size(); ++l) {
        for (std::size_t w = 0; w < expected.layers[l].words.size(); ++w) {
            VectorSet actual = small_set();
            const Format format = expected.layers[l].type->format;
            std::int64_t& word = actual.layers[l].words[w];
            const i128 before = raw_from_word(word, format);
            word = word_from_pattern(pattern_from_word(word, format) ^ 1U, format);
            const DiffReport report = diff(expected, actual);
            CAPTURE(l, w);
            REQUIRE_FALSE(report.equal());
            REQUIRE(report.words_different() == 1);
            REQUIRE(report.first_differing == l);
            const LayerDiff& found = report.layers[l];
            REQUIRE(found.first.has_value());
            REQUIRE(found.first->flat == static_cast<std::int64_t>(w));
            REQUIRE((found.first->expected == before && found.first->actual == raw_from_word(word, format)));
            REQUIRE(found.images_different == 1);
            REQUIRE(found.origin_images == 1);
            std::int64_t flat = 0;
            for (std::size_t axis = 0; axis < found.dims.size(); ++axis)
                flat = flat * found.dims[axis] + found.first->index[axis];
            REQUIRE(flat == static_cast<std::int64_t>(w));
            REQUIRE(found.first->image == found.first->index[0]);
        }
    }
}

TEST_CASE("Diff: distances have a bucket each up to 4 lsb, then one for each power of two, for both signs") {
    for (const i128 sign : {i128{1}, i128{-1}}) {
        i128 next = 1;
        for (int i = 0; next < (i128{1} << 66); ++i) {
            const DistanceBucket bucket = bucket_of(sign * next);
            const i128 low = sign > 0 ? bucket.low : -bucket.high;
            const i128 high = sign > 0 ? bucket.high : -bucket.low;
            REQUIRE((low == next && high >= low));
            REQUIRE(high == (i < 4 ? low : 2 * (low - 1)));
            const DistanceBucket at_end = bucket_of(sign * high);
            REQUIRE((at_end.low == bucket.low && at_end.high == bucket.high));
            next = high + 1;
        }
    }
}

TEST_CASE("Diff: the histogram counts every wrong word once, with the smallest and largest distance") {
    const DiffReport report = diff(plain({0, 0, 0, 0, 0, 0, 0, 0}), plain({1, -1, 1, 5, 8, 9, -300, 0}));
    const LayerDiff& x = report.layers.at(0);
    CHECK(x.words_different == 7);
    CHECK((x.min_distance == -300 && x.max_distance == 9));
    const std::vector<std::array<std::int64_t, 3>> expected{
        {-512, -257, 1}, {-1, -1, 1}, {1, 1, 2}, {5, 8, 2}, {9, 16, 1}};
    REQUIRE(x.histogram.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK((x.histogram[i].low == expected[i][0] && x.histogram[i].high == expected[i][1] &&
               x.histogram[i].count == expected[i][2]));
    }
}

TEST_CASE("Diff: the largest distances of 64-bit words are exact") {
    const FixedType wide{.format = {.width = 64, .integer = 64, .is_signed = true}};
    const DiffReport s = diff(typed(wide, {INT64_MIN}), typed(wide, {INT64_MAX}));
    CHECK((s.layers.at(0).first->distance() == (i128{1} << 64) - 1));
    const FixedType unsigned_wide{.format = {.width = 64, .integer = 64, .is_signed = false}};
    const DiffReport u = diff(typed(unsigned_wide, {-1}), typed(unsigned_wide, {0}));
    CHECK((u.layers.at(0).first->distance() == -((i128{1} << 64) - 1)));
}

TEST_CASE("Diff: a layer that only one side has is a difference unless common is asked for") {
    VectorSet actual = small_set();
    actual.layers.erase(actual.layers.begin() + 2);
    actual.layers.push_back(make_layer("extra", type_of_bits(8, 8), Layout::Vector, {2, 3}, {}, 9));
    const DiffReport strict = diff(small_set(), actual);
    CHECK_FALSE(strict.equal());
    CHECK(strict.only_expected == std::vector<std::string>{"side"});
    CHECK(strict.only_actual == std::vector<std::string>{"extra"});
    CHECK(diff(small_set(), actual, {.common = true}).equal());
}

TEST_CASE("Diff: two sets without a common layer are never equal") {
    VectorSet other = plain({1, 2});
    other.layers.push_back(plain({1, 2}, "y").layers[0]);
    CHECK_FALSE(diff(small_set(), other, {.common = true}).equal());
    CHECK_FALSE(diff({}, {}).equal());
    CHECK_FALSE(diff({}, {}, {.common = true}).equal());
}

TEST_CASE("Diff: layers are paired by file name too, and single layers whatever they are called") {
    VectorSet expected = small_set();
    const std::string name = "block/conv 1";
    layer(expected, "conv").name = name;
    layer(expected, "flatten").inputs = {name};
    VectorSet actual = expected;
    layer(actual, name).name = file_stems({name}).front();
    CHECK(diff(expected, actual).equal());
    const DiffReport report = diff(plain({1, 2}), plain({1, 2}, "dump_final"));
    CHECK(report.equal());
    REQUIRE(report.notes.size() == 1);
    CHECK_THAT(report.notes[0], Catch::Contains("dump_final"));
}

TEST_CASE("Diff: of another number of images the common ones are compared, which is a difference unless common") {
    VectorSet actual = small_set();
    for (VectorLayer& one : actual.layers) {
        one.words.resize(static_cast<std::size_t>(one.words_per_image()));
        one.dims[0] = 1;
    }
    for (const bool swap : {false, true}) {
        const DiffReport report = swap ? diff(actual, small_set()) : diff(small_set(), actual);
        CHECK_FALSE(report.equal());
        CHECK(report.words_different() == 0);
        CHECK(report.layers[1].words_compared == 24);
        CHECK(report.layers[1].images_compared == 1);
        REQUIRE(report.layers[1].differences.size() == 1);
        CHECK_THAT(report.layers[1].differences[0],
                   Catch::Contains(swap ? "1 image expected, 2 found" : "2 images expected, 1 found"));
    }
    CHECK(diff(small_set(), actual, {.common = true}).equal());
    layer(actual, "dense").words[3] ^= 1;
    CHECK_FALSE(diff(small_set(), actual, {.common = true}).equal());
}

TEST_CASE("Diff: as many words in another shape are compared flat, and it is said") {
    VectorSet actual = small_set();
    layer(actual, "conv").dims = {2, 24};
    layer(actual, "conv").layout = Layout::Vector;
    layer(actual, "dense").dims = {20};
    const DiffReport report = diff(small_set(), actual);
    CHECK(report.equal());
    CHECK_THAT(layer_of(report, "conv").notes.at(0), Catch::Contains("2x24") && Catch::Contains("2x3x4x2"));
    CHECK_THAT(layer_of(report, "dense").notes.at(0), Catch::Contains("word by word"));
    CHECK(layer_of(report, "dense").images_compared == 2);
}

TEST_CASE("Diff: shapes that do not fit are a difference even with common, and nothing is made up") {
    VectorSet actual = small_set();
    actual.layers[1] = make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {2, 3, 3, 2}, {"input"}, 2);
    const DiffReport report = diff(small_set(), actual, {.common = true});
    CHECK_FALSE(report.equal());
    CHECK(layer_of(report, "conv").words_compared == 0);
    CHECK_THAT(layer_of(report, "conv").differences.at(0),
               Catch::Contains("2x3x3x2") && Catch::Contains("not compared"));
    VectorSet empty = plain({});
    CHECK_FALSE(diff(plain({1}), empty, {.common = true}).equal());
}

TEST_CASE("Diff: a channels-first dump of a channels-last layer is compared element by element, and the reverse") {
    const auto transposed = [](const VectorLayer& from, Layout to, bool state_layout) {
        VectorLayer result = from;
        const Shape a{.layout = *from.layout, .dims = Dims(from.dims.begin() + 1, from.dims.end())};
        const Shape b = make_map(to, a.channels(), a.height(), a.width());
        result.dims = b.dims;
        result.dims.insert(result.dims.begin(), from.dims[0]);
        for (std::int64_t n = 0; n < from.dims[0]; ++n) {
            for (std::int64_t c = 0; c < a.channels(); ++c) {
                for (std::int64_t y = 0; y < a.height(); ++y) {
                    for (std::int64_t x = 0; x < a.width(); ++x) {
                        result.words[static_cast<std::size_t>(n * b.count() + b.index(c, y, x))] =
                            from.words[static_cast<std::size_t>(n * a.count() + a.index(c, y, x))];
                    }
                }
            }
        }
        result.layout = state_layout ? std::optional(to) : std::nullopt;
        return result;
    };
    VectorSet last = small_set();
    VectorSet first = small_set();
    layer(first, "input") = transposed(layer(last, "input"), Layout::Chw, true);
    layer(first, "conv") = transposed(layer(last, "conv"), Layout::Chw, false);
    const DiffReport report = diff(last, first);
    CHECK(report.equal());
    CHECK_THAT(layer_of(report, "conv").findings.at(0).text, Catch::Contains("other layout"));
    CHECK((layer_of(report, "conv").findings[0].benign &&
           layer_of(report, "conv").findings[0].kind == FindingKind::ChannelOrder));
    layer(last, "side") = transposed(layer(last, "side"), Layout::Chw, true);
    VectorSet back = small_set();
    CHECK(diff(last, back).equal());

    // A wrong element is named by the expected side's axes: row 2, column 1, channel 1 of image 1.
    auto& conv = layer(first, "conv");
    conv.words[static_cast<std::size_t>(24 + 1 * 12 + 2 * 4 + 1)] ^= 2;
    const DiffReport wrong = diff(last, first);
    CHECK(layer_of(wrong, "conv").first->index == std::vector<std::int64_t>{1, 2, 1, 1});
}

TEST_CASE("Diff: the unsigned reading of signed words is compared by pattern, and the reverse") {
    const FixedType s8 = type_of_bits(8, 3);
    DiffReport report = diff(typed(s8, {-1, -128, 127, 0}), plain({255, 128, 127, 0}));
    CHECK(report.equal());
    const Finding& reading = report.layers.at(0).findings.at(0);
    CHECK_THAT(reading.text, Catch::Contains("unsigned reading") && Catch::Contains("bit pattern"));
    CHECK((reading.benign && reading.kind == FindingKind::Signedness));
    CHECK((reading.mismatches_before == 2 && reading.mismatches_after == 0));
    CHECK_FALSE(diff(typed(s8, {-1, -128, 127, 0}), plain({255, 128, 127, 0}), {.strict = true}).equal());
    CHECK(diff(plain({255, 128, 127, 0}), typed(s8, {-1, -128, 127, 0})).equal());
    report = diff(typed(s8, {-1, -128, 127, 0}), plain({255, 129, 127, 0}));
    CHECK((report.layers.at(0).first->actual == -127 && report.layers.at(0).first->distance() == 1));
    CHECK(diff(typed(type_of_bits(8, 8, false), {255, 128, 3}), plain({-1, -128, 3})).equal());
    // One word that no reading of 8 bits has: plain integers again.
    report = diff(typed(s8, {-1, -128, 127, 0}), plain({255, 128, 256, 0}));
    CHECK(report.layers.at(0).words_different == 3);
    CHECK((report.layers.at(0).first->actual == 255));
    // Without any format the integers are what they are.
    CHECK_FALSE(diff(plain({-1}), plain({255})).equal());
}

TEST_CASE("Diff: a memory file takes format and shape of the other side") {
    const FixedType s6 = type_of_bits(6, 2);
    CHECK(diff(typed(s6, {-1, -32, 31}), memory({0x3f, 0x20, 0x1f}, 2)).equal());
    CHECK(diff(memory({0x3f, 0x20, 0x1f}, 2), typed(s6, {-1, -32, 31})).equal());
    // Sign-extended to the digits it was printed with.
    CHECK(diff(typed(s6, {-1, -32, 31}), memory({0xff, 0xe0, 0x1f}, 2)).equal());
    CHECK(diff(typed(s6, {-1}), memory({0xffffffff}, 8)).equal());
    // Any other bit above the width is wrong.
    const DiffReport wide = diff(typed(s6, {-1, 1}), memory({0x7f, 0x01}, 2));
    CHECK(wide.words_different() == 1);
    CHECK((wide.layers.at(0).first->actual == 0x7f));
    CHECK(diff(memory({5, 6}, 2), memory({5, 6}, 4)).equal());

    VectorSet expected = small_set();
    VectorSet actual = memory({}, 2);
    actual.layers[0].name = expected.layers[1].name;
    for (const std::int64_t word : layer(expected, "conv").words) actual.layers[0].words.push_back(word & 0xff);
    actual.layers[0].words[24 + 13] ^= 4;
    actual.layers[0].dims = {48};
    const DiffReport report = diff(expected, actual, {.common = true});
    CHECK(report.words_different() == 1);
    CHECK(report.layers.at(0).first->index == std::vector<std::int64_t>{1, 1, 2, 1});
    CHECK(report.layers.at(0).axes.size() == 4);
    // Cut short: compared as far as it goes, and said.
    actual.layers[0].words.resize(30);
    actual.layers[0].dims = {30};
    const DiffReport cut = diff(expected, actual, {.common = true});
    CHECK_FALSE(cut.equal());
    CHECK(cut.words_different() == 0);
    CHECK(cut.layers.at(0).words_compared == 30);
    CHECK_THAT(cut.layers.at(0).differences.at(0), Catch::Contains("48 words") && Catch::Contains("30"));
}

TEST_CASE("Diff: known formats that differ are a difference even where the words agree, other modes are none") {
    VectorSet actual = small_set();
    layer(actual, "dense").type->format.integer = 7;
    const DiffReport report = diff(small_set(), actual);
    CHECK_FALSE(report.equal());
    CHECK(report.words_different() == 0);
    CHECK_THAT(layer_of(report, "dense").differences.at(0),
               Catch::Contains("ap_fixed<16,6> expected, ap_fixed<16,7> found"));
    actual = small_set();
    layer(actual, "dense").type->overflow = Overflow::Sat;
    CHECK(diff(small_set(), actual).equal());
}
