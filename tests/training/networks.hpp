// Networks that train, and reproducible numbers for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bittrue/model/training.hpp"

namespace training_tests {

// splitmix64: the same numbers on every machine.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next();
    int between(int low, int high);  // both included

private:
    std::uint64_t state_;
};

struct LayerSpec {
    std::string name;
    int outputs = 1;
    int kernel = 0;  // 0: dense
    int pool = 1;
};

// Shapes and scales follow from the input.
bittrue::TrainingNetwork make_network(bittrue::TrainingBits bits, bittrue::MapShape input,
                                      const std::vector<LayerSpec>& layers);
// The network of docs/numerics.md's training chapter: 1x28x28, two convolutions with pools, three dense layers.
bittrue::TrainingNetwork lenet(bittrue::TrainingBits bits = {});

// Any bits, stores and LFSRs; up to three convolutions on maps of up to 12 rows, up to three dense layers.
bittrue::TrainingNetwork random_network(Random& random);
std::string describe(const bittrue::TrainingNetwork& network);
bittrue::LearningRate random_rate(Random& random);

// Some images are all zero: dead tensors must not differ either.
bittrue::TrainingBatch random_batch(const bittrue::TrainingNetwork& network, std::size_t images, Random& random);

}  // namespace training_tests
