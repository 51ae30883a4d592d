#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "capi/support.hpp"

using namespace capi_test;
using Catch::Contains;

TEST_CASE("a file that is no network gives no network and a sentence that names it") {
    for (const char* file : {"", "/nonexistent/net.toml", BITTRUE_SOURCE_DIR, BITTRUE_SOURCE_DIR "/CMakeLists.txt",
                             BITTRUE_SOURCE_DIR "/examples/mnist-cnn/seed_cnn_mnist.h5"}) {
        CAPTURE(file);
        CHECK(bittrue_open(file) == nullptr);
        const std::string said = bittrue_message(nullptr);
        CHECK_FALSE(said.empty());
        CHECK_THAT(said, Contains(file) && !Contains("a bug in bittrue"));
    }
    CHECK(bittrue_open(nullptr) == nullptr);
    CHECK_THAT(bittrue_message(nullptr), Contains("null pointer"));
}

TEST_CASE("a null network is an error everywhere, never a crash") {
    std::int64_t word = 0;
    int frac = 0;
    const double value = 0;
    for (const std::int64_t status :
         {std::int64_t{bittrue_layer_count(nullptr)}, std::int64_t{bittrue_layer_index(nullptr, "x")},
          bittrue_layer_words(nullptr, 0), std::int64_t{bittrue_layer_width(nullptr, 0)},
          std::int64_t{bittrue_layer_frac(nullptr, 0, &frac)}, std::int64_t{bittrue_layer_signed(nullptr, 0)},
          std::int64_t{bittrue_push(nullptr, 0)}, std::int64_t{bittrue_push_values(nullptr, &value, 1)},
          bittrue_images(nullptr), std::int64_t{bittrue_expected(nullptr, 0, 0, 0, &word)},
          std::int64_t{bittrue_keep(nullptr, 1)}, std::int64_t{bittrue_check(nullptr, 0, 0, 1)},
          std::int64_t{bittrue_check_bits(nullptr, 0, "0")}, bittrue_checked(nullptr, 0),
          bittrue_mismatches(nullptr, 0), std::int64_t{bittrue_reset(nullptr)}, std::int64_t{bittrue_verdict(nullptr)}})
        CHECK(status == BITTRUE_UNUSABLE);
    CHECK(bittrue_layer_name(nullptr, 0) == nullptr);
    CHECK_THAT(bittrue_message(nullptr), Contains("null pointer"));
    bittrue_close(nullptr);
}

TEST_CASE("a null argument is an error with a sentence") {
    const Network network = open(kMlp);
    push_images(network, 1);
    const auto refused = [&](int status) {
        CHECK(status == BITTRUE_UNUSABLE);
        CHECK_THAT(message(network), Contains("null pointer"));
        REQUIRE(bittrue_layer_index(network.get(), "?") == BITTRUE_UNUSABLE);  // another sentence in between
    };
    refused(bittrue_layer_index(network.get(), nullptr));
    refused(bittrue_layer_frac(network.get(), 0, nullptr));
    refused(bittrue_push_values(network.get(), nullptr, 16));
    refused(bittrue_expected(network.get(), 0, 0, 0, nullptr));
    refused(bittrue_check_bits(network.get(), 0, nullptr));
}

TEST_CASE("a layer, image or word that is not there is an error that says what there is") {
    const Network network = open(kMlp);
    push_images(network, 1);
    std::int64_t word = 0;
    constexpr int kMost = std::numeric_limits<int>::max();
    for (const int layer : {-2, -1, 4, kMost, std::numeric_limits<int>::min()}) {
        CAPTURE(layer);
        CHECK(bittrue_layer_name(network.get(), layer) == nullptr);
        CHECK(bittrue_layer_words(network.get(), layer) == BITTRUE_UNUSABLE);
        CHECK(bittrue_expected(network.get(), layer, 0, 0, &word) == BITTRUE_UNUSABLE);
        CHECK(bittrue_check(network.get(), layer, 0, 1) == BITTRUE_UNUSABLE);
        CHECK_THAT(message(network), Contains("the network has 4, numbered from 0"));
        if (layer != -1) CHECK(bittrue_checked(network.get(), layer) == BITTRUE_UNUSABLE);
    }
    CHECK(bittrue_layer_index(network.get(), "Hidden") == BITTRUE_UNUSABLE);
    CHECK(message(network) == "there is no layer 'Hidden'; the network has input, hidden, hidden_relu, scores");
    CHECK(bittrue_expected(network.get(), 3, 0, 4, &word) == BITTRUE_UNUSABLE);
    CHECK(message(network) == "layer 'scores' has no word 4; an image has 4, numbered from 0");
    CHECK(bittrue_expected(network.get(), 3, 0, -1, &word) == BITTRUE_UNUSABLE);
    CHECK(bittrue_expected(network.get(), 3, -1, 0, &word) == BITTRUE_UNUSABLE);
    CHECK(bittrue_expected(network.get(), 3, std::numeric_limits<std::int64_t>::max(), 0, &word) == BITTRUE_PENDING);
    CHECK(bittrue_keep(network.get(), -1) == BITTRUE_UNUSABLE);
}

TEST_CASE("values that are no image are refused and change nothing") {
    const Network network = open(kMlp);
    std::vector<double> values(17, 0.5);
    CHECK(bittrue_push_values(network.get(), values.data(), 15) == BITTRUE_UNUSABLE);
    CHECK(message(network) == "15 values are given; an image has 16 (16)");
    CHECK(bittrue_push_values(network.get(), values.data(), 17) == BITTRUE_UNUSABLE);
    CHECK(bittrue_push_values(network.get(), values.data(), -1) == BITTRUE_UNUSABLE);
    values[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK(bittrue_push_values(network.get(), values.data(), 16) == BITTRUE_UNUSABLE);
    CHECK_THAT(message(network), Contains("index 3") && Contains("not finite"));
    CHECK(bittrue_images(network.get()) == 0);
    values[3] = 0;
    REQUIRE(bittrue_push(network.get(), 1) == 0);
    CHECK(bittrue_push_values(network.get(), values.data(), 16) == BITTRUE_UNUSABLE);
    CHECK_THAT(message(network), Contains("has 1 of 16 words"));
    for (int i = 0; i < 14; ++i) REQUIRE(bittrue_push(network.get(), 1) == 0);
    CHECK(bittrue_push(network.get(), 1) == 1);
    CHECK(bittrue_push_values(network.get(), values.data(), 16) == 1);
    CHECK(bittrue_images(network.get()) == 2);
}

TEST_CASE("a word that the input's type cannot hold is refused and not taken") {
    const Network symmetric = open_relu("ap_fixed<8,3,AP_TRN,AP_SAT_SYM>", 2);
    CHECK(bittrue_push(symmetric.get(), -128) == BITTRUE_UNUSABLE);
    CHECK_THAT(message(symmetric),
               Contains("word 0 of image 0: -128 (0x80) is no word of ap_fixed<8,3,AP_TRN,AP_SAT_SYM>"));
    CHECK(bittrue_push(symmetric.get(), -127) == 0);
    CHECK(bittrue_push(symmetric.get(), 0x80) == BITTRUE_UNUSABLE);
    CHECK(bittrue_push(symmetric.get(), 127) == 1);
    CHECK(words_of(symmetric, 0, 0) == std::vector<std::int64_t>{-127, 127});

    const Network wide = open_relu("ap_fixed<64,32>", 1);
    CHECK(bittrue_push(wide.get(), (std::int64_t{1} << 53) + 1) == BITTRUE_UNUSABLE);
    CHECK(bittrue_push(wide.get(), std::int64_t{1} << 53) == 1);
}

TEST_CASE("bits that are no bits are refused and not counted") {
    const Network network = open(kMlp);
    push_images(network, 1);
    CHECK(bittrue_check_bits(network.get(), 1, "1010101") == BITTRUE_UNUSABLE);
    CHECK(message(network) == "the bits '1010101' are 7; the layer's words have 8");
    CHECK(bittrue_check_bits(network.get(), 1, "0b101010") == BITTRUE_UNUSABLE);
    CHECK_THAT(message(network), Contains("have a 'b'"));
    CHECK(bittrue_check_bits(network.get(), 1, "") == BITTRUE_UNUSABLE);
    CHECK(bittrue_check_bits(network.get(), 1, "1010 1010") == BITTRUE_UNUSABLE);
    CHECK(bittrue_checked(network.get(), 1) == 0);
}
