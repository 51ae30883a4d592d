// The rules of chapter H on single numbers.
#include <cmath>
#include <set>

#include <catch2/catch.hpp>

#include "bittrue/emulator/training.hpp"
#include "bittrue/model/error.hpp"
#include "training/lfsr.hpp"
#include "training/networks.hpp"
#include "training/numbers.hpp"

using namespace bittrue;
using training_tests::Random;

TEST_CASE("H1: Shift is the power of two nearest on the logarithmic scale") {
    CHECK(nearest_power_of_two(1, 0) == 0);
    CHECK(nearest_power_of_two(1, -9) == -9);
    CHECK(nearest_power_of_two(11, -3) == 0);  // 1.375 < sqrt(2)
    CHECK(nearest_power_of_two(3, -1) == 1);   // 1.5 > sqrt(2)
    CHECK(nearest_power_of_two(~std::uint64_t{0}, 0) == 64);
    for (std::uint64_t m = 1; m < 5000; ++m) {
        INFO(m);
        const int k = nearest_power_of_two(m, 0);
        // 2^(2k-1) <= m*m < 2^(2k+1), doubled.
        CHECK((std::uint64_t{1} << (2 * k)) <= 2 * m * m);
        CHECK(2 * m * m < (std::uint64_t{1} << (2 * k + 2)));
        CHECK(nearest_power_of_two(2 * m, 5) == k + 6);
    }
}

TEST_CASE("H2: the scales of the LeNet-5 are 4 and 8, and wide weights have none") {
    CHECK(weight_scale(1, 25) == 2);
    CHECK(weight_scale(1, 120) == 3);
    CHECK(weight_scale(1, 128) == 3);
    CHECK(weight_scale(1, 150) == 3);
    CHECK(weight_scale(1, 4) == 0);
    CHECK(weight_scale(1, 5) == 1);
    CHECK(weight_scale(8, 150) == 0);
    for (int bits = 1; bits <= 8; ++bits) {
        for (int fan_in = 1; fan_in < 3000; ++fan_in) {
            const double ratio = std::sqrt(0.75 * fan_in) / std::ldexp(1.0, bits - 1);
            INFO(bits << " bits, fan-in " << fan_in);
            CHECK(weight_scale(bits, fan_in) == (ratio > 1.8 ? static_cast<int>(std::lround(std::log2(ratio))) : 0));
        }
    }
}

TEST_CASE("H2: a stored weight becomes its sign, or is rounded to even and clipped") {
    using emulator::training::weight_word;
    const TrainingBits one{.weights = 1};
    CHECK(weight_word(-128, one) == -1);
    CHECK(weight_word(0, one) == 0);
    CHECK(weight_word(1, one) == 1);
    const TrainingBits two{.weights = 2};
    CHECK(weight_word(32, two) == 0);  // a tie
    CHECK(weight_word(33, two) == 1);
    CHECK(weight_word(127, two) == 1);
    CHECK(weight_word(-128, two) == -1);
    const TrainingBits coarse{.weights = 8, .gradients = 3};
    CHECK(weight_word(3, coarse) == 96);
    CHECK(weight_word(-4, coarse) == -127);
}

TEST_CASE("H3: pixels are rounded to even and clipped") {
    using emulator::training::input_word;
    for (int pixel = 0; pixel < 256; ++pixel) {
        CHECK(input_word(pixel, {.activations = 1}) == (pixel > 0 ? 1 : 0));
        CHECK(input_word(pixel, {.activations = 2}) == (pixel > 64 ? 1 : 0));
        for (int bits = 3; bits <= 8; ++bits) {
            const double top = std::ldexp(1.0, bits - 1);
            CHECK(input_word(pixel, {.activations = bits}) == std::min(std::nearbyint(pixel * top / 256), top - 1));
        }
    }
}

TEST_CASE("H13: maximal taps of small widths visit every state but zero") {
    const std::pair<int, std::uint64_t> maximal[] = {{2, 0x3}, {3, 0x6}, {4, 0xc}, {5, 0x14}, {8, 0xb8}, {16, 0xd008}};
    for (const auto& [width, taps] : maximal) {
        const emulator::training::Draws one({.width = width, .taps = taps}, 1, 1);
        std::vector<std::uint16_t> draw(1);
        std::uint64_t z = 1, period = 0;
        do {
            z = one.draw(z, draw);
            REQUIRE(z != 0);
            ++period;
        } while (z != 1 && period < 100000);
        INFO(width);
        CHECK(period == (std::uint64_t{1} << static_cast<unsigned>(width)) - 1);
    }
}

TEST_CASE("H13: leaping over R bits draws what shifting bit by bit draws") {
    Random random(13);
    for (int round = 0; round < 200; ++round) {
        const int bits = random.between(1, 16), width = random.between(bits, 64);
        const std::uint64_t top = std::uint64_t{1} << static_cast<unsigned>(width - 1);
        const std::uint64_t taps = top | (random.next() & (top - 1));
        const auto count = static_cast<std::size_t>(random.between(1, 300));
        std::uint64_t z = (random.next() & (top | (top - 1))) | 1U;
        const emulator::training::Draws leaps({.width = width, .taps = taps}, bits, count);
        std::vector<std::uint16_t> actual(count);
        const std::uint64_t end = leaps.draw(z, actual);
        std::vector<std::uint16_t> expected;
        for (std::size_t i = 0; i < count; ++i) {
            unsigned k = 0;
            for (int shift = 0; shift < bits; ++shift) {
                const bool one = (z & 1U) != 0;
                z >>= 1U;
                if (one) {
                    z ^= taps;
                    k |= 1U << static_cast<unsigned>(shift);
                }
            }
            expected.push_back(static_cast<std::uint16_t>(k));
        }
        INFO(bits << " of " << width << " bits, taps " << taps << ", " << count << " draws");
        CHECK(actual == expected);
        CHECK(end == z);
    }
}

TEST_CASE("H17: initial weights fill the range of a binary network and are not all of a kind") {
    const TrainingNetwork network = training_tests::lenet();
    const TrainingState state = initial_state(network, 7);
    CHECK(state == initial_state(network, 7));
    CHECK(state != initial_state(network, 8));
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
        const auto [low, high] = std::minmax_element(state.weights[l].begin(), state.weights[l].end());
        CHECK(*low >= -128);
        CHECK(*high <= 127);
        CHECK(*low < -100);
        CHECK(*high > 100);
        CHECK(state.lfsr[l] != 0);
        CHECK(state.lfsr[l] <= 0xffffffffU);
    }
}

TEST_CASE("H16: neighbouring seeds share neither weights nor orders, not even of other layers and epochs") {
    const TrainingNetwork network = training_tests::lenet();
    std::set<std::vector<std::int32_t>> beginnings;
    std::set<std::uint64_t> registers;
    std::set<std::vector<std::uint32_t>> orders;
    constexpr std::size_t kSeeds = 8, kEpochs = 5;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
        const TrainingState state = initial_state(network, seed);
        for (const auto& weights : state.weights) beginnings.emplace(weights.begin(), weights.begin() + 100);
        registers.insert(state.lfsr.begin(), state.lfsr.end());
        for (std::uint64_t epoch = 0; epoch < kEpochs; ++epoch) orders.insert(epoch_order(seed, epoch, 100));
    }
    CHECK(beginnings.size() == kSeeds * network.layers.size());
    CHECK(registers.size() == kSeeds * network.layers.size());
    CHECK(orders.size() == kSeeds * kEpochs);
}

TEST_CASE("H18: an epoch visits every image once, in an order of its own") {
    const std::vector<std::uint32_t> order = epoch_order(1, 0, 1000);
    std::vector<std::uint32_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (std::uint32_t i = 0; i < 1000; ++i) REQUIRE(sorted[i] == i);
    CHECK(order != sorted);
    CHECK(order != epoch_order(1, 1, 1000));
    CHECK(order != epoch_order(2, 0, 1000));
    CHECK(epoch_order(1, 0, 1) == std::vector<std::uint32_t>{0});
    CHECK(epoch_order(1, 0, 0).empty());
}

TEST_CASE("H: networks that cannot be trained are refused with a sentence") {
    const auto refuse = [](auto change, const std::string& words) {
        TrainingNetwork network = training_tests::lenet();
        change(network);
        INFO(words);
        CHECK_THROWS_WITH(validate(network, "net.toml"), Catch::Contains("net.toml") && Catch::Contains(words));
    };
    CHECK_NOTHROW(validate(training_tests::lenet(), "net.toml"));
    refuse([](TrainingNetwork& n) { n.bits.weights = 9; }, "bits of weights");
    refuse([](TrainingNetwork& n) { n.bits.errors = 1; }, "bits of errors");
    refuse([](TrainingNetwork& n) { n.bits.randomizer = 17; }, "bits of the randomizer");
    refuse([](TrainingNetwork& n) { n.randomizer = {.width = 7, .taps = 0x60}; }, "width of the LFSR");
    refuse([](TrainingNetwork& n) { n.randomizer.taps = 3; }, "taps");
    refuse([](TrainingNetwork& n) { n.layers.clear(); }, "no layer");
    refuse([](TrainingNetwork& n) { n.layers[1].scale = 0; }, "layer 'conv2'");
    refuse([](TrainingNetwork& n) { n.layers[2].forward.width = 64; }, "forward accumulator");
    refuse([](TrainingNetwork& n) { n.layers.pop_back(), n.layers.resize(2); }, "last layer must be dense");
    refuse([](TrainingNetwork& n) { n.layers[0].output.rows = 11; }, "shape of the output");
    refuse([](TrainingNetwork& n) { n.layers[0].input.channels = 2; }, "layer 'conv1'");
}

TEST_CASE("H: batches, states, rates and draws that do not fit the network are refused with a sentence") {
    const TrainingNetwork network = training_tests::lenet();
    Random random(1);
    const TrainingBatch batch = training_tests::random_batch(network, 3, random);
    emulator::Trainer trainer(network, 1);
    TrainingState state = initial_state(network, 1);
    const TrainingState before = state;
    const std::vector<std::uint8_t> two_labels{1, 2}, bad_labels{1, 2, 10};
    using Catch::Contains;
    CHECK_THROWS_WITH(trainer.step(state, {}, {}, {}), Contains("no image"));
    CHECK_THROWS_WITH(trainer.step(state, batch.pixels, two_labels, {}), Contains("2 images"));
    CHECK_THROWS_WITH(trainer.evaluate(state, batch.pixels, bad_labels), Contains("label 10"));
    CHECK_THROWS_WITH(trainer.step(state, batch.pixels, batch.labels, {.raw = 0, .frac = 7}),
                      Contains("learning rate"));
    std::vector<std::vector<std::int32_t>> draws;
    for (const auto& weights : state.weights) draws.emplace_back(weights.size(), 255);
    CHECK_NOTHROW(trainer.step(state, batch.pixels, batch.labels, {}, nullptr, &draws));
    draws[2][7] = 256;
    CHECK_THROWS_WITH(trainer.step(state, batch.pixels, batch.labels, {}, nullptr, &draws), Contains("draws"));
    state = before;
    state.weights[1].pop_back();
    CHECK_THROWS_WITH(trainer.step(state, batch.pixels, batch.labels, {}), Contains("weights"));
}
