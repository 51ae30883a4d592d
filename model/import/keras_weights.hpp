// Weights files of Keras: which arrays belong to which layer.
#pragma once

#include "import/hdf5_file.hpp"
#include "import/keras_layers.hpp"

namespace bittrue::detail {

// The group below which a file keeps its arrays: "model_weights" of a whole .h5, else the root.
[[nodiscard]] std::string weights_root(const Hdf5File& file);

// All arrays of the weights, without the optimizer's and the states of random generators.
[[nodiscard]] std::vector<NamedReals> keras_arrays(const Hdf5File& file);

// The arrays of a layer among `arrays`, those of `file`. Two ways of naming are known: groups with the layers' own
// names (.h5 and weights of Keras 2, .h5 of Keras 3), and the numbered classes of .keras and .weights.h5
// ("layers/conv2d_1/vars/0").
[[nodiscard]] LayerArrays arrays_of_layer(const KerasLayer& layer, const Hdf5File& file,
                                          const std::vector<NamedReals>& arrays);

}  // namespace bittrue::detail
