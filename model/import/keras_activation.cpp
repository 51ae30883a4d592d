#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "import/keras_layers.hpp"
#include "import/keras_quantizers.hpp"

namespace bittrue::detail {

namespace {

using nlohmann::json;

constexpr const char* kActivations =
    "linear, relu, relu6, leaky_relu, softmax, sigmoid, hard_sigmoid and tanh are supported";

Parameter one_number(double x) {
    return {.dims = {1}, .real = {x}, .raw = {}, .type = {}};
}

Operation relu(const KerasLayer& layer) {
    const double slope = number_field(layer, "negative_slope", 0);
    if (number_field(layer, "threshold", 0) != 0)
        throw InputError(layer.where, "has a threshold other than 0, for which bittrue has no operation");
    const bool clipped = !is_null(layer, "max_value");
    if (slope != 0 && clipped)
        throw InputError(layer.where,
                         "has both a maximum and a negative slope; bittrue has an operation for either, not for both");
    if (clipped) return ClippedRelu{.max = number_field(layer, "max_value", 6)};
    if (slope != 0) return LeakyRelu{.alpha = one_number(slope)};
    return Relu{};
}

Operation softmax(const KerasLayer& layer, const Shape& in) {
    if (in.layout != Layout::Vector) {
        throw InputError(
            layer.where,
            fmt::format("applies softmax to a map of {}; it is supported on vectors, put a Flatten in front",
                        print_dims(in.dims)));
    }
    return Softmax{};
}

Operation table(const char* function, int span) {
    Lookup op;
    op.table.origin = function;
    op.span = span;
    return op;
}

// A serialised activation: {"class_name": "ReLU", "config": {...}}.
std::optional<KerasLayer> serialised_activation(const KerasLayer& layer) {
    const auto value = layer.config.find("activation");
    if (value == layer.config.end() || !value->is_object()) return std::nullopt;
    KerasLayer inner = layer;
    const auto name = value->find("class_name");
    if (name == value->end() || !name->is_string())
        throw InputError(layer.where, "has an activation that cannot be understood");
    inner.class_name = name->get<std::string>();
    const auto config = value->find("config");
    inner.config = config == value->end() ? json::object() : json(*config);
    if (inner.class_name == "function" && inner.config.is_string()) {
        // The class stays the layer's: QKeras' functions differ from Keras' of the same name.
        inner.class_name = layer.class_name;
        inner.config = {{"activation", json(*config)}};
    } else if (!is_activation_layer(inner)) {
        throw InputError(layer.where, fmt::format("has the activation {}; {}", inner.class_name, kActivations));
    }
    return inner;
}

KerasChain single(const KerasLayer& layer, const std::string& name, Operation op) {
    FloatLayer result;
    result.name = name;
    result.class_name = is_activation_layer(layer) ? layer.class_name : "Activation";
    result.op = std::move(op);
    return {std::move(result)};
}

// clip(slope * x + 1/2, 0, 1)
KerasChain hard_sigmoid(const KerasLayer& layer, const std::string& name, double slope) {
    KerasChain chain = single(layer, name + "_affine", Affine{.scale = one_number(slope), .bias = one_number(0.5)});
    chain.push_back(single(layer, name, Clip{.min = 0, .max = 1})[0]);
    return chain;
}

double hard_sigmoid_slope(const KerasLayer& layer, const std::string& version) {
    if (plain_class(layer) != layer.class_name) return 0.5;  // QKeras' own
    if (version.empty())
        throw InputError(layer.where,
                         "has the activation hard_sigmoid, which differs between Keras 2 and 3, and the file does not "
                         "say which of them wrote it; save the whole model");
    return version.starts_with("2.") ? 0.2 : 1.0 / 6;
}

KerasChain named_activation(const KerasLayer& layer, const std::string& activation, const std::string& name,
                            const KerasInput& in) {
    if (activation == "linear") return {};
    if (activation == "relu") return single(layer, name, Relu{});
    if (activation == "relu6") return single(layer, name, ClippedRelu{.max = 6});
    if (activation == "leaky_relu") return single(layer, name, LeakyRelu{.alpha = one_number(0.2)});
    if (activation == "softmax") return single(layer, name, softmax(layer, in.shape));
    if (activation == "sigmoid") return single(layer, name, table("sigmoid", 16));
    if (activation == "tanh") return single(layer, name, table("tanh", 8));
    if (activation == "hard_sigmoid") return hard_sigmoid(layer, name, hard_sigmoid_slope(layer, in.version));
    if (activation == "hard_tanh" && plain_class(layer) != layer.class_name)
        return single(layer, name, Clip{.min = -1, .max = 1});
    throw InputError(layer.where, fmt::format("has the activation '{}'; {}", activation, kActivations));
}

}  // namespace

bool is_activation_layer(const KerasLayer& layer) {
    return layer.class_name == "ReLU" || layer.class_name == "LeakyReLU" || layer.class_name == "Softmax";
}

Operation convert_activation_layer(const KerasLayer& layer, const Shape& in) {
    if (layer.class_name == "ReLU") return relu(layer);
    if (layer.class_name == "LeakyReLU")
        return LeakyRelu{.alpha = one_number(number_field(layer, "alpha", number_field(layer, "negative_slope", 0.3)))};
    const auto axis = layer.config.find("axis");
    if (axis != layer.config.end() && *axis != -1 && *axis != 1)
        throw InputError(layer.where,
                         fmt::format("works along axis {}; the last axis of a vector is supported", axis->dump()));
    return softmax(layer, in);
}

KerasChain convert_activation(const KerasLayer& layer, const std::string& name, const KerasInput& in) {
    if (holds_quantizer(layer, "activation")) {
        FloatLayer result = quantizer_layer(layer, *quantizer_field(layer, "activation", false));
        result.name = name;
        result.class_name = "QActivation";
        return {std::move(result)};
    }
    const std::optional<KerasLayer> inner = serialised_activation(layer);
    if (inner && is_activation_layer(*inner)) return single(*inner, name, convert_activation_layer(*inner, in.shape));
    if (inner) return convert_activation(*inner, name, in);
    return named_activation(layer, text_field(layer, "activation", "linear"), name, in);
}

std::string activation_name(const KerasLayer& layer) {
    if (holds_quantizer(layer, "activation")) {
        const auto& value = layer.config.at("activation");
        const std::string text =
            value.is_string() ? value.get<std::string>() : value.at("class_name").get<std::string>();
        return text.substr(0, text.find('('));
    }
    const std::optional<KerasLayer> inner = serialised_activation(layer);
    if (!inner) return text_field(layer, "activation", "linear");
    if (!is_activation_layer(*inner)) return activation_name(*inner);
    return inner->class_name == "LeakyReLU" ? "leaky_relu" : inner->class_name == "ReLU" ? "relu" : "softmax";
}

}  // namespace bittrue::detail
