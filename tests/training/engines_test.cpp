// The fast engine against the general one, which goes number by number in the order of the rules.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "training/general.hpp"
#include "training/lanes.hpp"
#include "training/networks.hpp"

using namespace bittrue;
using emulator::Isa;
using emulator::StepSummary;
using emulator::Trainer;
using training_tests::Random;

namespace {

TrainingBits random_bits(Random& random) {
    return {.weights = random.between(0, 2) == 0 ? 1 : random.between(1, 8),
            .activations = random.between(1, 8),
            .gradients = random.between(2, 16),
            .errors = random.between(2, 16),
            .randomizer = random.between(1, 16)};
}

TrainingNetwork random_network(Random& random) {
    const int side = random.between(1, 12);
    MapShape input{.channels = random.between(1, 7), .rows = side, .columns = side + random.between(0, 3)};
    std::vector<training_tests::LayerSpec> layers;
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
    TrainingNetwork network = training_tests::make_network(random_bits(random), input, layers);
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

void check_equal(const StepSummary& a, const StepSummary& b) {
    CHECK(a.loss_raw == b.loss_raw);
    CHECK(a.correct == b.correct);
    CHECK(a.nan_loss == b.nan_loss);
    REQUIRE(a.layers.size() == b.layers.size());
    for (std::size_t l = 0; l < a.layers.size(); ++l) {
        INFO("layer " << l);
        CHECK(a.layers[l].error_exponent == b.layers[l].error_exponent);
        CHECK(a.layers[l].gradient_exponent == b.layers[l].gradient_exponent);
        CHECK(a.layers[l].forward_overflows == b.layers[l].forward_overflows);
        CHECK(a.layers[l].error_overflows == b.layers[l].error_overflows);
        CHECK(a.layers[l].gradient_overflows == b.layers[l].gradient_overflows);
        CHECK(a.layers[l].saturated_weights == b.layers[l].saturated_weights);
        CHECK(a.layers[l].changed_words == b.layers[l].changed_words);
    }
    REQUIRE(a.zero_tensors.size() == b.zero_tensors.size());
    for (std::size_t i = 0; i < a.zero_tensors.size(); ++i) {
        CHECK(a.zero_tensors[i].layer == b.zero_tensors[i].layer);
        CHECK(a.zero_tensors[i].gradient == b.zero_tensors[i].gradient);
    }
}

void check_equal(const StepTrace& a, const StepTrace& b) {
    CHECK((a.input == b.input));
    REQUIRE(a.layers.size() == b.layers.size());
    for (std::size_t l = 0; l < a.layers.size(); ++l) {
        INFO("layer " << l);
        const LayerStep &x = a.layers[l], &y = b.layers[l];
        CHECK((x.sums == y.sums));
        CHECK((x.activations == y.activations));
        CHECK((x.errors == y.errors));
        CHECK((x.gradients == y.gradients));
        CHECK((x.scaled == y.scaled));
        CHECK((x.draws == y.draws));
        CHECK((x.steps == y.steps));
        CHECK((x.weights_after == y.weights_after));
        CHECK((x == y));
    }
    CHECK((a == b));
}

LearningRate random_rate(Random& random) {
    if (random.between(0, 1) == 0) return {};
    return {.raw = random.between(1, 65535), .frac = random.between(0, 15)};
}

// Some steps: with a trace, without, and by the general engine.
void check_steps(const TrainingNetwork& network, Trainer& fast, Random& random, std::size_t images, int steps) {
    TrainingState expected = initial_state(network, random.next());
    TrainingState traced = expected, plain = expected;
    for (int step = 0; step < steps; ++step) {
        INFO(describe(network) << ", " << images << " images, step " << step);
        const TrainingBatch batch = training_tests::random_batch(network, images, random);
        const LearningRate rate = random_rate(random);
        StepTrace trace, seen;
        const StepSummary general = emulator::training::general_step(
            network, expected, {.pixels = batch.pixels, .labels = batch.labels, .rate = rate}, trace);
        check_equal(fast.step(traced, batch.pixels, batch.labels, rate, &seen), general);
        check_equal(seen, trace);
        check_equal(fast.step(plain, batch.pixels, batch.labels, rate), general);
        REQUIRE((traced == expected));
        REQUIRE((plain == expected));
        const Trainer::Score score = fast.evaluate(plain, batch.pixels, batch.labels);
        const Trainer::Score wanted = emulator::training::general_score(network, plain, batch.pixels, batch.labels);
        CHECK(score.correct == wanted.correct);
        CHECK(score.loss_raw == wanted.loss_raw);
        CHECK(score.nan == wanted.nan);
    }
}

}  // namespace

TEST_CASE("H: the fast engine computes what the rules say, for random networks, bits, batches and stores") {
    Random random(6);
    int fast = 0;
    constexpr int kRounds = 400;
    for (int round = 0; round < kRounds; ++round) {
        const TrainingNetwork network = random_network(random);
        const auto images =
            static_cast<std::size_t>(random.between(0, 3) == 0 ? random.between(65, 130) : random.between(1, 64));
        fast += emulator::training::lanes_fit(network, images) ? 1 : 0;
        Trainer trainer(network, static_cast<unsigned>(random.between(1, 2)));
        check_steps(network, trainer, random, images, 3);
    }
    // Else the comparison would be of one engine with itself.
    CHECK(fast > kRounds * 3 / 4);
}

TEST_CASE("H: every instruction set and every number of threads gives the same bits") {
    Random random(7);
    for (int round = 0; round < 25; ++round) {
        const TrainingNetwork network = random_network(random);
        const auto images = static_cast<std::size_t>(random.between(1, 100));
        const std::uint64_t seed = random.next();
        for (const Isa isa : emulator::available_isas()) {
            for (const unsigned threads : {1U, 2U, 3U}) {
                INFO(emulator::print_isa(isa) << ", " << threads << " threads");
                Random same(seed);
                Trainer trainer(network, threads, isa);
                check_steps(network, trainer, same, images, 2);
            }
        }
    }
}

TEST_CASE("H: a step of the LeNet-5 is the same in both engines") {
    Random random(8);
    const TrainingBits kinds[] = {{}, {.weights = 2, .activations = 8}, {.activations = 1, .errors = 16}};
    for (const TrainingBits& bits : kinds) {
        const TrainingNetwork network = training_tests::lenet(bits);
        REQUIRE(emulator::training::lanes_fit(network, 48));
        Trainer trainer(network, 0);
        check_steps(network, trainer, random, 48, 1);
    }
}

TEST_CASE("H15: accumulators that are too narrow wrap or saturate and count it") {
    Random random(15);
    std::uint64_t forward = 0, error = 0, gradient = 0;
    for (int round = 0; round < 120; ++round) {
        TrainingNetwork network = random_network(random);
        for (TrainingLayer& layer : network.layers) {
            const auto narrow = [&]() -> TrainingAccumulator {
                if (random.between(0, 2) == 0) return {};
                return {.width = random.between(2, 24), .saturate = random.between(0, 1) == 0};
            };
            layer.forward = narrow();
            layer.error = narrow();
            layer.gradient = narrow();
        }
        INFO(describe(network));
        Trainer trainer(network, 1);
        check_steps(network, trainer, random, static_cast<std::size_t>(random.between(1, 40)), 2);
        TrainingState state = initial_state(network, 1);
        const TrainingBatch batch = training_tests::random_batch(network, 20, random);
        for (const StepSummary::Layer& l : trainer.step(state, batch.pixels, batch.labels, {}).layers) {
            forward += l.forward_overflows;
            error += l.error_overflows;
            gradient += l.gradient_overflows;
        }
    }
    CHECK(forward > 0);
    CHECK(error > 0);
    CHECK(gradient > 0);
}

TEST_CASE("H15: accumulators as wide as the proof asks change nothing and stay fast") {
    Random random(16);
    TrainingNetwork network = training_tests::lenet();
    const TrainingNetwork open = network;
    for (TrainingLayer& layer : network.layers)
        layer.forward = layer.error = layer.gradient = {.width = 32, .saturate = true};
    CHECK(emulator::training::lanes_fit(network, 48));
    const TrainingBatch batch = training_tests::random_batch(network, 48, random);
    TrainingState a = initial_state(network, 3), b = a;
    Trainer(network, 1).step(a, batch.pixels, batch.labels, {});
    Trainer(open, 1).step(b, batch.pixels, batch.labels, {});
    CHECK((a == b));
}
