#include "import/keras_layers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "import/geometry.hpp"

namespace bittrue::detail {

namespace {

using nlohmann::json;

constexpr const char* kSupported =
    "supported are Conv2D, Dense, MaxPooling2D, AveragePooling2D, Flatten, Dropout, Activation, ReLU, LeakyReLU, "
    "Softmax, Reshape, Add, "
    "ZeroPadding2D, BatchNormalization and InputLayer";

bool same(const KerasLayer& layer) {
    const std::string padding = text_field(layer, "padding", "valid");
    if (padding != "same" && padding != "valid")
        throw InputError(layer.where, fmt::format("has padding '{}'; 'valid' and 'same' are supported", padding));
    return padding == "same";
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
    if (slope != 0) return LeakyRelu{.alpha = {.dims = {1}, .real = {slope}, .raw = {}, .type = {}}};
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

template <typename Pool>
Operation pool(const KerasLayer& layer, const Shape& in) {
    Pool op;
    op.pool = pair_field(layer, "pool_size", {2, 2});
    op.stride = pair_field(layer, "strides", op.pool);
    if (same(layer))
        op.padding = same_padding(in, {.kernel = {op.pool[0], op.pool[1]}, .stride = op.stride, .dilation = {1, 1}});
    return op;
}

void need_format(const KerasLayer& layer, const Shape& in, Layout layout) {
    if (in.layout == Layout::Vector)
        throw InputError(layer.where,
                         "needs a map of rows, columns and channels but its input is a vector; put a Reshape in front");
    if (in.layout != layout)
        throw InputError(layer.where,
                         "has another data_format than its input; models that mix channels_last and channels_first are "
                         "not supported");
}

Shape reshape_target(const KerasLayer& layer, const Shape& in, Layout layout) {
    const auto target = layer.config.find("target_shape");
    if (target == layer.config.end() || !target->is_array()) throw InputError(layer.where, "has no target_shape");
    json dims = *target;
    std::int64_t known = 1;
    json* open = nullptr;
    for (json& d : dims) {
        if (!d.is_number_integer() || d > (1 << 30))
            throw InputError(layer.where, fmt::format("has the target_shape {}", target->dump()));
        if (d == -1 && open == nullptr)
            open = &d;
        else
            known *= std::max<std::int64_t>(d.get<std::int64_t>(), 0);
        if (known < 1 || known > (std::int64_t{1} << 31))
            throw InputError(layer.where, fmt::format("has the impossible target_shape {}", target->dump()));
    }
    if (open != nullptr) *open = in.count() / known;
    const Shape shape = shape_field(layer, dims, false, layout);
    if (shape.count() != in.count())
        throw InputError(layer.where, fmt::format("reshapes {} elements to {}", in.count(), target->dump()));
    return shape;
}

std::optional<Operation> named_activation(const KerasLayer& layer, const std::string& name, const Shape& in) {
    if (name == "linear") return std::nullopt;
    if (name == "relu") return Relu{};
    if (name == "relu6") return ClippedRelu{.max = 6};
    if (name == "softmax") return softmax(layer, in);
    if (name == "sigmoid") {
        Lookup op;
        op.table.origin = "sigmoid";
        return op;
    }
    if (name == "tanh") {
        Lookup op;
        op.table.origin = "tanh";
        op.span = 8;
        return op;
    }
    throw InputError(
        layer.where,
        fmt::format("has the activation '{}'; linear, relu, relu6, softmax, sigmoid and tanh are supported", name));
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
    inner.config = value->value("config", json::object());
    if (inner.class_name == "function" && inner.config.is_string()) {
        inner.class_name = "Activation";
        inner.config = {{"activation", inner.config}};
    } else if (inner.class_name != "ReLU" && inner.class_name != "LeakyReLU" && inner.class_name != "Softmax") {
        throw InputError(
            layer.where,
            fmt::format("has the activation {}; linear, relu, relu6, softmax, sigmoid and tanh are supported",
                        inner.class_name));
    }
    return inner;
}

FloatLayer linear_layer(const KerasLayer& layer, const LayerArrays& arrays) {
    FloatLayer result;
    result.name = layer.name;
    result.class_name = layer.class_name;
    result.weights_source = need_array(layer, arrays, "kernel").name;
    if (bool_field(layer, "use_bias", true)) result.bias_source = need_array(layer, arrays, "bias").name;
    return result;
}

Parameter parameter(const NamedReals& array) {
    return {.dims = array.tensor.dims, .real = array.tensor.values, .raw = {}, .type = {}};
}

void check_outputs(const KerasLayer& layer, const char* key, std::int64_t outputs) {
    const int declared = int_field(layer, key, static_cast<int>(std::min<std::int64_t>(outputs, 1 << 20)));
    if (declared != outputs)
        throw InputError(layer.where, fmt::format("declares {} = {} but its kernel has {}", key, declared, outputs));
}

}  // namespace

const NamedReals& need_array(const KerasLayer& layer, const LayerArrays& arrays, const std::string& role) {
    const auto it = arrays.find(role);
    if (it != arrays.end()) return *it->second;
    std::vector<std::string> names;
    for (const auto& [name, array] : arrays) names.push_back(name);
    throw InputError(layer.where, fmt::format("has no array '{}' in the weights file; it has {}", role,
                                              names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

Layout data_format(const KerasLayer& layer) {
    const std::string text = text_field(layer, "data_format", "channels_last");
    if (text != "channels_last" && text != "channels_first")
        throw InputError(layer.where,
                         fmt::format("has data_format '{}'; channels_last and channels_first are supported", text));
    return text == "channels_first" ? Layout::Chw : Layout::Hwc;
}

FloatLayer convert_conv2d(const KerasLayer& layer, const LayerArrays& arrays, const Shape& in,
                          const std::optional<Padding>& padding) {
    need_format(layer, in, data_format(layer));
    FloatLayer result = linear_layer(layer, arrays);
    Conv2d op;
    op.weights = parameter(need_array(layer, arrays, "kernel"));
    if (op.weights.dims.size() != 4)
        throw InputError(layer.where, fmt::format("its kernel has the shape {}, a Conv2D needs four axes",
                                                  print_dims(op.weights.dims)));
    if (!result.bias_source.empty()) op.bias = parameter(need_array(layer, arrays, "bias"));
    check_outputs(layer, "filters", op.weights.dims[3]);
    op.stride = pair_field(layer, "strides", {1, 1});
    op.dilation = pair_field(layer, "dilation_rate", {1, 1});
    op.groups = std::max(int_field(layer, "groups", 1), 1);
    if (same(layer)) {
        if (padding)
            throw InputError(layer.where,
                             "has padding 'same' behind a ZeroPadding2D; only a 'valid' convolution can take it over");
        op.padding = same_padding(
            in, {.kernel = {op.weights.dims[0], op.weights.dims[1]}, .stride = op.stride, .dilation = op.dilation});
    } else if (padding) {
        op.padding = *padding;
    }
    result.op = std::move(op);
    return result;
}

FloatLayer convert_dense(const KerasLayer& layer, const LayerArrays& arrays, const Shape& in) {
    if (in.layout != Layout::Vector) {
        throw InputError(layer.where, fmt::format("is applied to a map of {} (Keras would use the last axis only); put "
                                                  "a Flatten in front or use a 1x1 Conv2D",
                                                  print_dims(in.dims)));
    }
    FloatLayer result = linear_layer(layer, arrays);
    Dense op;
    op.weights = parameter(need_array(layer, arrays, "kernel"));
    if (op.weights.dims.size() != 2)
        throw InputError(layer.where, fmt::format("its kernel has the shape {}, a Dense needs two axes",
                                                  print_dims(op.weights.dims)));
    if (!result.bias_source.empty()) op.bias = parameter(need_array(layer, arrays, "bias"));
    check_outputs(layer, "units", op.weights.dims[1]);
    result.op = std::move(op);
    return result;
}

Operation convert_plain(const KerasLayer& layer, const Shape& in, Layout layout) {
    const std::string& kind = layer.class_name;
    if (kind == "MaxPooling2D" || kind == "AveragePooling2D") {
        need_format(layer, in, data_format(layer));
        return kind == "MaxPooling2D" ? pool<MaxPool>(layer, in) : pool<AveragePool>(layer, in);
    }
    if (kind == "ReLU") return relu(layer);
    if (kind == "LeakyReLU") {
        const double alpha = number_field(layer, "alpha", number_field(layer, "negative_slope", 0.3));
        return LeakyRelu{.alpha = {.dims = {1}, .real = {alpha}, .raw = {}, .type = {}}};
    }
    if (kind == "Softmax") {
        const auto axis = layer.config.find("axis");
        if (axis != layer.config.end() && *axis != -1 && *axis != 1)
            throw InputError(layer.where,
                             fmt::format("works along axis {}; the last axis of a vector is supported", axis->dump()));
        return softmax(layer, in);
    }
    if (kind == "Flatten") {
        // Keras flattens channels_first maps as if they were stored channels_last.
        if (data_format(layer) == Layout::Chw && in.layout == Layout::Chw) return Flatten{.order = Layout::Hwc};
        return Flatten{};
    }
    if (kind == "Reshape") return Reshape{.shape = reshape_target(layer, in, layout)};
    if (kind == "Add") return Add{};
    throw InputError(layer.where, fmt::format("is of the class {}, which is not supported; {}", kind, kSupported));
}

std::optional<Operation> convert_activation(const KerasLayer& layer, const Shape& in) {
    const std::optional<KerasLayer> inner = serialised_activation(layer);
    if (inner && inner->class_name == "Activation") return convert_activation(*inner, in);
    if (inner) return convert_plain(*inner, in, in.layout);
    return named_activation(layer, text_field(layer, "activation", "linear"), in);
}

std::string activation_name(const KerasLayer& layer) {
    const std::optional<KerasLayer> inner = serialised_activation(layer);
    if (!inner) return text_field(layer, "activation", "linear");
    if (inner->class_name == "Activation") return activation_name(*inner);
    return inner->class_name == "LeakyReLU" ? "leaky_relu" : inner->class_name == "ReLU" ? "relu" : "softmax";
}

Padding zero_padding(const KerasLayer& layer) {
    const auto value = layer.config.find("padding");
    if (value == layer.config.end()) return {.top = 1, .bottom = 1, .left = 1, .right = 1};
    std::vector<json> numbers;
    if (value->is_number_integer()) numbers = {*value, *value, *value, *value};
    if (value->is_array() && value->size() == 2) {
        for (const json& axis : *value) {
            const bool two = axis.is_array() && axis.size() == 2;
            numbers.push_back(two ? axis[0] : axis);
            numbers.push_back(two ? axis[1] : axis);
        }
    }
    if (numbers.size() != 4)
        throw InputError(layer.where, fmt::format("has the padding {}, which cannot be understood", value->dump()));
    std::array<int, 4> p{};
    for (std::size_t i = 0; i < 4; ++i) {
        if (!numbers[i].is_number_integer() || numbers[i] < 0 || numbers[i] > (1 << 20))
            throw InputError(layer.where, fmt::format("has the padding {}", value->dump()));
        p[i] = numbers[i].get<int>();
    }
    return {.top = p[0], .bottom = p[1], .left = p[2], .right = p[3]};
}

BatchNorm convert_batch_norm(const KerasLayer& layer, const LayerArrays& arrays, std::size_t axes, Layout layout,
                             BatchNormSource& source) {
    const auto value = layer.config.find("axis");
    json axis = value == layer.config.end() ? json(-1) : *value;
    if (axis.is_array() && axis.size() == 1) axis = json(axis[0]);
    const int channel = layout == Layout::Chw && axes == 3 ? 1 : static_cast<int>(axes);
    if (axis != channel && !(axis == -1 && channel == static_cast<int>(axes))) {
        throw InputError(
            layer.where,
            fmt::format("normalises along axis {}; only the channel axis ({}) can be folded into the layer in front",
                        axis.dump(), channel));
    }
    BatchNorm norm;
    source.layer = layer.name;
    source.epsilon = norm.epsilon = number_field(layer, "epsilon", 1e-3);
    const auto take = [&](const char* role, std::vector<double>& numbers, std::string& name) {
        const NamedReals& array = need_array(layer, arrays, role);
        numbers = array.tensor.values;
        name = array.name;
    };
    if (bool_field(layer, "scale", true)) take("gamma", norm.gamma, source.gamma);
    if (bool_field(layer, "center", true)) take("beta", norm.beta, source.beta);
    take("moving_mean", norm.mean, source.mean);
    take("moving_variance", norm.variance, source.variance);
    return norm;
}

}  // namespace bittrue::detail
