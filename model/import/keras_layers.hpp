// Keras layers as operations of bittrue.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bittrue/model/float_model.hpp"
#include "import/keras_config.hpp"

namespace bittrue::detail {

// Arrays of one layer by role: "kernel", "bias", "gamma", ...; pointers into the model's arrays.
using LayerArrays = std::map<std::string, const NamedReals*>;

// The array of a role, or InputError that says which arrays the layer has.
[[nodiscard]] const NamedReals& need_array(const KerasLayer& layer, const LayerArrays& arrays, const std::string& role);

// Conv2D and Dense without their activation. `padding` comes from a ZeroPadding2D in front.
[[nodiscard]] FloatLayer convert_conv2d(const KerasLayer& layer, const LayerArrays& arrays, const Shape& in,
                                        const std::optional<Padding>& padding);
[[nodiscard]] FloatLayer convert_dense(const KerasLayer& layer, const LayerArrays& arrays, const Shape& in);

// Layers without weights: pools, ReLU, LeakyReLU, Softmax, Flatten, Reshape, Add. InputError for every other class.
[[nodiscard]] Operation convert_plain(const KerasLayer& layer, const Shape& in, Layout layout);

// The activation a field names ("relu", "softmax", ..., or a serialised activation layer); empty: linear.
[[nodiscard]] std::optional<Operation> convert_activation(const KerasLayer& layer, const Shape& in);
// The word for it in a layer's name: "relu".
[[nodiscard]] std::string activation_name(const KerasLayer& layer);

[[nodiscard]] Padding zero_padding(const KerasLayer& layer);
[[nodiscard]] BatchNorm convert_batch_norm(const KerasLayer& layer, const LayerArrays& arrays, std::size_t axes,
                                           Layout layout, BatchNormSource& source);

// channels_last -> Hwc, channels_first -> Chw.
[[nodiscard]] Layout data_format(const KerasLayer& layer);

}  // namespace bittrue::detail
