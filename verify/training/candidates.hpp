// What may be wrong with a tensor of a training step: changes of a rule, of the network, or of the words that it reads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "training/step_set.hpp"

namespace bittrue::training_detail {

// A computation of the tensor that differs from the rule's. Changes are applied one after the other to the same one.
struct StepVariant {
    TrainingNetwork network{};
    StepSources from{};
    StepRules rules{};
    std::vector<std::function<void(Words&)>> after{};
};

struct StepCandidate {
    Change change{};
    double bits = 4;  // that it takes to say which of the changes of its cause it is
    // Two of the same slot never form a pair.
    std::string slot{};
    // Wrong words that it must give: a change that looks at no rule could give any one word.
    std::int64_t least = 1;
    // False: it does not apply to this place (there is no step in front, the weights are not square).
    std::function<bool(StepVariant&, const StepPlace&, StepReader&)> apply{};
};

// Collects candidates for the tensors of one layer and kind.
class StepCandidates {
public:
    // `format`: of the tensor's words.
    StepCandidates(const TrainingNetwork& network, const StepPlace& place, Format format)
        : network_(network), place_(place), format_(format) {}

    [[nodiscard]] std::vector<StepCandidate> all() &&;

private:
    using Apply = std::function<bool(StepVariant&, const StepPlace&, StepReader&)>;

    void add(Cause cause, const std::string& expected, const std::string& found, const std::string& text, double bits,
             const std::string& slot, Apply apply);
    void rule(Cause cause, const std::string& expected, const std::string& found, const std::string& text,
              const std::string& slot, std::function<void(StepRules&)> change, double bits = 4);
    void after(Cause cause, const std::string& found, const std::string& text, const std::string& slot,
               std::function<void(Words&)> change, double bits = 6);

    // candidates_common.cpp
    void roundings(const std::string& what);
    void weights(bool behind);  // the layer's own, or those that errors go back through
    void accumulator(const std::string& what, TrainingAccumulator TrainingLayer::*which, std::size_t layer);
    void other_images(const std::string& what, Words StepSources::*which);
    void any_tensor();
    // candidates_forward.cpp
    void input();
    void sums();
    void activations();
    void loss();
    // candidates_errors.cpp
    void scale();
    void error_numbers();
    void errors();
    void deltas();
    // candidates_update.cpp
    void gradients();
    void scaled();
    void randomizer();
    void draws();
    void steps();
    void weights_after();

    [[nodiscard]] const TrainingLayer& layer() const { return network_.layers[place_.layer]; }
    [[nodiscard]] bool is_last() const { return place_.layer + 1 == network_.layers.size(); }

    const TrainingNetwork& network_;
    const StepPlace& place_;
    Format format_;
    std::vector<StepCandidate> out_{};
};

}  // namespace bittrue::training_detail
