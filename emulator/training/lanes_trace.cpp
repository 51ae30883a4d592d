// The tensors of a step out of the lanes.
#include "training/lanes.hpp"

namespace bittrue::emulator::training {

namespace {

// [element][image] of each block into [image][element].
template <class From, class To, class Place>
void unlane(const From* from, int elements, int planes_of_block, std::size_t images, std::vector<To>& to, Place place) {
    to.resize(images * static_cast<std::size_t>(elements));
    for (std::size_t n = 0; n < images; ++n) {
        const auto lane = static_cast<int>(n % kImages);
        const From* const block = from + static_cast<std::int64_t>(n / kImages) * planes_of_block * kImages;
        for (int e = 0; e < elements; ++e)
            to[n * static_cast<std::size_t>(elements) + static_cast<std::size_t>(e)] =
                static_cast<To>(block[std::int64_t{e} * kImages + place(lane)]);
    }
}

int same(int lane) {
    return lane;
}

}  // namespace

void Lanes::begin_trace(const TrainingState& state, StepTrace& trace) const {
    trace = {};
    trace.layers.resize(layers_.size());
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        LayerStep& step = trace.layers[l];
        step.weights_before = state.weights[l];
        step.lfsr_before = state.lfsr[l];
        step.gradients.assign(state.weights[l].size(), 0);
        step.scaled.assign(state.weights[l].size(), 0);
        step.steps.assign(state.weights[l].size(), 0);
    }
}

void Lanes::end_trace(const TrainingState& state, StepTrace& trace, const StepSummary& summary) const {
    const std::size_t images = batch_.labels.size();
    trace.loss_raw = summary.loss_raw;
    trace.correct = summary.correct;
    unlane(layers_[0].input.at(0), network_.input.elements(), network_.input.elements() + 1, images, trace.input,
           slot_of);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        const LayerRoom& room = layers_[l];
        const int sums = layer(l).sums.elements(), outs = layer(l).output.elements();
        LayerStep& step = trace.layers[l];
        unlane(room.sums.at(0), sums, sums, images, step.sums, same);
        if (is_last(l)) {
            for (const std::int64_t x : step.sums)
                step.activations.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(x, 0, room.numbers.one)));
        } else {
            unlane(layers_[l + 1].input.at(0), outs, outs + 1, images, step.activations, slot_of);
        }
        const StepSummary::Layer& own = summary.layers[l];
        step.nan_errors = l < nan_layers_;
        if (step.nan_errors) {
            step.errors.assign(images * static_cast<std::size_t>(outs), 0);
        } else {
            unlane(room.errors.at(0), outs, outs, images, step.errors, same);
        }
        step.nan_gradients = step.nan_errors || (!own.gradient_exponent && network_.zero_scale == ZeroScale::Nan);
        if (own.gradient_exponent) step.gradients = room.wide_g;
        step.error_exponent = own.error_exponent;
        step.gradient_exponent = own.gradient_exponent;
        step.draws.assign(room.draws.begin(), room.draws.end());
        step.weights_after = state.weights[l];
        step.lfsr_after = state.lfsr[l];
        step.saturated_weights = own.saturated_weights;
        step.forward_overflows = own.forward_overflows;
        step.error_overflows = own.error_overflows;
        step.gradient_overflows = own.gradient_overflows;
    }
}

}  // namespace bittrue::emulator::training
