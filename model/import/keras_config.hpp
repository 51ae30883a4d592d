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
    std::vector<std::string> inputs{};  // names of layers
    std::string where{};                // "model.h5: layer 'dense' (Dense)"
};

struct KerasConfig {
    std::string name{};
    std::vector<KerasLayer> layers{};  // inputs in front; the first is the only InputLayer
    std::string output{};
};

// Sequential, Functional and Model configurations of Keras 2; everything else is an InputError.
[[nodiscard]] KerasConfig parse_keras_config(const std::string& text, const std::string& where);

// Fields of a layer's configuration. A missing or null field takes the default; one of another kind is an InputError.
[[nodiscard]] std::string text_field(const KerasLayer& layer, const char* key, const std::string& otherwise);
[[nodiscard]] bool bool_field(const KerasLayer& layer, const char* key, bool otherwise);
[[nodiscard]] double number_field(const KerasLayer& layer, const char* key, double otherwise);
[[nodiscard]] bool is_null(const KerasLayer& layer, const char* key);
[[nodiscard]] int int_field(const KerasLayer& layer, const char* key, int otherwise);
// One integer for both axes, or a list of two: rows, columns. At least 1.
[[nodiscard]] std::array<int, 2> pair_field(const KerasLayer& layer, const char* key, std::array<int, 2> otherwise);

// A shape with or without its leading batch axis (null or -1), as a map or a vector.
[[nodiscard]] Shape shape_field(const KerasLayer& layer, const nlohmann::json& value, bool batch_axis, Layout layout);

}  // namespace bittrue::detail
