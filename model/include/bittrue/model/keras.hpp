// Trained Keras models: .keras, .h5 and .weights.h5 of Keras 2 and 3.
#pragma once

#include "bittrue/model/float_model.hpp"

namespace bittrue {

// The configuration is that of a .keras archive or the attribute model_config of a whole .h5, else the JSON file
// `config`, else a .json beside the weights (same name, also without "_weights" or ".weights"); without any the model
// has arrays only. Sequential and Functional models with one input and one output, of the layers that
// docs/network_file.md lists; everything else is an InputError that names layer and class.
//
// An activation of a layer with weights becomes a layer of its own, named as hls4ml does: "dense_1" and
// "dense_1_softmax". What takes several operations ends in the layer's name: "sep_depthwise" and "sep" of a
// SeparableConv2D, "mean_pool" and "mean" of a GlobalAveragePooling2D. A tensor of two axes, steps and channels, is a
// map of one row.
//
// QKeras: weights and biases are stored as its quantisers leave them at inference, and weight_type, bias_type and
// result_type are the types whose casts do the same. A quantised activation is a Quantize with its FloatQuantizer, a
// binary or ternary one a Threshold. Kernels whose quantiser has no alpha, or "auto_po2", are scaled per channel as
// QKeras does; then weight_type holds the result exactly and weights_source is empty.
[[nodiscard]] FloatModel import_keras(const std::string& path, const std::string& config = "");

}  // namespace bittrue
