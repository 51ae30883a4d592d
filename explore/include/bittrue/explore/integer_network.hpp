// A model that was trained with quantisers as the network of integers that it is: no step of it rounds anew.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/model/network_save.hpp"

namespace bittrue::explore {

struct IntegerNetworkOptions {
    // Words of the input. Where it has no fraction bits and `divide` is not 1 they are the stored pixels themselves and
    // the division belongs to the model; else they are the cast of the values (I2).
    FixedType input{};
    double divide = 1;
    bool float32 = true;
};

struct IntegerNetwork {
    Graph graph{};
    // The model's output is scale * (value of the word) + offset: one number, or one per channel.
    std::vector<double> scale{1}, offset{0};
    std::vector<NetworkComment> comments{};  // above the layers that the model does not have in this form
    std::vector<std::string> notes{};        // what was left out, in words
};

// Weights become the integers of their steps, sums keep all bits, and scales, biases, batch normalisations and
// activations move on until a quantiser. Where its scale is a power of two and nothing moved into it, it stays the cast
// that it is (L1); else it becomes thresholds (L23) of the integer sums, found for every channel in exact rational
// arithmetic. Numbers of the model are its doubles, taken as exact. A last softmax or sigmoid is left out, because
// neither has exact words.
//
// InputError names the layer: weights without a common step, sums that go on without a quantiser behind a function that
// has no integers, more than 4096 levels, words beyond 62 bits.
[[nodiscard]] IntegerNetwork integer_network(const FloatModel& model, const IntegerNetworkOptions& options);

}  // namespace bittrue::explore
