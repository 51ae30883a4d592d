#include "training_diagnosis.hpp"

#include <fmt/format.h>

#include "bittrue/explore/train.hpp"
#include "bittrue/explore/train_network.hpp"
#include "bittrue/model/error.hpp"
#include "train_settings.hpp"
#include "training_datapath.hpp"

namespace bittrue::cli {

namespace {

// "1/2/8/8/8" of "digits:100, seed 1, batch 4, schedule 0:1, bits 1/2/8/8/8"; empty: not said.
std::string said(const std::string& input, const std::string& word, const std::string& next) {
    const std::string start = ", " + word + " ";
    const std::size_t at = input.rfind(start);
    if (at == std::string::npos) return {};
    const std::size_t from = at + start.size();
    const std::size_t end = next.empty() ? std::string::npos : input.find(", " + next, from);
    return input.substr(from, end == std::string::npos ? std::string::npos : end - from);
}

// Those of the schedule, then every other that the word can hold.
std::vector<LearningRate> rates_of(const VectorSet& expected, const TrainingSettings& settings) {
    std::vector<LearningRate> rates;
    const std::string schedule = said(expected.input, "schedule", "bits");
    if (!schedule.empty()) {
        for (const auto& change : explore::parse_schedule(schedule, settings.rate_width, settings.rate_frac))
            rates.push_back(change.rate);
    }
    constexpr int kFew = 10;  // bits; each rate is tried
    if (settings.rate_width > kFew) return rates;
    for (int raw = 1; raw < 1 << settings.rate_width; ++raw) rates.push_back({.raw = raw, .frac = settings.rate_frac});
    return rates;
}

}  // namespace

TrainingSetup training_setup(const Graph& graph, const VectorSet& expected, const std::string& network) {
    TrainingSettings settings = training_settings(graph, said(expected.input, "bits", ""), "", "");
    const std::vector<LearningRate> rates = rates_of(expected, settings);
    const auto datapath = make_training_datapath();
    const TrainingSettings as_said = settings;
    std::string strange;
    for (const WeightStore store : {as_said.store, WeightStore::Saturate, WeightStore::Wrap, WeightStore::Unbounded}) {
        for (const ZeroScale zeros : {as_said.zero_scale, ZeroScale::Hold, ZeroScale::Nan}) {
            settings.store = store;
            settings.zero_scale = zeros;
            TrainingSetup setup{.network = explore::trainable_network(graph, settings, network).network,
                                .rates = rates};
            const std::string found = strange_tensor(setup, expected, *datapath);
            if (found.empty()) return setup;
            if (strange.empty()) strange = found;
        }
    }
    throw InputError(expected.source,
                     fmt::format("'{}' is not what {} computes from the set's own words: give the network file that "
                                 "train-vectors made the set from",
                                 strange, network));
}

}  // namespace bittrue::cli
