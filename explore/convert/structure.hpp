// Which tensors of a model need a converter behind them, and how its layers hang together.
#pragma once

#include "bittrue/explore/convert.hpp"

namespace bittrue::explore {

// Tensors are numbered: 0 is the network's input, i + 1 the result of layer i.
struct Structure {
    std::vector<std::vector<int>> inputs{};   // of each layer: tensors
    std::vector<std::vector<int>> readers{};  // of each tensor: layers
    std::vector<Role> roles{};                // of each layer
    int output = 0;                           // tensor
    int scored = 0;  // tensor whose numbers are compared: the output, or what its softmax reads
    bool ends_in_softmax = false;
};

// InputError: a layer that has no fixed-point form, by name.
[[nodiscard]] Structure structure_of(const FloatModel& model);

// A layer with weights that are multiplied and summed: dense or conv2d.
[[nodiscard]] bool multiplies_weights(const Operation& op);
// The weights and the bias of a dense, conv2d or affine layer (scale and bias); null for all others.
[[nodiscard]] const Parameter* weights_of(const Operation& op);
[[nodiscard]] Parameter* weights_of(Operation& op);
[[nodiscard]] const std::optional<Parameter>* bias_of(const Operation& op);
[[nodiscard]] std::optional<Parameter>* bias_of(Operation& op);

}  // namespace bittrue::explore
