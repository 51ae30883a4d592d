#include <algorithm>

#include <fmt/format.h>

#include "bittrue/emulator/training.hpp"
#include "bittrue/model/error.hpp"
#include "training/general.hpp"
#include "training/general_forward.hpp"
#include "training/lanes.hpp"

namespace bittrue::emulator {

struct Trainer::Impl {
    Impl(const TrainingNetwork& trained, unsigned asked, Isa with) : network(trained), threads(asked), isa(with) {}

    void check(const TrainingState& state, std::span<const std::uint8_t> pixels,
               std::span<const std::uint8_t> labels) const {
        if (labels.empty()) throw InputError("the batch", "it has no image; give at least one");
        const std::size_t elements = static_cast<std::size_t>(network.input.elements());
        if (pixels.size() != labels.size() * elements)
            throw InputError("the batch",
                             fmt::format("{} pixels are not {} images of {}; give as many labels as images",
                                         pixels.size(), labels.size(), elements));
        const std::uint8_t most = *std::max_element(labels.begin(), labels.end());
        if (most >= network.classes())
            throw InputError("the batch", fmt::format("label {} is beyond the {} outputs of the last layer", most,
                                                      network.classes()));
        bool fits = state.weights.size() == network.layers.size() && state.lfsr.size() == network.layers.size() &&
                    state.nan.size() == network.layers.size();
        for (std::size_t l = 0; fits && l < network.layers.size(); ++l)
            fits = state.weights[l].size() == static_cast<std::size_t>(network.layers[l].weight_count());
        if (!fits) throw InputError("the weights", "they are not those of this network");
    }

    void check(LearningRate rate, const std::vector<std::vector<std::int32_t>>* draws) const {
        if (rate.raw < 1 || rate.raw > 65535 || rate.frac < 0 || rate.frac > 15)
            throw InputError("the learning rate", fmt::format("{} * 2^-{} must have a word of 1 to 65535 and 0 to 15 "
                                                              "fraction bits",
                                                              rate.raw, rate.frac));
        if (draws == nullptr) return;
        bool fits = draws->size() == network.layers.size();
        for (std::size_t l = 0; fits && l < network.layers.size(); ++l) {
            const std::vector<std::int32_t>& own = (*draws)[l];
            fits = own.size() == static_cast<std::size_t>(network.layers[l].weight_count()) &&
                   std::all_of(own.begin(), own.end(),
                               [&](std::int32_t k) { return k >= 0 && k >> network.bits.randomizer == 0; });
        }
        if (!fits)
            throw InputError("the draws", fmt::format("every weight needs one, of {} bits", network.bits.randomizer));
    }

    // The fast engine where its bounds hold for so many images.
    training::Lanes* lanes_for(std::size_t images) {
        if (!training::lanes_fit(network, images)) return nullptr;
        if (!lanes) lanes = std::make_unique<training::Lanes>(network, threads, isa);
        return lanes.get();
    }

    TrainingNetwork network;
    unsigned threads;
    Isa isa;
    StepTrace unseen{};
    std::unique_ptr<training::Lanes> lanes{};
};

Trainer::Trainer(const TrainingNetwork& network, unsigned threads, std::optional<Isa> isa) {
    validate(network, network.name);
    impl_ = std::make_unique<Impl>(network, threads, isa.value_or(best_isa()));
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

StepSummary Trainer::step(TrainingState& state, std::span<const std::uint8_t> pixels,
                          std::span<const std::uint8_t> labels, LearningRate rate, StepTrace* trace,
                          const std::vector<std::vector<std::int32_t>>* draws) {
    impl_->check(state, pixels, labels);
    impl_->check(rate, draws);
    const training::StepInput input{.pixels = pixels, .labels = labels, .rate = rate, .draws = draws};
    const bool shows_nan = trace != nullptr && training::first_nan(state) < impl_->network.layers.size();
    if (training::Lanes* const lanes = impl_->lanes_for(labels.size()); lanes != nullptr && !shows_nan)
        return lanes->step(state, input, trace);
    return training::general_step(impl_->network, state, input, trace != nullptr ? *trace : impl_->unseen);
}

Trainer::Score Trainer::evaluate(const TrainingState& state, std::span<const std::uint8_t> pixels,
                                 std::span<const std::uint8_t> labels) {
    impl_->check(state, pixels, labels);
    if (training::Lanes* const lanes = impl_->lanes_for(1); lanes != nullptr)
        return lanes->score(state, pixels, labels);
    return training::general_score(impl_->network, state, pixels, labels);
}

}  // namespace bittrue::emulator
