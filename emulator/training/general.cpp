#include "training/general.hpp"

#include <algorithm>

#include "training/general_forward.hpp"
#include "training/lfsr.hpp"
#include "training/numbers.hpp"
#include "training/sums.hpp"
#include "training/update.hpp"

namespace bittrue::emulator::training {

namespace {

template <class T>
std::uint64_t largest(const std::vector<T>& numbers) {
    std::uint64_t most = 0;
    for (const T v : numbers) most = std::max(most, static_cast<std::uint64_t>(v < 0 ? -v : v));
    return most;
}

class GeneralStep {
public:
    GeneralStep(const TrainingNetwork& network, TrainingState& state, const StepInput& input, StepTrace& trace)
        : network_(network), state_(state), input_(input), trace_(trace), images_(input.labels.size()) {}

    StepSummary run() {
        general_forward(network_, state_, input_.pixels, input_.labels, trace_);
        nan_ = trace_.nan_loss;
        summary_.loss_raw = trace_.loss_raw;
        summary_.correct = trace_.correct;
        summary_.nan_loss = trace_.nan_loss;
        summary_.layers.resize(network_.layers.size());
        output_errors();
        for (std::size_t l = network_.layers.size(); l-- > 0;) {
            const std::vector<std::int32_t> deltas = deltas_of(l);
            gradients(l, deltas);
            if (l > 0) errors_in_front(l, deltas);
        }
        for (std::size_t l = 0; l < network_.layers.size(); ++l) update(l);
        return std::move(summary_);
    }

private:
    const TrainingLayer& layer(std::size_t l) const { return network_.layers[l]; }
    std::size_t count(const MapShape& shape) const { return images_ * static_cast<std::size_t>(shape.elements()); }

    // H6 and H11.
    void quantise(std::size_t l, const std::vector<std::int64_t>& d, int frac) {
        LayerStep& step = trace_.layers[l];
        step.errors.assign(d.size(), 0);
        const std::optional<int> k = nan_ ? std::nullopt : scale_of(largest(d), frac);
        if (!k && !nan_) {
            summary_.zero_tensors.push_back({.layer = l, .gradient = false});
            nan_ = network_.zero_scale == ZeroScale::Nan;
        }
        step.nan_errors = nan_;
        step.error_exponent = summary_.layers[l].error_exponent = k;
        if (!k) return;
        const int most = LayerNumbers(network_, l).most_e;
        const int shift = frac + *k - (network_.bits.errors - 1);
        std::transform(d.begin(), d.end(), step.errors.begin(),
                       [&](std::int64_t v) { return error_word(v, shift, most); });
    }

    // H7.
    void output_errors() {
        const std::size_t l = network_.layers.size() - 1;
        const std::size_t classes = static_cast<std::size_t>(network_.classes());
        const LayerNumbers numbers(network_, l);
        LayerStep& step = trace_.layers[l];
        std::vector<std::int64_t> d(count(layer(l).sums));
        for (std::size_t i = 0; i < d.size(); ++i) {
            const std::int64_t y = input_.labels[i / classes] == i % classes ? numbers.one : 0;
            d[i] = 2 * (step.activations[i] - y);
        }
        quantise(l, d, numbers.fx);
    }

    std::vector<std::int32_t> deltas_of_output(const LayerStep& step) const {
        const std::int64_t one = LayerNumbers(network_, network_.layers.size() - 1).one;
        std::vector<std::int32_t> deltas = step.errors;
        for (std::size_t i = 0; i < deltas.size(); ++i) {
            if (step.sums[i] < 0 || step.sums[i] > one) deltas[i] = 0;
        }
        return deltas;
    }

    // At the places of the sums (H8).
    std::vector<std::int32_t> deltas_of(std::size_t l) const {
        const LayerStep& step = trace_.layers[l];
        if (l + 1 == network_.layers.size()) return deltas_of_output(step);
        const TrainingLayer& own = layer(l);
        const int map = own.sums.rows * own.sums.columns;
        std::vector<std::int32_t> deltas(step.sums.size(), 0);
        const std::int64_t* sums = step.sums.data();
        std::int32_t* to = deltas.data();
        const std::int32_t* e = step.errors.data();
        for (std::size_t m = 0; m < images_ * static_cast<std::size_t>(own.sums.channels);
             ++m, sums += map, to += map) {
            for (int y = 0; y < own.output.rows; ++y) {
                for (int x = 0; x < own.output.columns; ++x, ++e) {
                    const int at = first_maximum(own, sums, y, x);
                    if (sums[at] > 0) to[at] = *e;
                }
            }
        }
        return deltas;
    }

    // H9, then the mask and H6 of H8.
    void errors_in_front(std::size_t l, const std::vector<std::int32_t>& deltas) {
        const TrainingLayer& front = layer(l - 1);
        std::vector<std::int64_t> d(count(front.output));
        const LayerNumbers numbers(network_, l);
        if (!nan_) {
            const std::vector<std::int32_t> q = weight_words(network_, state_, l);
            Accumulator sum(layer(l).error);
            const std::size_t sums = static_cast<std::size_t>(layer(l).sums.elements());
            const std::size_t outs = static_cast<std::size_t>(front.output.elements());
            for (std::size_t n = 0; n < images_; ++n)
                errors_back(layer(l), deltas.data() + n * sums, q.data(), sum, d.data() + n * outs);
            trace_.layers[l - 1].error_overflows = summary_.layers[l - 1].error_overflows = sum.overflows();
            mask(l - 1, d);
        }
        quantise(l - 1, d, numbers.fd);
        if (nan_) trace_.layers[l - 1].error_overflows = summary_.layers[l - 1].error_overflows = 0;  // H11
    }

    void mask(std::size_t l, std::vector<std::int64_t>& d) const {
        const TrainingLayer& own = layer(l);
        const std::int64_t clip = LayerNumbers(network_, l).clip;
        const int map = own.sums.rows * own.sums.columns;
        const std::int64_t* sums = trace_.layers[l].sums.data();
        std::int64_t* to = d.data();
        for (std::size_t m = 0; m < images_ * static_cast<std::size_t>(own.sums.channels); ++m, sums += map) {
            for (int y = 0; y < own.output.rows; ++y) {
                for (int x = 0; x < own.output.columns; ++x, ++to) {
                    if (sums[first_maximum(own, sums, y, x)] > clip) *to = 0;
                }
            }
        }
    }

    // g of H10.
    void gradients(std::size_t l, const std::vector<std::int32_t>& deltas) {
        const TrainingLayer& own = layer(l);
        LayerStep& step = trace_.layers[l];
        step.gradients.assign(static_cast<std::size_t>(own.weight_count()), 0);
        step.nan_gradients = nan_;
        if (nan_) return;
        const std::vector<std::int32_t>& a = l == 0 ? trace_.input : trace_.layers[l - 1].activations;
        Accumulator sum(own.gradient);
        gradients_of(own, a.data(), deltas.data(), images_, sum, step.gradients.data());
        step.gradient_overflows = summary_.layers[l].gradient_overflows = sum.overflows();
        step.gradient_exponent = summary_.layers[l].gradient_exponent =
            scale_of(largest(step.gradients), LayerNumbers(network_, l).fg);
        if (!step.gradient_exponent) {
            summary_.zero_tensors.push_back({.layer = l, .gradient = true});
            step.nan_gradients = network_.zero_scale == ZeroScale::Nan;
            if (step.nan_gradients) step.gradient_overflows = summary_.layers[l].gradient_overflows = 0;  // H11
        }
    }

    void update(std::size_t l) {
        LayerStep& step = trace_.layers[l];
        std::vector<std::int32_t>& weights = state_.weights[l];
        step.weights_before = weights;
        step.lfsr_before = state_.lfsr[l];
        std::vector<std::uint16_t> draws(weights.size());
        if (input_.draws != nullptr) {
            const std::vector<std::int32_t>& given = (*input_.draws)[l];
            std::transform(given.begin(), given.end(), draws.begin(),
                           [](std::int32_t k) { return static_cast<std::uint16_t>(k); });
        } else {
            state_.lfsr[l] =
                Draws(network_.randomizer, network_.bits.randomizer, weights.size()).draw(state_.lfsr[l], draws);
        }
        step.lfsr_after = state_.lfsr[l];
        step.draws.assign(draws.begin(), draws.end());
        step.scaled.assign(weights.size(), 0);
        step.steps.assign(weights.size(), 0);
        update_layer(network_, l, input_.rate, step.gradient_exponent, step.gradients, draws, weights,
                     summary_.layers[l], step.scaled, step.steps);
        if (step.nan_gradients) state_.nan[l] = true;
        step.weights_after = weights;
        step.saturated_weights = summary_.layers[l].saturated_weights;
        summary_.layers[l].forward_overflows = step.forward_overflows;
    }

    const TrainingNetwork& network_;
    TrainingState& state_;
    const StepInput& input_;
    StepTrace& trace_;
    std::size_t images_;
    bool nan_ = false;  // of the errors so far
    StepSummary summary_;
};

}  // namespace

StepSummary general_step(const TrainingNetwork& network, TrainingState& state, const StepInput& input,
                         StepTrace& trace) {
    return GeneralStep(network, state, input, trace).run();
}

Trainer::Score general_score(const TrainingNetwork& network, const TrainingState& state,
                             std::span<const std::uint8_t> pixels, std::span<const std::uint8_t> labels) {
    StepTrace trace;
    general_forward(network, state, pixels, labels, trace);
    return {.correct = static_cast<std::uint64_t>(trace.correct), .loss_raw = trace.loss_raw, .nan = trace.nan_loss};
}

}  // namespace bittrue::emulator::training
