#include "training/networks.hpp"

namespace training_tests {

using namespace bittrue;

std::uint64_t Random::next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

int Random::between(int low, int high) {
    return low + static_cast<int>(next() % static_cast<unsigned>(high - low + 1));
}

TrainingNetwork make_network(TrainingBits bits, MapShape input, const std::vector<LayerSpec>& layers) {
    TrainingNetwork network;
    network.name = "test";
    network.bits = bits;
    network.input = input;
    MapShape front = input;
    for (const LayerSpec& spec : layers) {
        TrainingLayer layer;
        layer.name = spec.name;
        layer.input = front;
        layer.kernel_rows = layer.kernel_columns = spec.kernel;
        layer.pool_rows = layer.pool_columns = spec.pool;
        layer.sums = {.channels = spec.outputs};
        if (spec.kernel > 0) {
            layer.sums.rows = front.rows - spec.kernel + 1;
            layer.sums.columns = front.columns - spec.kernel + 1;
        }
        layer.output = {
            .channels = spec.outputs, .rows = layer.sums.rows / spec.pool, .columns = layer.sums.columns / spec.pool};
        layer.scale = weight_scale(bits.weights, layer.fan_in());
        front = layer.output;
        network.layers.push_back(layer);
    }
    return network;
}

TrainingNetwork lenet(TrainingBits bits) {
    return make_network(bits, {.channels = 1, .rows = 28, .columns = 28},
                        {{.name = "conv1", .outputs = 6, .kernel = 5, .pool = 2},
                         {.name = "conv2", .outputs = 8, .kernel = 5, .pool = 2},
                         {.name = "fc1", .outputs = 120},
                         {.name = "fc2", .outputs = 84},
                         {.name = "fc3", .outputs = 10}});
}

TrainingBatch random_batch(const TrainingNetwork& network, std::size_t images, Random& random) {
    TrainingBatch batch;
    const std::size_t elements = static_cast<std::size_t>(network.input.elements());
    for (std::size_t i = 0; i < images; ++i) {
        batch.labels.push_back(static_cast<std::uint8_t>(random.between(0, network.classes() - 1)));
        // Some images are all zero: dead tensors must not differ either.
        const bool blank = random.between(0, 9) == 0;
        for (std::size_t e = 0; e < elements; ++e)
            batch.pixels.push_back(blank ? std::uint8_t{0} : static_cast<std::uint8_t>(random.next()));
    }
    return batch;
}

}  // namespace training_tests
