// training/<W-A-G-E-R>/threads:<n>: one step of the WAGE LeNet-5 on 48 generated digits; training/evaluate: 10,000
// digits.
#include <span>
#include <string>

#include "bittrue/emulator/training.hpp"
#include "bittrue/vectors/digits.hpp"
#include "support.hpp"
#include "training/general.hpp"

namespace bench {

using namespace bittrue;

namespace {

TrainingLayer layer(const std::string& name, const TrainingBits& bits, const MapShape& input, int outputs, int kernel,
                    int pool) {
    TrainingLayer layer;
    layer.name = name;
    layer.input = input;
    layer.kernel_rows = layer.kernel_columns = kernel;
    layer.pool_rows = layer.pool_columns = pool;
    layer.sums.channels = outputs;
    if (kernel > 0) {
        layer.sums.rows = input.rows - kernel + 1;
        layer.sums.columns = input.columns - kernel + 1;
    }
    layer.output = {.channels = outputs, .rows = layer.sums.rows / pool, .columns = layer.sums.columns / pool};
    layer.scale = weight_scale(bits.weights, layer.fan_in());
    return layer;
}

TrainingNetwork lenet(const TrainingBits& bits) {
    TrainingNetwork network;
    network.name = "lenet5";
    network.bits = bits;
    network.input = {.channels = 1, .rows = 28, .columns = 28};
    const auto add = [&](const std::string& name, int outputs, int kernel, int pool) {
        const MapShape& input = network.layers.empty() ? network.input : network.layers.back().output;
        network.layers.push_back(layer(name, bits, input, outputs, kernel, pool));
    };
    add("conv1", 6, 5, 2);
    add("conv2", 8, 5, 2);
    add("fc1", 120, 0, 1);
    add("fc2", 84, 0, 1);
    add("fc3", 10, 0, 1);
    return network;
}

// Whether three steps of the fast engine are those of the general one.
bool is_right(const TrainingNetwork& network, emulator::Trainer& trainer, const Digits& digits) {
    TrainingState actual = initial_state(network, 1), expected = actual;
    for (int step = 0; step < 3; ++step) {
        StepTrace trace, wanted;
        trainer.step(actual, digits.pixels, digits.labels, {}, &trace);
        emulator::training::general_step(network, expected,
                                         {.pixels = digits.pixels, .labels = digits.labels, .rate = {}}, wanted);
        if (trace != wanted || actual != expected) return false;
    }
    TrainingState untraced = initial_state(network, 1);
    for (int step = 0; step < 3; ++step) trainer.step(untraced, digits.pixels, digits.labels, {});
    return untraced == expected;
}

void step(benchmark::State& state, const TrainingBits& bits, unsigned threads) {
    const TrainingNetwork network = lenet(bits);
    const Digits digits = make_digits(48, 1);
    emulator::Trainer trainer(network, threads);
    if (!is_right(network, trainer, digits)) return fail(state, "the general engine differs");
    TrainingState weights = initial_state(network, 1);
    for (auto _ : state) benchmark::DoNotOptimize(trainer.step(weights, digits.pixels, digits.labels, {}));
    state.SetItemsProcessed(static_cast<std::int64_t>(digits.count) * state.iterations());
}

void evaluate(benchmark::State& state, unsigned threads) {
    const TrainingNetwork network = lenet({});
    const Digits digits = make_digits(10000, 1);
    emulator::Trainer trainer(network, threads);
    const TrainingState weights = initial_state(network, 1);
    const std::size_t some = 100, pixels = some * Digits::kRows * Digits::kColumns;
    const auto wanted = emulator::training::general_score(network, weights, std::span(digits.pixels).first(pixels),
                                                          std::span(digits.labels).first(some));
    const auto score =
        trainer.evaluate(weights, std::span(digits.pixels).first(pixels), std::span(digits.labels).first(some));
    if (score.correct != wanted.correct || score.loss_raw != wanted.loss_raw)
        return fail(state, "the general engine differs");
    for (auto _ : state) benchmark::DoNotOptimize(trainer.evaluate(weights, digits.pixels, digits.labels));
    state.SetItemsProcessed(static_cast<std::int64_t>(digits.count) * state.iterations());
}

}  // namespace

void register_training() {
    for (const unsigned threads : {1U, 2U}) {
        const std::string at = "/threads:" + std::to_string(threads);
        const auto add = [&](const std::string& name, auto run) {
            benchmark::RegisterBenchmark(("training/" + name + at).c_str(), run)
                ->Unit(benchmark::kMicrosecond)
                ->UseRealTime();
        };
        add("1-2-8-8-8", [=](benchmark::State& state) { step(state, {}, threads); });
        add("2-8-8-8-8", [=](benchmark::State& state) { step(state, {.weights = 2, .activations = 8}, threads); });
        add("evaluate", [=](benchmark::State& state) { evaluate(state, threads); });
    }
}

}  // namespace bench
