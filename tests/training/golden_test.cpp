// Emulator and golden, two transcriptions of chapter H by different hands, step by step.
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "bittrue/golden/training.hpp"
#include "bittrue/model/idx.hpp"
#include "bittrue/vectors/digits.hpp"
#include "training/compare.hpp"
#include "training/networks.hpp"

using namespace bittrue;
using namespace training_tests;

namespace {

void check_steps(const TrainingNetwork& network, const std::vector<TrainingBatch>& batches, Random& random) {
    emulator::Trainer trainer(network, 0);
    TrainingState actual = initial_state(network, random.next()), expected = actual;
    for (std::size_t step = 0; step < batches.size(); ++step) {
        INFO(describe(network) << ", " << batches[step].labels.size() << " images, step " << step);
        const LearningRate rate = step == 0 ? LearningRate{} : random_rate(random);
        StepTrace trace;
        trainer.step(actual, batches[step].pixels, batches[step].labels, rate, &trace);
        check_equal(trace, golden::training_step(network, expected, batches[step], rate));
        REQUIRE((actual == expected));
    }
}

TrainingAccumulator random_accumulator(Random& random, bool only_wraps) {
    if (random.between(0, 1) == 0) return {};
    return {.width = random.between(2, random.between(0, 1) == 0 ? 4 : 24),
            .saturate = !only_wraps && random.between(0, 1) == 0};
}

template <class Numbers>
std::vector<std::uint8_t> bytes(const Numbers& numbers, std::size_t first, std::size_t count) {
    std::vector<std::uint8_t> out;
    for (std::size_t i = first; i < first + count; ++i) out.push_back(static_cast<std::uint8_t>(numbers[i]));
    return out;
}

}  // namespace

TEST_CASE("H: every tensor of the steps of random networks is golden's, for all bit parameters") {
    Random random(100);
    for (int round = 0; round < 150; ++round) {
        const TrainingNetwork network = random_network(random);
        std::vector<TrainingBatch> batches;
        for (int step = 0; step < 3; ++step)
            batches.push_back(random_batch(network, static_cast<std::size_t>(random.between(1, 12)), random));
        check_steps(network, batches, random);
    }
}

TEST_CASE("H15: accumulators of any width and mode overflow as golden's do") {
    Random random(101);
    for (int round = 0; round < 300; ++round) {
        TrainingNetwork network = random_network(random);
        const bool only_wraps = random.between(0, 1) == 0;  // which the fast engine does
        for (TrainingLayer& layer : network.layers) {
            layer.forward = random_accumulator(random, only_wraps);
            layer.error = random_accumulator(random, only_wraps);
            layer.gradient = random_accumulator(random, only_wraps);
        }
        check_steps(network, {random_batch(network, 7, random), random_batch(network, 5, random)}, random);
    }
}

TEST_CASE("H: a step of the LeNet-5 on 48 generated digits is golden's") {
    Random random(102);
    const Digits digits = make_digits(48, 1);
    for (const TrainingBits& bits : {TrainingBits{}, TrainingBits{.weights = 2, .activations = 8}})
        check_steps(lenet(bits), {{.pixels = digits.pixels, .labels = digits.labels}}, random);
}

TEST_CASE("H: a step of the LeNet-5 on the first 48 images of MNIST is golden's") {
    const std::filesystem::path folder = std::filesystem::path(BITTRUE_SOURCE_DIR) / "../shared/data/mnist";
    const std::filesystem::path images = folder / "train-images-idx3-ubyte.gz",
                                labels = folder / "train-labels-idx1-ubyte.gz";
    if (!std::filesystem::exists(images) || !std::filesystem::exists(labels)) {
        WARN("SKIPPED: " << images << " absent");
        return;
    }
    Random random(103);
    const std::size_t pixels = std::size_t{48} * 28 * 28;
    check_steps(lenet(),
                {{.pixels = bytes(read_idx(images.string()).integers, 0, pixels),
                  .labels = bytes(read_idx(labels.string()).integers, 0, 48)}},
                random);
}
