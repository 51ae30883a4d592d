// A Keras configuration and the arrays of its weights file as a chain of operations.
#pragma once

#include <functional>

#include "import/keras_layers.hpp"

namespace bittrue::detail {

// Finds the arrays of a layer, however the file names them; InputError when it lacks some.
using FindArrays = std::function<LayerArrays(const KerasLayer&)>;

// Fills the layers, the input, the output and the notes of `model`, whose arrays must be there. `version` is that of
// Keras, empty when it is not known.
void build_keras_layers(FloatModel& model, const KerasConfig& config, const FindArrays& find_arrays,
                        const std::string& version);

}  // namespace bittrue::detail
