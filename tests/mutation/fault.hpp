// What the suite knows of a fault: how it is made, and what a diagnosis of it must name.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bittrue/verify/diagnose.hpp"
#include "dump.hpp"
#include "integer_mac.hpp"

namespace bittrue::mutation {

// A cause that a diagnosis must name. Where one fault has two names that mean the same change, both are accepted.
struct Truth {
    std::vector<Cause> causes{};
    std::vector<std::string> nodes{};     // of which the change may speak
    std::vector<std::string> mentions{};  // texts that its clause, setting or sides must hold ("WRAP", "channel 3")
};

// Changes the words of some images, each in storage order.
using ImageWords = std::vector<std::int64_t>;
using Rewrite = std::function<void(std::vector<ImageWords>& images, const Shape& shape)>;
[[nodiscard]] TensorWords rewritten(TensorWords tensor, const Rewrite& rewrite);

// One row of the suite's table.
struct Fault {
    std::string name{};
    std::string stand{};
    std::vector<Truth> truths{};  // one, or two of a double fault
    FaultyLayers layers{};
    std::map<std::string, Rewrite> dumped{};  // words that are right in the design and put down otherwise
    std::set<std::string> absent{};           // layers that the dump lacks
    std::vector<std::string> judged{};        // layer by truth: whose diagnosis must name it; default: its first node
    std::vector<FaultyLayers> halves{};       // of a double fault in one layer: either cause alone
    std::optional<FindingKind> finding{};     // that diff may give instead: the words stand elsewhere

    [[nodiscard]] bool is_double() const { return truths.size() == 2; }
};

// Stands by name, made once.
[[nodiscard]] const Stand& stand_of(const std::string& name);
[[nodiscard]] const std::vector<std::string>& stand_names();

// Stages.
// The right engine on a node with other settings. The result's first rows and columns are kept where it grows.
[[nodiscard]] Stage edited(std::function<void(Node&)> edit);
// The right layer on words that were read otherwise.
[[nodiscard]] Stage reads(Rewrite rewrite);
[[nodiscard]] Stage reads_as(const FixedType& type);  // the same patterns
// The right words, put down otherwise.
[[nodiscard]] Stage writes(Rewrite rewrite);
// The integer model with a fault in its sums, on a node with other settings if `edit` is given.
[[nodiscard]] Stage summed(MacPlaces places, std::function<void(Node&)> edit = {});

// Access to a node's parts.
[[nodiscard]] AccumulatorSpec& accumulator(Node& node);
[[nodiscard]] Parameter& weights(Node& node);
[[nodiscard]] std::optional<Parameter>& bias(Node& node);
// Its real numbers replaced by the words that they become, so that these can be changed.
void hold_words(Parameter& parameter);

[[nodiscard]] Truth truth(Cause cause, const std::string& node, std::vector<std::string> mentions = {});
[[nodiscard]] Truth truth(std::vector<Cause> causes, std::vector<std::string> nodes,
                          std::vector<std::string> mentions = {});

// One faulty layer that computes by `stage`.
[[nodiscard]] Fault fault(const std::string& name, const std::string& stand, const std::string& layer, Stage stage,
                          Truth truth);

// The suite, by area.
[[nodiscard]] std::vector<Fault> cast_faults();
[[nodiscard]] std::vector<Fault> accumulator_faults();
[[nodiscard]] std::vector<Fault> bias_faults();
[[nodiscard]] std::vector<Fault> order_faults();
[[nodiscard]] std::vector<Fault> window_faults();
[[nodiscard]] std::vector<Fault> activation_faults();
[[nodiscard]] std::vector<Fault> table_faults();
[[nodiscard]] std::vector<Fault> hardware_faults();
[[nodiscard]] std::vector<Fault> double_faults();
[[nodiscard]] std::vector<Fault> all_faults();

}  // namespace bittrue::mutation
