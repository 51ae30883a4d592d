// The words behind a comparison stand beside the ones they were compared with.
#include "bittrue/verify/layer_words.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace bittrue;

namespace {

constexpr FixedType kByte{.format = {.width = 8, .integer = 3, .is_signed = true}};

VectorSet one_layer() {
    VectorLayer layer{
        .name = "conv", .inputs = {}, .type = kByte, .layout = Layout::Hwc, .axes = {}, .dims = {2, 10, 20, 1}};
    layer.stored = kByte.format;
    for (std::int64_t i = 0; i < 400; ++i) layer.words.push_back((i * i * 31 + i * 7) % 251 - 125);
    VectorSet set;
    set.layers.push_back(std::move(layer));
    return set;
}

std::int64_t count(const LayerWords& words, LayerWords::State state) {
    return std::count(words.states.begin(), words.states.end(), state);
}

}  // namespace

TEST_CASE("words that differ or are undefined are marked as diff counts them") {
    const VectorSet expected = one_layer();
    VectorSet actual = expected;
    actual.layers[0].words[7] += 1;
    actual.layers[0].words[399] -= 1;
    actual.layers[0].words[20] = 0;
    actual.layers[0].undefined = {20};
    actual.layers[0].undefined_bits = {"0b0000xxxx"};
    const LayerWords words = layer_words(expected, actual, "conv");
    CHECK(words.expected == expected.layers[0].words);
    CHECK(words.actual == actual.layers[0].words);
    CHECK(words.states[7] == LayerWords::Wrong);
    CHECK(words.states[20] == LayerWords::Undefined);
    CHECK(count(words, LayerWords::Wrong) + count(words, LayerWords::Undefined) ==
          diff(expected, actual).layers[0].words_different);
    CHECK(layer_words(expected, actual, "dense").expected.empty());
}

TEST_CASE("words of a late dump stand beside those they belong to") {
    const VectorSet expected = one_layer();
    VectorSet actual = expected;
    auto& dump = actual.layers[0].words;
    dump.insert(dump.begin(), 3, 0);
    dump.resize(400);
    const LayerWords words = layer_words(expected, actual, "conv");
    CHECK(count(words, LayerWords::Equal) == 397);
    CHECK(count(words, LayerWords::Missing) == 3);  // the last ones
    CHECK(words.states.back() == LayerWords::Missing);
    // Place by place nearly all are wrong.
    CHECK(count(layer_words(expected, actual, "conv", {.strict = true}), LayerWords::Wrong) ==
          diff(expected, actual, {.strict = true}).layers[0].words_different);
}

TEST_CASE("patterns of the other sign are read as the expected words") {
    const VectorSet expected = one_layer();
    VectorSet actual = expected;
    actual.layers[0].type.reset();
    actual.layers[0].stored = {.width = 8, .integer = 8, .is_signed = false};
    for (std::int64_t& word : actual.layers[0].words) word &= 0xff;
    const LayerWords words = layer_words(expected, actual, "conv");
    CHECK(words.actual == expected.layers[0].words);
    CHECK(count(words, LayerWords::Equal) == 400);
}
