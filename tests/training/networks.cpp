#include "training/networks.hpp"

#include <algorithm>

#include <fmt/format.h>

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

namespace {

TrainingBits random_bits(Random& random) {
    return {.weights = random.between(0, 2) == 0 ? 1 : random.between(1, 8),
            .activations = random.between(1, 8),
            .gradients = random.between(2, 16),
            .errors = random.between(2, 16),
            .randomizer = random.between(1, 16)};
}

}  // namespace

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
        const bool blank = random.between(0, 9) == 0;
        for (std::size_t e = 0; e < elements; ++e)
            batch.pixels.push_back(blank ? std::uint8_t{0} : static_cast<std::uint8_t>(random.next()));
    }
    return batch;
}

TrainingNetwork random_network(Random& random) {
    const int side = random.between(1, 12);
    MapShape input{.channels = random.between(1, 7), .rows = side, .columns = side + random.between(0, 3)};
    std::vector<LayerSpec> layers;
    int rows = input.rows;
    while (rows > 1 && random.between(0, 3) != 0 && layers.size() < 3) {
        const int kernel = random.between(1, std::min(rows, 6));
        const int pool = random.between(1, std::min(rows - kernel + 1, 3));
        layers.push_back({.name = fmt::format("conv{}", layers.size()),
                          .outputs = random.between(1, 11),
                          .kernel = kernel,
                          .pool = pool});
        rows = (rows - kernel + 1) / pool;
    }
    for (int more = random.between(0, 2); more > 0; --more)
        layers.push_back({.name = fmt::format("dense{}", layers.size()), .outputs = random.between(1, 40)});
    layers.push_back({.name = "last", .outputs = random.between(2, 12)});
    TrainingNetwork network = make_network(random_bits(random), input, layers);
    network.store = static_cast<WeightStore>(random.between(0, 2));
    network.zero_scale = random.between(0, 4) == 0 ? ZeroScale::Nan : ZeroScale::Hold;
    if (random.between(0, 1) == 0) {
        const int width = random.between(std::max(network.bits.randomizer, 3), 64);
        const std::uint64_t top = std::uint64_t{1} << static_cast<unsigned>(width - 1);
        network.randomizer = {.width = width, .taps = top | (random.next() & (top - 1))};
    }
    return network;
}

std::string describe(const TrainingNetwork& n) {
    std::string text =
        fmt::format("bits {}/{}/{}/{}/{}, store {}, zero {}, input {}x{}x{}", n.bits.weights, n.bits.activations,
                    n.bits.gradients, n.bits.errors, n.bits.randomizer, static_cast<int>(n.store),
                    static_cast<int>(n.zero_scale), n.input.channels, n.input.rows, n.input.columns);
    for (const TrainingLayer& l : n.layers)
        text += fmt::format(", {} {}x{}x{} kernel {} pool {}", l.name, l.sums.channels, l.sums.rows, l.sums.columns,
                            l.kernel_rows, l.pool_rows);
    return text;
}

LearningRate random_rate(Random& random) {
    if (random.between(0, 1) == 0) return {};
    return {.raw = random.between(1, 65535), .frac = random.between(0, 15)};
}

}  // namespace training_tests
