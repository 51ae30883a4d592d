// The failure looks like this: a testbench whose monitor never fired ends green.
#include <string>

#include <catch2/catch.hpp>

#include "capi/support.hpp"

using namespace capi_test;
using Catch::Contains;

namespace {

// The verdict's sentence; the status must be `status`.
std::string verdict(const Network& network, int status) {
    CHECK(bittrue_verdict(network.get()) == status);
    return message(network);
}

}  // namespace

TEST_CASE("nothing checked is not equal, with and without images") {
    const Network network = open(kMlp);
    CHECK(verdict(network, 1) == "nothing was checked (0 images pushed)");
    push_images(network, 3);
    CHECK(verdict(network, 1) == "nothing was checked (3 images pushed)");
}

TEST_CASE("all words of a layer equal is equal, and the sentence names the layers that nobody checked") {
    const Network network = open(kMlp);
    push_images(network, 2);
    check_layer(network, 3, 2);
    CHECK(verdict(network, 0) == "equal: 8 words of 1 layer, 2 images; not checked: input, hidden, hidden_relu");
    for (const int layer : {0, 1, 2}) check_layer(network, layer, 2);
    CHECK(verdict(network, 0) == "equal: 72 words of 4 layers, 2 images");
    CHECK(bittrue_verdict(network.get()) == 0);  // asking changes nothing
}

TEST_CASE("a layer that was checked in part only is not equal, whole images missing included") {
    const Network network = open(kMlp);
    push_images(network, 2);
    check_layer(network, 3, 1);
    CHECK(verdict(network, 1) == "layer 'scores': 4 of 8 words were checked, of image 1 only 0 of 4");
    check_words(network, 3, 3);
    CHECK(verdict(network, 1) == "layer 'scores': 7 of 8 words were checked, of image 1 only 3 of 4");
    check_words(network, 3, 1);
    CHECK(verdict(network, 0) == "equal: 8 words of 1 layer, 2 images; not checked: input, hidden, hidden_relu");
}

TEST_CASE("an image pushed in part is not equal, even where all words that came were") {
    const Network network = open(kMlp);
    push_images(network, 1);
    check_layer(network, 3, 1);
    REQUIRE(bittrue_push(network.get(), 0) == 0);
    CHECK(verdict(network, 1) == "image 1 was pushed in part only: 1 of 16 words");
}

TEST_CASE("a word too many is not equal") {
    const Network network = open(kMlp);
    push_images(network, 1);
    check_layer(network, 3, 1);
    REQUIRE(bittrue_check(network.get(), 3, 0, 1) == BITTRUE_PENDING);
    CHECK(verdict(network, 1) == "layer 'scores': a word of image 1 came, but that image was never pushed whole");
}

TEST_CASE("a refused check is not equal, even where the next ones are") {
    const Network network = open(kMlp);
    push_images(network, 1);
    REQUIRE(bittrue_check(network.get(), 9, 0, 1) == BITTRUE_UNUSABLE);
    check_layer(network, 3, 1);
    CHECK(verdict(network, 1) == "a check was refused: there is no layer 9; the network has 4, numbered from 0");
    REQUIRE(bittrue_reset(network.get()) == BITTRUE_EQUAL);
    REQUIRE(bittrue_keep(network.get(), 1) == BITTRUE_EQUAL);
    push_images(network, 2);
    REQUIRE(bittrue_check(network.get(), 3, 0, 1) == BITTRUE_UNUSABLE);  // image 0 is forgotten
    CHECK_THAT(verdict(network, 1), Contains("a check was refused: layer 'scores': image 0 is kept no longer"));
}

TEST_CASE("of several wrong layers the verdict names the first in the network of the first wrong image") {
    const Network network = open(kMlp);
    push_images(network, 3);
    check_words(network, 3, 12, 9);  // the consequence is handed in first
    check_words(network, 1, 24, 17);
    CHECK_THAT(verdict(network, 1), Contains("2 of 36 words differ; first hidden[image 2, channel 1] (flat 17): "));
    check_words(network, 2, 24, 3);
    CHECK_THAT(verdict(network, 1), Contains("3 of 60 words differ; first hidden_relu[image 0, channel 3] (flat 3): "));
}
