#include "capi/support.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "exhaustive/random.hpp"

namespace fs = std::filesystem;

namespace capi_test {

Network open(const std::string& file) {
    Network network(bittrue_open(file.c_str()));
    INFO(bittrue_message(nullptr));
    REQUIRE(network);
    return network;
}

Network open_relu(const std::string& type, int count) {
    std::string name = (fs::temp_directory_path() / "bittrue-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    const fs::path file = fs::path(name) / "relu.toml";
    std::ofstream(file) << "bittrue = 1\n[input]\nshape = [" << count << "]\ntype = \"" << type
                        << "\"\n[[layer]]\nname = \"relu\"\nop = \"relu\"\nresult = \"ap_ufixed<64,32>\"\n";
    Network network(bittrue_open(file.string().c_str()));
    fs::remove_all(name);
    INFO(bittrue_message(nullptr));
    REQUIRE(network);
    return network;
}

std::string message(const Network& network) {
    return bittrue_message(network.get());
}

void push_images(const Network& network, int images, std::uint64_t seed) {
    bittrue::testing::Random random(seed);
    const std::int64_t words = bittrue_layer_words(network.get(), 0);
    for (std::int64_t i = 0; i < images * words; ++i) {
        const int done = bittrue_push(network.get(), static_cast<std::int64_t>(random.bits()));
        if (done != (i % words == words - 1 ? 1 : 0)) FAIL("push " << i << " returned " << done);
    }
}

void check_words(const Network& network, int layer, std::int64_t count, std::int64_t wrong, std::int64_t error) {
    const std::int64_t words = bittrue_layer_words(network.get(), layer);
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t flat = bittrue_checked(network.get(), layer);
        std::int64_t word = 0;
        if (bittrue_expected(network.get(), layer, flat / words, flat % words, &word) != BITTRUE_EQUAL)
            FAIL(message(network));
        const int status = bittrue_check(network.get(), layer, i == wrong ? word + error : word, 1);
        if (status != (i == wrong ? BITTRUE_DIFFERENT : BITTRUE_EQUAL)) FAIL("check " << i << " returned " << status);
    }
}

void check_layer(const Network& network, int layer, int images) {
    check_words(network, layer, images * bittrue_layer_words(network.get(), layer));
}

std::vector<std::int64_t> words_of(const Network& network, int layer, std::int64_t image) {
    std::vector<std::int64_t> words(static_cast<std::size_t>(bittrue_layer_words(network.get(), layer)));
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto index = static_cast<std::int64_t>(i);
        if (bittrue_expected(network.get(), layer, image, index, &words[i]) != BITTRUE_EQUAL) FAIL(message(network));
    }
    return words;
}

}  // namespace capi_test
