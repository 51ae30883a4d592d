// The tensors of a vector set of training by step, layer and kind, and what each is computed from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/verify/training_diagnosis.hpp"

namespace bittrue::training_detail {

using Words = std::vector<std::int64_t>;

// How a tensor comes about.
enum class Origin : std::uint8_t {
    Outside,   // pixels, labels, what the first step starts from
    Carried,   // the same words as the step in front left
    Computed,  // by a rule
};

struct StepPlace {
    std::uint64_t step = 0;
    std::optional<std::uint64_t> before{};  // the step in front of it in the set
    std::size_t layer = 0;                  // of Input 0, of Loss the last
    Origin origin{};
    StepTensor tensor{};  // where computed
    std::string name{};   // "step0.qfc.errors"
    std::string kind{};   // "errors"
    std::vector<std::string> reads{};
};

// Places of all tensors that steps of these numbers have, in the order in which they are computed.
[[nodiscard]] std::vector<StepPlace> step_places(const TrainingNetwork& network,
                                                 const std::vector<std::uint64_t>& steps);
// Numbers of the steps of which the set has a tensor, ascending.
[[nodiscard]] std::vector<std::uint64_t> steps_in(const VectorSet& set);
[[nodiscard]] std::string step_prefix(std::uint64_t step);

// One side's words, by name.
class StepWords {
public:
    void set(const std::string& name, Words words) { words_[name] = std::move(words); }
    [[nodiscard]] const Words* find(const std::string& name) const {
        const auto at = words_.find(name);
        return at == words_.end() ? nullptr : &at->second;
    }

private:
    std::map<std::string, Words> words_{};
};

// What tensors of the dump were computed from: its own words where it has them, else what follows from these.
class StepReader {
public:
    StepReader(const TrainingSetup& setup, const std::vector<StepPlace>& places, const StepWords& expected,
               const StepWords& dumped, const TrainingDatapath& datapath);

    [[nodiscard]] const TrainingNetwork& network() const { return setup_.network; }
    [[nodiscard]] const TrainingDatapath& datapath() const { return datapath_; }
    // nullptr: neither side has it, and it does not follow.
    [[nodiscard]] const Words* words(const std::string& name);
    // What the tensor is computed from; empty, with the reason, where some of it is not known.
    [[nodiscard]] std::optional<StepSources> sources(const StepPlace& place, std::string& why);
    [[nodiscard]] const StepWords& expected() const { return expected_; }
    [[nodiscard]] const StepWords& dumped() const { return dumped_; }
    [[nodiscard]] const StepPlace* place(const std::string& name) const;
    // Of another tensor of the same step: `layer` relative to the place's.
    [[nodiscard]] const Words* near(const StepPlace& place, int layer, const std::string& kind);
    [[nodiscard]] const Words* near(const StepPlace& place, std::uint64_t step, int layer, const std::string& kind);
    void set_rate(std::uint64_t step, LearningRate rate) { rates_[step] = rate; }
    [[nodiscard]] LearningRate rate(std::uint64_t step) const;

private:
    const TrainingSetup& setup_;
    const StepWords& expected_;
    const StepWords& dumped_;
    const TrainingDatapath& datapath_;
    std::map<std::string, const StepPlace*> places_{};
    std::map<std::string, std::optional<Words>> followed_{};
    std::map<std::uint64_t, LearningRate> rates_{};
};

}  // namespace bittrue::training_detail
