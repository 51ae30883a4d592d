// Each tensor of a step by itself, from what golden says that it reads, is the one of golden's step.
#include <catch2/catch.hpp>

#include "bittrue/emulator/training_tensor.hpp"
#include "bittrue/golden/training.hpp"
#include "training/networks.hpp"

using namespace bittrue;
using training_tests::Random;

namespace {

template <class T>
std::vector<std::int64_t> words(const std::vector<T>& from) {
    return {from.begin(), from.end()};
}

std::vector<std::int64_t> exponent(const std::optional<int>& k) {
    return {k.value_or(emulator::kNoStepExponent)};
}

// All tensors of a step but the deltas, which no trace holds; those are what the gradients and the errors in front are
// computed from here.
void check_step(const TrainingNetwork& network, const TrainingBatch& batch, LearningRate rate, const StepTrace& trace) {
    std::vector<std::int64_t> behind_deltas;
    for (std::size_t l = network.layers.size(); l-- > 0;) {
        const LayerStep& t = trace.layers[l];
        INFO("layer " << l);
        StepSources from{.images = batch.labels.size(),
                         .rate = rate,
                         .pixels = words(batch.pixels),
                         .labels = words(batch.labels),
                         .front = words(l == 0 ? trace.input : trace.layers[l - 1].activations),
                         .weights = words(t.weights_before),
                         .sums = t.sums,
                         .activations = words(t.activations),
                         .errors = words(t.errors),
                         .gradients = t.gradients,
                         .scaled = t.scaled,
                         .draws = words(t.draws),
                         .steps = words(t.steps),
                         .behind_deltas = behind_deltas,
                         .error_exponent = t.error_exponent,
                         .gradient_exponent = t.gradient_exponent,
                         .lfsr = t.lfsr_before};
        if (l + 1 < network.layers.size()) from.behind_weights = words(trace.layers[l + 1].weights_before);
        const auto made = [&](StepTensor tensor) { return emulator::training_tensor(network, l, tensor, from); };
        if (l == 0) CHECK(made(StepTensor::Input) == words(trace.input));
        CHECK(made(StepTensor::Sums) == t.sums);
        CHECK(made(StepTensor::Activations) == words(t.activations));
        if (l + 1 == network.layers.size()) CHECK(made(StepTensor::Loss) == std::vector{trace.loss_raw});
        CHECK(made(StepTensor::ErrorExponent) == exponent(t.error_exponent));
        CHECK(made(StepTensor::Errors) == words(t.errors));
        from.deltas = made(StepTensor::Deltas);
        CHECK(made(StepTensor::Gradients) == t.gradients);
        CHECK(made(StepTensor::GradientExponent) == exponent(t.gradient_exponent));
        CHECK(made(StepTensor::Scaled) == t.scaled);
        CHECK(made(StepTensor::Draws) == words(t.draws));
        CHECK(made(StepTensor::LfsrAfter) == std::vector{static_cast<std::int64_t>(t.lfsr_after)});
        CHECK(made(StepTensor::Steps) == words(t.steps));
        CHECK(made(StepTensor::WeightsAfter) == words(t.weights_after));
        behind_deltas = from.deltas;
    }
}

}  // namespace

TEST_CASE("H3 to H14: every tensor computed alone is golden's, for 150 random networks") {
    Random random(17);
    std::size_t steps = 0;
    for (int i = 0; i < 150; ++i) {
        const TrainingNetwork network = training_tests::random_network(random);
        TrainingState state = initial_state(network, random.next());
        INFO(training_tests::describe(network));
        for (int s = 0; s < 3; ++s) {
            const TrainingBatch batch =
                training_tests::random_batch(network, static_cast<std::size_t>(random.between(1, 5)), random);
            const LearningRate rate = training_tests::random_rate(random);
            const StepTrace trace = golden::training_step(network, state, batch, rate);
            bool nan = trace.nan_loss;
            for (const LayerStep& layer : trace.layers) nan = nan || layer.nan_errors || layer.nan_gradients;
            if (nan) break;  // zeros that stand for NaN follow from no tensor
            check_step(network, batch, rate, trace);
            ++steps;
        }
    }
    CHECK(steps > 200);
}
