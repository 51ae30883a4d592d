// Keras layers as operations of bittrue.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "import/keras_config.hpp"

namespace bittrue::detail {

// Arrays of one layer by role: "kernel", "bias", "gamma", ...; pointers into the model's arrays.
using LayerArrays = std::map<std::string, const NamedReals*>;

// The array of a role, or InputError that says which arrays the layer has.
[[nodiscard]] const NamedReals& need_array(const KerasLayer& layer, const LayerArrays& arrays, const std::string& role);

// Roles of a layer's variables in the order in which Keras 3 numbers them; empty for layers without.
[[nodiscard]] std::vector<std::string> variable_roles(const KerasLayer& layer);

// What stands in front of a layer.
struct KerasInput {
    Shape shape{};
    int axes = 1;  // of Keras' tensor, without the batch
    MapStyle style{};
    std::string version{};  // of Keras
};

// Operations one behind the other; the first reads what the layer reads, the last has the name that was asked for.
using KerasChain = std::vector<FloatLayer>;

// The class without the Q of QKeras: "Conv2D" for "QConv2D".
[[nodiscard]] std::string plain_class(const KerasLayer& layer);

// Dense and the convolutions, without their activation. `padding` comes from a ZeroPadding in front.
[[nodiscard]] bool is_linear(const KerasLayer& layer);
[[nodiscard]] KerasChain convert_linear(const KerasLayer& layer, const LayerArrays& arrays, const KerasInput& in,
                                        const std::optional<Padding>& padding);
// A convolution that can take over a ZeroPadding.
[[nodiscard]] bool is_valid_convolution(const KerasLayer& layer);

// Layers without weights, activations apart. InputError for every other class.
[[nodiscard]] KerasChain convert_plain(const KerasLayer& layer, const KerasInput& in);

// The activation a field names ("relu", "softmax", a serialised activation layer, a quantiser); empty: linear.
[[nodiscard]] KerasChain convert_activation(const KerasLayer& layer, const std::string& name, const KerasInput& in);
// The word for it in a layer's name: "relu".
[[nodiscard]] std::string activation_name(const KerasLayer& layer);
[[nodiscard]] bool is_activation_layer(const KerasLayer& layer);  // ReLU, LeakyReLU, Softmax
[[nodiscard]] Operation convert_activation_layer(const KerasLayer& layer, const Shape& in);

[[nodiscard]] Padding zero_padding(const KerasLayer& layer);

// `in` is the shape that is normalised. The numbers are quantised where a QBatchNormalization says so; then `source` is
// of no use.
[[nodiscard]] BatchNorm convert_batch_norm(const KerasLayer& layer, const LayerArrays& arrays, const KerasInput& in,
                                           BatchNormSource& source);

// channels_last -> Hwc, channels_first -> Chw.
[[nodiscard]] Layout data_format(const KerasLayer& layer);
// InputError unless the layer's input is a map of the layer's own data_format.
void need_format(const KerasLayer& layer, const Shape& in);
// padding is "same"; InputError for what is neither "same" nor "valid".
[[nodiscard]] bool has_same_padding(const KerasLayer& layer);

}  // namespace bittrue::detail
