// A Keras model configuration (JSON) as a list of layers that name their inputs.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bittrue/model/tensor.hpp"

namespace bittrue::detail {

struct KerasLayer {
    std::string name{};
    std::string class_name{};
    nlohmann::json config{};
    std::string group{};                // of its variables in weights files of Keras 3: class and number, "conv2d_1"
    std::vector<std::string> inputs{};  // names of layers
    std::string where{};                // "model.h5: layer 'dense' (Dense)"
};

struct KerasConfig {
    std::string name{};
    std::vector<KerasLayer> layers{};  // inputs in front; the first is the only InputLayer
    std::string output{};
    std::string version{};  // of the Keras that wrote the configuration, where it says so
};

// How a model's maps are stored. A tensor of two axes (besides the batch) is a map of one row, steps and channels,
// where the model has layers for such; otherwise it is an image without its channel axis.
struct MapStyle {
    Layout layout = Layout::Hwc;
    bool rows = false;
};

// Sequential, Functional and Model configurations of Keras 2 and 3; everything else is an InputError.
[[nodiscard]] KerasConfig parse_keras_config(const std::string& text, const std::string& where);

// Fields of a layer's configuration. A missing or null field takes the default; one of another kind is an InputError.
[[nodiscard]] std::string text_field(const KerasLayer& layer, const char* key, const std::string& otherwise);
[[nodiscard]] bool bool_field(const KerasLayer& layer, const char* key, bool otherwise);
[[nodiscard]] double number_field(const KerasLayer& layer, const char* key, double otherwise);
[[nodiscard]] bool is_null(const KerasLayer& layer, const char* key);
[[nodiscard]] int int_field(const KerasLayer& layer, const char* key, int otherwise);
// One number or a list of numbers.
[[nodiscard]] std::vector<double> numbers_field(const KerasLayer& layer, const char* key, double otherwise);
// One integer for both axes, or a list of two: rows, columns. At least 1. A layer with one axis ("Conv1D") has one
// integer, for columns, and 1 for rows.
[[nodiscard]] std::array<int, 2> pair_field(const KerasLayer& layer, const char* key, std::array<int, 2> otherwise);

// The class works along one axis: "Conv1D", "QConv1D".
[[nodiscard]] bool has_one_axis(const KerasLayer& layer);

// A shape with or without its leading batch axis (null or -1), as a map or a vector.
[[nodiscard]] Shape shape_field(const KerasLayer& layer, const nlohmann::json& value, bool batch_axis,
                                const MapStyle& style);

// Where a tensor of two axes has its axis of length 1 (of three, in storage order).
[[nodiscard]] int missing_axis(const MapStyle& style);

// "DepthwiseConv2D" -> "depthwise_conv2d", as Keras 3 names the variables of a layer.
[[nodiscard]] std::string snake_case(const std::string& class_name);

}  // namespace bittrue::detail
