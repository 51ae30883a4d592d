// Training steps by golden, and hardware of which one thing is wrong: what it dumps is computed from its own words.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bittrue/emulator/training_tensor.hpp"
#include "bittrue/golden/training.hpp"
#include "bittrue/vectors/training_vectors.hpp"
#include "bittrue/verify/training_diagnosis.hpp"
#include "training/networks.hpp"

namespace training_tests {

using namespace bittrue;

using Words = std::vector<std::int64_t>;

inline TrainingNetwork small_network(
    TrainingBits bits = {.weights = 1, .activations = 2, .gradients = 8, .errors = 8, .randomizer = 8}) {
    return make_network(bits, {.channels = 2, .rows = 8, .columns = 9},
                        {{.name = "conv", .outputs = 3, .kernel = 3, .pool = 2},
                         {.name = "fc", .outputs = 12},
                         {.name = "out", .outputs = 4}});
}

struct Made {
    TrainingSetup setup{};
    std::vector<TrainedStep> steps{};
    TrainingState start{};
    [[nodiscard]] VectorSet set(const std::string& layer = {}) const {
        return training_vectors(setup.network, steps, layer);
    }
};

// Steps by golden. Weights at the ends of their range and at 0 are among the first ones.
inline Made make(const TrainingNetwork& network, const std::vector<int>& rates = {128, 640, 128},
                 std::size_t images = 5) {
    Made made{.setup = {.network = network}};
    Random random(5);
    made.start = initial_state(network, 3);
    const std::int32_t top = (1 << (network.bits.gradients - 1)) - 1;
    for (auto& weights : made.start.weights) {
        for (std::size_t i = 0; i < weights.size(); ++i) {
            if (i % 11 == 3) weights[i] = 0;
            if (i % 13 == 5) weights[i] = -top - 1;
            if (i % 7 == 1) weights[i] = top;
        }
    }
    TrainingState state = made.start;
    for (const int rate : rates) {
        TrainedStep step{.number = made.steps.size(),
                         .batch = random_batch(network, images, random),
                         .rate = {.raw = rate, .frac = 7}};
        step.trace = golden::training_step(network, state, step.batch, step.rate);
        made.steps.push_back(std::move(step));
        made.setup.rates.push_back({.raw = rate, .frac = 7});
    }
    return made;
}

// Hardware of which one thing is wrong. Both are asked for every tensor.
struct Fault {
    std::function<void(std::size_t step, std::size_t layer, StepTensor tensor, StepSources&, StepRules&)> rules{};
    std::function<void(std::size_t step, std::size_t layer, StepTensor tensor, Words&)> words{};
};

inline const std::map<StepTensor, std::string>& kinds() {
    static const std::map<StepTensor, std::string> names = {{StepTensor::Input, "input"},
                                                            {StepTensor::Sums, "sums"},
                                                            {StepTensor::Activations, "activations"},
                                                            {StepTensor::Loss, "loss"},
                                                            {StepTensor::ErrorExponent, "error_exponent"},
                                                            {StepTensor::Errors, "errors"},
                                                            {StepTensor::Deltas, "deltas"},
                                                            {StepTensor::Gradients, "gradients"},
                                                            {StepTensor::GradientExponent, "gradient_exponent"},
                                                            {StepTensor::Scaled, "scaled"},
                                                            {StepTensor::Draws, "draws"},
                                                            {StepTensor::LfsrAfter, "lfsr_after"},
                                                            {StepTensor::Steps, "steps"},
                                                            {StepTensor::WeightsAfter, "weights_after"}};
    return names;
}

// What the hardware dumps: every tensor computed from its own ones.
class Hardware {
public:
    Hardware(const Made& made, Fault fault) : made_(made), fault_(std::move(fault)), set_(made.set()) {}

    VectorSet dump() {
        std::vector<Words> weights, lfsr;
        for (std::size_t l = 0; l < made_.start.weights.size(); ++l) {
            weights.emplace_back(made_.start.weights[l].begin(), made_.start.weights[l].end());
            lfsr.push_back({static_cast<std::int64_t>(made_.start.lfsr[l])});
        }
        for (step_ = 0; step_ < made_.steps.size(); ++step_) {
            for (std::size_t l = 0; l < weights.size(); ++l) {
                put(l, "weights_before", weights[l]);
                put(l, "lfsr_before", lfsr[l]);
            }
            run();
            for (std::size_t l = 0; l < weights.size(); ++l) {
                weights[l] = at(l, "weights_after");
                lfsr[l] = at(l, "lfsr_after");
            }
        }
        for (VectorLayer& layer : set_.layers) layer.inputs.clear();
        return std::move(set_);
    }

private:
    [[nodiscard]] std::string name(std::size_t l, const std::string& kind) const {
        const bool whole = kind == "input" || kind == "loss";
        return fmt::format("step{}.{}{}", step_, whole ? "" : made_.setup.network.layers[l].name + ".", kind);
    }
    [[nodiscard]] Words& at(std::size_t l, const std::string& kind) {
        const std::string wanted = name(l, kind);
        return std::find_if(set_.layers.begin(), set_.layers.end(), [&](auto& t) { return t.name == wanted; })->words;
    }
    void put(std::size_t l, const std::string& kind, const Words& words) { at(l, kind) = words; }

    void compute(std::size_t l, StepTensor tensor) {
        const TrainedStep& step = made_.steps[step_];
        const std::size_t layers = made_.setup.network.layers.size();
        const auto exponent = [](const Words& w) { return w[0] == -128 ? std::nullopt : std::optional(int(w[0])); };
        StepSources from{.images = step.batch.labels.size(), .rate = step.rate};
        from.pixels.assign(step.batch.pixels.begin(), step.batch.pixels.end());
        from.labels.assign(step.batch.labels.begin(), step.batch.labels.end());
        from.front = l == 0 ? at(0, "input") : at(l - 1, "activations");
        from.weights = at(l, "weights_before");
        from.sums = at(l, "sums");
        from.activations = at(l, "activations");
        from.errors = at(l, "errors");
        from.deltas = at(l, "deltas");
        from.gradients = at(l, "gradients");
        from.scaled = at(l, "scaled");
        from.draws = at(l, "draws");
        from.steps = at(l, "steps");
        from.error_exponent = exponent(at(l, "error_exponent"));
        from.gradient_exponent = exponent(at(l, "gradient_exponent"));
        from.lfsr = static_cast<std::uint64_t>(at(l, "lfsr_before")[0]);
        if (l + 1 < layers) {
            from.behind_deltas = at(l + 1, "deltas");
            from.behind_weights = at(l + 1, "weights_before");
        }
        StepRules rules;
        if (fault_.rules) fault_.rules(step_, l, tensor, from, rules);
        Words words = emulator::training_tensor(made_.setup.network, l, tensor, from, rules);
        const std::string& kind = kinds().at(tensor);
        if (fault_.words) fault_.words(step_, l, tensor, words);
        at(l, kind) = std::move(words);
    }

    void run() {
        const std::size_t layers = made_.setup.network.layers.size();
        compute(0, StepTensor::Input);
        for (std::size_t l = 0; l < layers; ++l) {
            compute(l, StepTensor::Sums);
            compute(l, StepTensor::Activations);
        }
        compute(layers - 1, StepTensor::Loss);
        for (std::size_t l = layers; l-- > 0;) {
            for (const StepTensor t :
                 {StepTensor::ErrorExponent, StepTensor::Errors, StepTensor::Deltas, StepTensor::Gradients,
                  StepTensor::GradientExponent, StepTensor::Scaled, StepTensor::Draws, StepTensor::LfsrAfter,
                  StepTensor::Steps, StepTensor::WeightsAfter})
                compute(l, t);
        }
    }

    const Made& made_;
    Fault fault_;
    VectorSet set_;
    std::size_t step_ = 0;
};

}  // namespace training_tests
