// The failure looks like this: the live model and `bittrue run` disagree, so a testbench that asks the one blames a
// design that the other finds right.
#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/network_file.hpp"
#include "capi/support.hpp"
#include "exhaustive/random.hpp"

using namespace capi_test;
using bittrue::testing::Random;

namespace {

using Words = std::vector<std::int64_t>;

bittrue::RunResult run_engine(const bittrue::Graph& graph, std::size_t images, const std::vector<double>& values) {
    const bittrue::InputBatch batch{.images = images, .dims = graph.input.shape.dims, .values = values};
    return bittrue::emulator::make_engine(graph)->run(batch, {.keep_layers = true});
}

// All words of all layers.
void check_equal(const Network& network, const bittrue::RunResult& run) {
    REQUIRE(bittrue_images(network.get()) == static_cast<std::int64_t>(run.images));
    std::int64_t compared = 0;
    for (std::size_t layer = 0; layer < run.layers.size(); ++layer) {
        Words words;
        for (std::size_t image = 0; image < run.images; ++image) {
            const Words some = words_of(network, static_cast<int>(layer), static_cast<std::int64_t>(image));
            words.insert(words.end(), some.begin(), some.end());
        }
        CAPTURE(run.layers[layer].name);
        CHECK(words == run.layers[layer].words);
        compared += std::ssize(words);
    }
    CHECK(compared > 0);
}

}  // namespace

TEST_CASE("pushed words of the 8-bit CNN give every word of every layer that the engine gives") {
    const bittrue::Graph graph = bittrue::load_network(kCnn);
    const Network network = open(kCnn);
    push_images(network, 5);
    Random random(1);  // the same words as values; only their low 8 bits count
    std::vector<double> values(5 * 784);
    for (double& value : values) value = static_cast<double>(random.bits() & 0xff) / 256;
    check_equal(network, run_engine(graph, 5, values));
}

TEST_CASE("pushed values of the 8-bit CNN are cast as the engine casts them") {
    const bittrue::Graph graph = bittrue::load_network(kCnn);
    const Network network = open(kCnn);
    Random random(2);
    std::vector<double> values(3 * 784);
    for (double& value : values) value = random.integer(-1000, 3000) / 2048.0;  // ties, saturation, below 0
    for (std::size_t image = 0; image < 3; ++image)
        REQUIRE(bittrue_push_values(network.get(), values.data() + image * 784, 784) == 1);
    check_equal(network, run_engine(graph, 3, values));
}

TEST_CASE("a pushed negative word is read with its sign, whatever stands above it") {
    const Network network = open_relu("ap_fixed<7,3>", 4);
    for (const std::int64_t word : {std::int64_t{-5}, std::int64_t{0x7b}, std::int64_t{0xf0000000007b}})
        CHECK(bittrue_push(network.get(), word) == 0);
    CHECK(bittrue_push(network.get(), 0x3b) == 1);
    CHECK(words_of(network, 0, 0) == Words{-5, -5, -5, 0x3b});
    CHECK(words_of(network, 1, 0) == Words{0, 0, 0, std::int64_t{0x3b} << 28});
}

TEST_CASE("every word of a wide unsigned input goes through, up to 53 significant bits") {
    const Network network = open_relu("ap_ufixed<64,0>", 1);
    const std::int64_t top = std::int64_t{1} << 52;
    for (const std::int64_t word : {top, top + 1, top << 11, (2 * top - 1) << 11, std::int64_t{1}}) {
        CHECK(bittrue_push(network.get(), word) == 1);
        CHECK(words_of(network, 0, bittrue_images(network.get()) - 1) == Words{word});
    }
}

TEST_CASE("the last images are kept, as many as asked for") {
    const Network network = open(kMlp);
    const auto oldest = [&] {
        std::int64_t image = 0, word = 0;
        while (bittrue_expected(network.get(), 3, image, 0, &word) == BITTRUE_UNUSABLE) ++image;
        return image;
    };
    push_images(network, 20);
    CHECK(bittrue_images(network.get()) == 20);
    CHECK(oldest() == 4);
    CHECK(bittrue_keep(network.get(), 0) == BITTRUE_EQUAL);
    push_images(network, 30);
    CHECK(oldest() == 4);
    CHECK(bittrue_keep(network.get(), 1) == BITTRUE_EQUAL);
    CHECK(oldest() == 49);
    push_images(network, 1);
    CHECK(oldest() == 50);
    CHECK(bittrue_images(network.get()) == 51);
}

TEST_CASE("after a reset the same words give the same again, from image 0") {
    const Network network = open(kMlp);
    push_images(network, 2);
    const Words first = words_of(network, 3, 1);
    REQUIRE(bittrue_push(network.get(), 1) == 0);  // the beginning of an image is forgotten, too
    check_words(network, 3, 3, 1);
    CHECK(bittrue_reset(network.get()) == BITTRUE_EQUAL);
    CHECK(message(network).empty());
    CHECK(bittrue_images(network.get()) == 0);
    CHECK(bittrue_checked(network.get(), -1) == 0);
    CHECK(bittrue_mismatches(network.get(), -1) == 0);
    push_images(network, 2);
    CHECK(words_of(network, 3, 1) == first);
    check_layer(network, 3, 2);
    CHECK(bittrue_verdict(network.get()) == 0);
}

TEST_CASE("two networks in two threads do not know of each other") {
    constexpr int kImages = 200;
    const auto work = [](const std::string& file, std::uint64_t seed, Words& out, std::string& said) {
        bittrue_network* network = bittrue_open(file.c_str());
        const std::int64_t words = bittrue_layer_words(network, 0);
        const int last = bittrue_layer_count(network) - 1;
        const int images = file == kCnn ? kImages / 10 : kImages;
        Random random(seed);
        for (std::int64_t i = 0; i < images * words; ++i)
            bittrue_push(network, static_cast<std::int64_t>(random.bits()));
        for (std::int64_t i = 0; i < bittrue_layer_words(network, last); ++i) {
            out.push_back(0);
            bittrue_expected(network, last, images - 1, i, &out.back());
        }
        bittrue_open(("missing-" + std::to_string(seed)).c_str());
        said = bittrue_message(nullptr);
        bittrue_close(network);
    };
    Words alone[2], together[2];
    std::string said[2];
    work(kCnn, 11, alone[0], said[0]);
    work(kMlp, 12, alone[1], said[1]);
    std::thread a([&] { work(kCnn, 11, together[0], said[0]); });
    std::thread b([&] { work(kMlp, 12, together[1], said[1]); });
    a.join();
    b.join();
    CHECK(alone[0].size() == 10);
    CHECK(alone[1].size() == 4);
    CHECK(together[0] == alone[0]);
    CHECK(together[1] == alone[1]);
    CHECK(said[0].find("missing-11") != std::string::npos);
    CHECK(said[1].find("missing-12") != std::string::npos);
}
