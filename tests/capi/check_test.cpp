#include <string>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/verify/diff.hpp"
#include "bittrue/verify/report.hpp"
#include "capi/support.hpp"
#include "exhaustive/random.hpp"

using namespace capi_test;
using bittrue::testing::Random;
using Catch::Contains;

namespace {

// The set that `bittrue run` would give for push_images(network of kCnn, images).
bittrue::VectorSet golden_set(std::size_t images) {
    const bittrue::Graph graph = bittrue::load_network(kCnn);
    bittrue::InputBatch batch{.images = images, .dims = graph.input.shape.dims, .values = {}};
    Random random(1);
    for (std::size_t i = 0; i < images * 784; ++i)
        batch.values.push_back(static_cast<double>(random.bits() & 0xff) / 256);
    return from_run(graph, bittrue::emulator::make_engine(graph)->run(batch, {.keep_layers = true}));
}

}  // namespace

TEST_CASE("the sentence of a different word is the line that `bittrue diff` prints for it") {
    const bittrue::VectorSet expected = golden_set(3);
    const Network network = open(kCnn);
    push_images(network, 3);
    struct Place {
        int layer;
        std::int64_t image, index, error;
    };
    // Signed and unsigned maps, vectors, first and last words.
    for (const Place at : {Place{1, 0, 0, 1}, Place{1, 2, 1000, -3}, Place{2, 1, 1351, 1}, Place{6, 2, 127, 2},
                           Place{8, 1, 9, -1}, Place{0, 2, 783, 1}}) {
        bittrue::VectorSet actual = expected;
        bittrue::VectorLayer& layer = actual.layers[static_cast<std::size_t>(at.layer)];
        const std::int64_t words = bittrue_layer_words(network.get(), at.layer);
        std::int64_t& word = layer.words[static_cast<std::size_t>(at.image * words + at.index)];
        const auto other = static_cast<std::uint64_t>(word + at.error);
        word = bittrue::word_from_pattern(other, layer.type->format);  // a neighbour that fits, or the other end
        const bittrue::DiffReport report = bittrue::diff(expected, actual, {.strict = true});
        const bittrue::LayerDiff& found = report.layers[static_cast<std::size_t>(at.layer)];
        REQUIRE(found.words_different == 1);

        const std::int64_t before = bittrue_checked(network.get(), at.layer);
        check_words(network, at.layer, at.image * words + at.index - before);
        REQUIRE(bittrue_check(network.get(), at.layer, word, 1) == BITTRUE_DIFFERENT);
        CHECK(message(network) == mismatch_line(found, *found.first));
        CHECK(bittrue_mismatches(network.get(), at.layer) == (at.layer == 1 && at.image == 2 ? 2 : 1));
    }
    CHECK(bittrue_mismatches(network.get(), -1) == 6);
}

TEST_CASE("a checked word counts by its low bits, with and without its sign") {
    const Network network = open(kMlp);
    push_images(network, 1);
    const auto words = words_of(network, 1, 0);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::int64_t mask = i % 2 == 0 ? 0xff : -1;
        const std::int64_t above = i % 3 == 0 ? 0x7f00 : 0;
        CHECK(bittrue_check(network.get(), 1, (words[i] & mask) ^ above, 1) == BITTRUE_EQUAL);
    }
    CHECK(bittrue_checked(network.get(), 1) == 8);
}

TEST_CASE("a word with x or z bits is different, and the sentence shows the bits") {
    const Network network = open(kMlp);
    push_images(network, 1);
    const auto words = words_of(network, 1, 0);
    REQUIRE(bittrue_check(network.get(), 1, words[0], 0) == BITTRUE_DIFFERENT);
    CHECK_THAT(message(network), Contains("hidden[image 0, channel 0] (flat 0)") && Contains("got 0bxxxxxxxx"));
    REQUIRE(bittrue_check_bits(network.get(), 1, "10x101zZ") == BITTRUE_DIFFERENT);
    CHECK_THAT(message(network), Contains("channel 1]") && Contains("got 0b10x101zz"));
    REQUIRE(bittrue_check_bits(network.get(), 1, "1UW-_LH01_1") == BITTRUE_DIFFERENT);  // std_logic; 8 low bits count
    CHECK_THAT(message(network), Contains("channel 2]") && Contains("got 0bxxx01011"));
    CHECK(bittrue_mismatches(network.get(), 1) == 3);
    CHECK(bittrue_checked(network.get(), 1) == 3);
}

TEST_CASE("bits without x and z are the word they are, also of VHDL's weak drivers and with more bits than the word") {
    const Network network = open(kMlp);
    push_images(network, 1);
    const auto words = words_of(network, 1, 0);
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string bits = i % 2 == 0 ? "x1_" : "";  // above the word: not looked at
        for (int bit = 7; bit >= 0; --bit)
            bits += (static_cast<std::uint64_t>(words[i]) >> bit) & 1U ? "1H"[i % 2] : "0L"[i % 2];
        CHECK(bittrue_check_bits(network.get(), 1, bits.c_str()) == BITTRUE_EQUAL);
    }
    CHECK(bittrue_mismatches(network.get(), 1) == 0);
}

TEST_CASE("a word that comes before its image is pending, is not counted, and may be handed in again") {
    const Network network = open(kMlp);
    CHECK(bittrue_check(network.get(), 0, 3, 1) == BITTRUE_PENDING);
    CHECK_THAT(message(network), Contains("image 0") && Contains("pending"));
    for (int i = 0; i < 15; ++i) REQUIRE(bittrue_push(network.get(), 3) == 0);
    CHECK(bittrue_check(network.get(), 0, 3, 1) == BITTRUE_PENDING);
    std::int64_t word = 77;
    CHECK(bittrue_expected(network.get(), 3, 0, 0, &word) == BITTRUE_PENDING);
    CHECK(word == 77);
    CHECK(bittrue_checked(network.get(), -1) == 0);
    REQUIRE(bittrue_push(network.get(), 3) == 1);
    CHECK(bittrue_check(network.get(), 0, 3, 1) == BITTRUE_EQUAL);
    CHECK(bittrue_checked(network.get(), 0) == 1);
    CHECK(bittrue_checked(network.get(), -1) == 1);
}
