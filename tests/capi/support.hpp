// What the tests of the C interface share: files, handles that close themselves, words handed in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bittrue.h"

namespace capi_test {

inline const std::string kCnn = BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml";
inline const std::string kMlp = BITTRUE_SOURCE_DIR "/examples/live/mlp.toml";

struct Close {
    void operator()(bittrue_network* network) const { bittrue_close(network); }
};
using Network = std::unique_ptr<bittrue_network, Close>;

// Fails the test when the file cannot be opened.
[[nodiscard]] Network open(const std::string& file);
// A network of one layer (relu into result) for inputs of `count` words of `type`.
[[nodiscard]] Network open_relu(const std::string& type, int count);

[[nodiscard]] std::string message(const Network& network);

// Pushes `images` images of pseudo-random bit patterns; equal seeds push equal words.
void push_images(const Network& network, int images, std::uint64_t seed = 1);

// Hands the expected word of the layer in; adds `error` to word number `wrong` of this call.
void check_words(const Network& network, int layer, std::int64_t count, std::int64_t wrong = -1,
                 std::int64_t error = 1);
void check_layer(const Network& network, int layer, int images);

// The words of a layer for one image.
[[nodiscard]] std::vector<std::int64_t> words_of(const Network& network, int layer, std::int64_t image);

}  // namespace capi_test
