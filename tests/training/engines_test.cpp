// The fast engine against the general one, which goes number by number in the order of the rules.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "training/compare.hpp"
#include "training/general.hpp"
#include "training/lanes.hpp"
#include "training/networks.hpp"

using namespace bittrue;
using emulator::Isa;
using emulator::StepSummary;
using emulator::Trainer;
using namespace training_tests;

namespace {

void check_summaries(const StepSummary& a, const StepSummary& b) {
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

// Some steps: with a trace, without, and by the general engine.
void check_steps(const TrainingNetwork& network, Trainer& fast, Random& random, std::size_t images, int steps) {
    TrainingState expected = initial_state(network, random.next());
    TrainingState traced = expected, plain = expected;
    for (int step = 0; step < steps; ++step) {
        INFO(describe(network) << ", " << images << " images, step " << step);
        const TrainingBatch batch = random_batch(network, images, random);
        const LearningRate rate = random_rate(random);
        StepTrace trace, seen;
        const StepSummary general = emulator::training::general_step(
            network, expected, {.pixels = batch.pixels, .labels = batch.labels, .rate = rate}, trace);
        check_summaries(fast.step(traced, batch.pixels, batch.labels, rate, &seen), general);
        check_equal(seen, trace);
        check_summaries(fast.step(plain, batch.pixels, batch.labels, rate), general);
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
        const TrainingNetwork network = lenet(bits);
        REQUIRE(emulator::training::lanes_fit(network, 48));
        Trainer trainer(network, 0);
        check_steps(network, trainer, random, 48, 1);
    }
}

TEST_CASE("H15: accumulators that are too narrow wrap or saturate and count it") {
    Random random(15);
    std::uint64_t forward = 0, error = 0, gradient = 0;
    int fast = 0;
    for (int round = 0; round < 240; ++round) {
        TrainingNetwork network = random_network(random);
        const bool only_wraps = random.between(0, 1) == 0;  // which the fast engine does, too
        for (TrainingLayer& layer : network.layers) {
            const auto narrow = [&]() -> TrainingAccumulator {
                if (random.between(0, 2) == 0) return {};
                return {.width = random.between(2, 24), .saturate = !only_wraps && random.between(0, 1) == 0};
            };
            layer.forward = narrow();
            layer.error = narrow();
            layer.gradient = narrow();
        }
        INFO(describe(network));
        fast += emulator::training::lanes_fit(network, 40) ? 1 : 0;
        Trainer trainer(network, static_cast<unsigned>(random.between(1, 2)));
        check_steps(network, trainer, random, static_cast<std::size_t>(random.between(1, 40)), 2);
        TrainingState state = initial_state(network, 1);
        const TrainingBatch batch = random_batch(network, 20, random);
        for (const StepSummary::Layer& l : trainer.step(state, batch.pixels, batch.labels, {}).layers) {
            forward += l.forward_overflows;
            error += l.error_overflows;
            gradient += l.gradient_overflows;
        }
    }
    CHECK(fast > 60);
    CHECK(forward > 0);
    CHECK(error > 0);
    CHECK(gradient > 0);
}

TEST_CASE("H15: accumulators as wide as the proof asks change nothing and stay fast") {
    Random random(16);
    TrainingNetwork network = lenet();
    const TrainingNetwork open = network;
    for (TrainingLayer& layer : network.layers)
        layer.forward = layer.error = layer.gradient = {.width = 32, .saturate = true};
    CHECK(emulator::training::lanes_fit(network, 48));
    const TrainingBatch batch = random_batch(network, 48, random);
    TrainingState a = initial_state(network, 3), b = a;
    Trainer(network, 1).step(a, batch.pixels, batch.labels, {});
    Trainer(open, 1).step(b, batch.pixels, batch.labels, {});
    CHECK((a == b));
}

TEST_CASE("H11: under the float rule a zero tensor makes NaN of its weights, then of everything") {
    Random random(11);
    int errors = 0, gradients = 0;
    for (int round = 0; round < 200; ++round) {
        TrainingNetwork network = random_network(random);
        network.zero_scale = ZeroScale::Nan;
        // Sums of two bits that wrap are often all zero although many of them overflowed.
        for (TrainingLayer& layer : network.layers) layer.error = layer.gradient = {.width = 2, .saturate = false};
        INFO(describe(network));
        Trainer trainer(network, 1);
        TrainingState state = initial_state(network, random.next());
        const TrainingBatch batch = random_batch(network, static_cast<std::size_t>(random.between(1, 4)), random);
        StepTrace trace;
        const StepSummary summary = trainer.step(state, batch.pixels, batch.labels, {}, &trace);
        CHECK_FALSE(trace.nan_loss);
        for (std::size_t l = 0; l < network.layers.size(); ++l) {
            const LayerStep& step = trace.layers[l];
            CHECK(state.nan[l] == step.nan_gradients);
            CHECK(step.nan_gradients == !step.gradient_exponent);
            if (step.nan_errors) CHECK(step.error_overflows == 0);
            if (step.nan_gradients) CHECK(step.gradient_overflows == 0);
            if (step.nan_gradients) CHECK((step.weights_after == step.weights_before));
        }
        for (const emulator::ZeroTensor& zero : summary.zero_tensors) ++(zero.gradient ? gradients : errors);
        if (summary.zero_tensors.empty()) continue;
        const std::vector<std::uint64_t> lfsr = state.lfsr;
        const StepSummary next = trainer.step(state, batch.pixels, batch.labels, {});
        CHECK(next.nan_loss);
        CHECK(next.zero_tensors.empty());
        CHECK(next.correct == std::count(batch.labels.begin(), batch.labels.end(), std::uint8_t{0}));
        CHECK(std::find(state.nan.begin(), state.nan.end(), false) == state.nan.end());
        CHECK(state.lfsr != lfsr);
        CHECK(trainer.evaluate(state, batch.pixels, batch.labels).nan);
    }
    CHECK(errors > 0);
    CHECK(gradients > 0);
}
