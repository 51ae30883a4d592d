// From gradients to weights, and what a step shows: H10, H12, H14.
#include "training/general_forward.hpp"
#include "training/lanes.hpp"
#include "training/update.hpp"

namespace bittrue::emulator::training {

// The digits of a layer's gradients as one number each.
void Lanes::widen(std::size_t l) {
    LayerRoom& room = layers_[l];
    const auto count = static_cast<std::size_t>(layer(l).weight_count());
    room.wide_g.assign(count, 0);
    room.most_g = 0;
    Accumulator sum(layer(l).gradient);  // H15; where it saturates it is wide enough
    for (std::size_t i = 0; i < count; ++i) {
        std::int64_t g = 0;
        for (int t = digits_; t-- > 0;)
            g = g * 256 + *room.g[static_cast<std::size_t>(t)].at(static_cast<std::int64_t>(i));
        sum.start();
        sum.add(g);
        g = sum.finish();
        room.wide_g[i] = g;
        room.most_g = std::max(room.most_g, static_cast<std::uint64_t>(g < 0 ? -g : g));
    }
    room.gradient_overflows += sum.overflows();
}

std::optional<Update> Lanes::narrow_update(std::size_t l, LearningRate rate, int exponent) const {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 30U;
    if (digits_ > 1 || batch_.trace != nullptr) return std::nullopt;
    const std::uint64_t most_g = layers_[l].most_g, most = most_g * static_cast<unsigned>(rate.raw);
    const int shift = gradient_shift(network_, l, rate, exponent);
    if (most_g >= kMost || most >= kMost || shift >= 30 || shift <= -30) return std::nullopt;
    if (shift < 0 && most << static_cast<unsigned>(-shift) >= kMost) return std::nullopt;
    Update how;
    how.rate = rate.raw;
    how.shift = shift;
    how.gradient_bits = network_.bits.gradients;
    how.weight_bits = network_.bits.weights;
    how.random_bits = network_.bits.randomizer;
    how.store = network_.store;
    return how;
}

void Lanes::update_wide(TrainingState& state, std::size_t l, LearningRate rate, StepSummary::Layer& summary) {
    LayerRoom& room = layers_[l];
    if (digits_ == 1) widen(l);
    LayerStep* const step = batch_.trace == nullptr ? nullptr : &batch_.trace->layers[l];
    update_layer(network_, l, rate, summary.gradient_exponent, room.wide_g, room.draws, state.weights[l], summary,
                 step == nullptr ? std::span<std::int64_t>{} : step->scaled,
                 step == nullptr ? std::span<std::int32_t>{} : step->steps);
}

void Lanes::update(TrainingState& state, LearningRate rate, StepSummary& summary) {
    std::vector<std::optional<Update>> updates(layers_.size());
    for (std::size_t l = 0; l < layers_.size(); ++l) {
        StepSummary::Layer& own = summary.layers[l];
        if (l < nan_layers_ || (!own.gradient_exponent && network_.zero_scale == ZeroScale::Nan)) state.nan[l] = true;
        if (l < nan_layers_ || !own.gradient_exponent) continue;
        updates[l] = narrow_update(l, rate, *own.gradient_exponent);
        if (!updates[l]) update_wide(state, l, rate, own);
    }
    const auto at = [&](std::size_t part, std::size_t l) { return part * layers_.size() + l; };
    std::vector<Update> shares(team_.size() * layers_.size());
    team_.run([&](std::size_t part) {
        for (std::size_t l = 0; l < layers_.size(); ++l) {
            if (!updates[l]) continue;
            const Share share(state.weights[l].size(), part, team_.size());
            Update own = *updates[l];
            own.g = layers_[l].g[0].at(share.begin);
            own.draws = layers_[l].draws.data() + share.begin;
            own.weights = state.weights[l].data() + share.begin;
            own.count = share.end - share.begin;
            kernels_.update(own);
            shares[at(part, l)] = own;
        }
    });
    for (std::size_t part = 0; part < team_.size(); ++part) {
        for (std::size_t l = 0; l < layers_.size(); ++l) {
            summary.layers[l].saturated_weights += shares[at(part, l)].saturated;
            summary.layers[l].changed_words += shares[at(part, l)].changed;
        }
    }
}

}  // namespace bittrue::emulator::training
