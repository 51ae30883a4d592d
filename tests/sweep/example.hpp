// The example network with generated digits, as the sweep's tests use it.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"

namespace bittrue::test {

inline Graph example_network() {
    return load_network(std::string(BITTRUE_SOURCE_DIR) + "/examples/mnist-cnn/mnist_cnn_8bit.toml");
}

struct ExampleImages {
    ExampleImages(const Graph& graph, std::size_t count, std::uint64_t seed) {
        const Digits digits = make_digits(count, seed);
        batch = input_from_digits(digits, graph.input);
        labels.assign(digits.labels.begin(), digits.labels.end());
    }
    InputBatch batch{};
    std::vector<int> labels{};
};

}  // namespace bittrue::test
