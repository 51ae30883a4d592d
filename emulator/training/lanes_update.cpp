// From gradients to weights, and what a step shows: H10, H12, H14.
#include "training/lanes.hpp"
#include "training/update.hpp"

namespace bittrue::emulator::training {

// The digits of a layer's gradients as one number each.
void Lanes::widen(std::size_t l) {
    LayerRoom& room = layers_[l];
    const auto count = static_cast<std::size_t>(layer(l).weight_count());
    room.wide_g.assign(count, 0);
    room.most_g = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::int64_t g = 0;
        for (int t = digits_; t-- > 0;)
            g = g * 256 + *room.g[static_cast<std::size_t>(t)].at(static_cast<std::int64_t>(i));
        room.wide_g[i] = g;
        room.most_g = std::max(room.most_g, static_cast<std::uint64_t>(g < 0 ? -g : g));
    }
}

void Lanes::update_fast(TrainingState& state, std::size_t l, Update how, StepSummary::Layer& summary) {
    const LayerRoom& room = layers_[l];
    team_.run([&](std::size_t part) {
        const Share share(state.weights[l].size(), part, team_.size());
        Update own = how;
        own.g = room.g[0].at(share.begin);
        own.draws = room.draws.data() + share.begin;
        own.weights = state.weights[l].data() + share.begin;
        own.count = share.end - share.begin;
        kernels_.update(own);
        parts_[part].saturated = own.saturated;
        parts_[part].changed = own.changed;
    });
    for (const PartRoom& part : parts_) {
        summary.saturated_weights += part.saturated;
        summary.changed_words += part.changed;
    }
}

void Lanes::update(TrainingState& state, LearningRate rate, StepSummary& summary) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 30U;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        LayerRoom& room = layers_[l];
        StepSummary::Layer& own = summary.layers[l];
        if (l < nan_layers_ || (!own.gradient_exponent && network_.zero_scale == ZeroScale::Nan)) state.nan[l] = true;
        if (l < nan_layers_ || !own.gradient_exponent) continue;
        const int shift = gradient_shift(network_, l, rate, *own.gradient_exponent);
        const std::uint64_t most = room.most_g * static_cast<unsigned>(rate.raw);
        const bool narrow = digits_ == 1 && batch_.trace == nullptr && room.most_g < kMost && most < kMost &&
                            shift < 30 && shift > -30 && (shift >= 0 || most << static_cast<unsigned>(-shift) < kMost);
        if (narrow) {
            Update how;
            how.rate = rate.raw;
            how.shift = shift;
            how.gradient_bits = network_.bits.gradients;
            how.weight_bits = network_.bits.weights;
            how.random_bits = network_.bits.randomizer;
            how.store = network_.store;
            update_fast(state, l, how, own);
            continue;
        }
        if (digits_ == 1) widen(l);
        LayerStep* const step = batch_.trace == nullptr ? nullptr : &batch_.trace->layers[l];
        update_layer(network_, l, rate, own.gradient_exponent, room.wide_g, room.draws, state.weights[l], own,
                     step == nullptr ? std::span<std::int64_t>{} : step->scaled,
                     step == nullptr ? std::span<std::int32_t>{} : step->steps);
    }
}

}  // namespace bittrue::emulator::training
