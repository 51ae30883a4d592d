// Trained Keras models (.h5 of Keras 2: whole models and weights only).
#pragma once

#include "bittrue/model/float_model.hpp"

namespace bittrue {

// The configuration is the attribute model_config of a whole model, else the JSON file `config`, else a .json beside
// the weights (same name, also without "_weights"); without any the model has arrays only. Sequential and Functional
// models with one input and one output, of: InputLayer, Conv2D, Dense, MaxPooling2D, AveragePooling2D, Flatten,
// Dropout, Activation, ReLU, LeakyReLU, Softmax, Reshape, Add, ZeroPadding2D (in front of a valid convolution),
// BatchNormalization (behind a linear Conv2D or Dense, folded). An activation of a layer with weights becomes a layer
// of its own, named as hls4ml does: "dense_1" and "dense_1_softmax". Everything else is an InputError that names layer
// and class.
[[nodiscard]] FloatModel import_keras(const std::string& path, const std::string& config = "");

}  // namespace bittrue
