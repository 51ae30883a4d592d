#include "bittrue/vectors/training_vectors.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "training/layer_index.hpp"
#include "training/step_tensors.hpp"

namespace bittrue {

namespace training {

std::size_t layer_index(const TrainingNetwork& network, const std::string& layer) {
    std::string names;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
        if (network.layers[l].name == layer) return l;
        names += (l == 0 ? "'" : ", '") + network.layers[l].name + "'";
    }
    throw InputError("--layer", fmt::format("there is no layer '{}' with weights; those are {}", layer, names));
}

namespace {

// What a design of the layer reads and computes, without the step: its own tensors; what comes from the layers around
// it; the errors that it sends to the layer in front, which that layer's sums mask.
std::set<std::string> tensors_around(const TrainingNetwork& network, std::size_t l) {
    std::set<std::string> names;
    const auto add = [&](std::size_t layer, std::initializer_list<const char*> tensors) {
        for (const char* tensor : tensors) names.insert(network.layers[layer].name + "." + tensor);
    };
    add(l, {"weights_before", "sums", "activations", "error_exponent", "errors", "deltas", "gradients",
            "gradient_exponent", "scaled", "lfsr_before", "draws", "lfsr_after", "steps", "weights_after"});
    if (l == 0) {
        names.insert({"pixels", "input"});
    } else {
        add(l - 1, {"sums", "activations", "error_exponent", "errors"});
    }
    if (l + 1 < network.layers.size()) {
        add(l + 1, {"deltas", "weights_before"});
    } else {
        names.insert("labels");
    }
    return names;
}

void keep(std::vector<VectorLayer>& tensors, const std::set<std::string>& names, const std::string& prefix) {
    std::erase_if(tensors, [&](const VectorLayer& t) { return !names.contains(t.name.substr(prefix.size())); });
}

void check_widths(const VectorSet& set) {
    for (const VectorLayer& t : set.layers) {
        if (t.type->format.width <= kMaxStoredWidth) continue;
        throw InputError(t.name, fmt::format("its words may need {} bits, more than {}; take a smaller batch, or give "
                                             "the layer an accumulator",
                                             t.type->format.width, kMaxStoredWidth));
    }
}

// A tensor that is not in the set is nobody's input.
void forget_absent_inputs(VectorSet& set) {
    std::set<std::string> names;
    for (const VectorLayer& t : set.layers) names.insert(t.name);
    for (VectorLayer& t : set.layers)
        std::erase_if(t.inputs, [&](const std::string& from) { return !names.contains(from); });
}

}  // namespace
}  // namespace training

VectorSet training_vectors(const TrainingNetwork& network, const std::vector<TrainedStep>& steps,
                           const std::string& layer) {
    const training::TensorTypes types(network, steps);
    std::set<std::string> wanted;
    if (!layer.empty()) wanted = training::tensors_around(network, training::layer_index(network, layer));
    VectorSet set;
    set.network = network.name;
    std::optional<std::uint64_t> before;
    for (const TrainedStep& step : steps) {
        std::vector<VectorLayer> tensors = training::step_tensors(network, types, step, before);
        if (!layer.empty()) training::keep(tensors, wanted, training::step_prefix(step.number));
        std::move(tensors.begin(), tensors.end(), std::back_inserter(set.layers));
        before = step.number;
    }
    training::forget_absent_inputs(set);
    training::check_widths(set);
    return set;
}

}  // namespace bittrue
