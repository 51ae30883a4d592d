#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "import/geometry.hpp"
#include "import/keras_layers.hpp"
#include "import/keras_quantizers.hpp"

namespace bittrue::detail {

namespace {

constexpr std::array kConvolutions{"Conv2D",          "Conv1D",          "DepthwiseConv2D",
                                   "DepthwiseConv1D", "SeparableConv2D", "SeparableConv1D"};

bool is_convolution(const KerasLayer& layer) {
    return std::find(kConvolutions.begin(), kConvolutions.end(), plain_class(layer)) != kConvolutions.end();
}

bool is_depthwise(const KerasLayer& layer) {
    return plain_class(layer).starts_with("Depthwise");
}
bool is_separable(const KerasLayer& layer) {
    return plain_class(layer).starts_with("Separable");
}

// Keras 2 calls the kernel of a depthwise convolution "depthwise_kernel", Keras 3 "kernel".
const NamedReals& depthwise_array(const KerasLayer& layer, const LayerArrays& arrays) {
    return need_array(layer, arrays, !is_separable(layer) && arrays.contains("kernel") ? "kernel" : "depthwise_kernel");
}

// Puts the numbers of an array into a layer, quantised where the field `quantizer` of QKeras says how.
struct Taken {
    const char* quantizer;
    bool trainable;
};
void take(const KerasLayer& layer, const NamedReals& array, const Taken& how, Parameter& into, std::string& source,
          std::optional<FixedType>& type) {
    into.dims = array.tensor.dims;
    into.real = array.tensor.values;
    source = array.name;
    if (plain_class(layer) == layer.class_name || into.real.empty()) return;
    const std::optional<KerasQuantizer> quantizer = quantizer_field(layer, how.quantizer, how.trainable);
    if (!quantizer) return;
    QuantizedNumbers numbers = quantize_numbers(layer, *quantizer, into);
    into = std::move(numbers.numbers);
    type = numbers.type;
    if (!numbers.from_stored) source.clear();
}

void take_bias(const KerasLayer& layer, const LayerArrays& arrays, FloatLayer& result, std::optional<Parameter>& bias) {
    if (!bool_field(layer, "use_bias", true)) return;
    take(layer, need_array(layer, arrays, "bias"), {.quantizer = "bias_quantizer", .trainable = false}, bias.emplace(),
         result.bias_source, result.bias_type);
}

void check_axes(const KerasLayer& layer, const Dims& dims, std::size_t axes) {
    if (dims.size() == axes) return;
    throw InputError(layer.where,
                     fmt::format("its kernel has the shape {}, a {} needs {} axes", print_dims(dims), layer.class_name,
                                 axes == 2   ? "two"
                                 : axes == 3 ? "three"
                                             : "four"));
}

void check_outputs(const KerasLayer& layer, const char* key, std::int64_t outputs) {
    const int declared = int_field(layer, key, static_cast<int>(std::min<std::int64_t>(outputs, 1 << 20)));
    if (declared != outputs)
        throw InputError(layer.where, fmt::format("declares {} = {} but its kernel has {}", key, declared, outputs));
}

// The kernel of a layer with one axis gets a first axis of one row.
void complete_kernel(const KerasLayer& layer, Parameter& weights) {
    check_axes(layer, weights.dims, has_one_axis(layer) ? 3 : 4);
    if (has_one_axis(layer)) weights.dims.insert(weights.dims.begin(), 1);
}

Padding padding_of(const KerasLayer& layer, const Conv2d& op, const Shape& in, const std::optional<Padding>& merged) {
    if (has_one_axis(layer) && text_field(layer, "padding", "valid") == "causal")
        return {.top = 0,
                .bottom = 0,
                .left = static_cast<int>(std::min<std::int64_t>((op.weights.dims[1] - 1) * op.dilation[1], 1 << 24)),
                .right = 0};
    if (!has_same_padding(layer)) return merged.value_or(Padding{});
    return same_padding(
        in, {.kernel = {op.weights.dims[0], op.weights.dims[1]}, .stride = op.stride, .dilation = op.dilation});
}

void set_window(const KerasLayer& layer, Conv2d& op, const Shape& in, const std::optional<Padding>& merged) {
    op.stride = pair_field(layer, "strides", {1, 1});
    op.dilation = pair_field(layer, "dilation_rate", {1, 1});
    op.padding = padding_of(layer, op, in, merged);
}

FloatLayer named(const KerasLayer& layer, const std::string& name) {
    FloatLayer result;
    result.name = name;
    result.class_name = layer.class_name;
    return result;
}

// Keras stores rows, columns, channels, multiplier: output channel c * multiplier + m reads channel c, so that the
// numbers stand in the order of rows, columns, 1, outputs already.
FloatLayer depthwise(const KerasLayer& layer, const LayerArrays& arrays, const Shape& in, const std::string& name,
                     const std::optional<Padding>& padding) {
    FloatLayer result = named(layer, name);
    Conv2d op;
    take(layer, depthwise_array(layer, arrays),
         {.quantizer = is_separable(layer) || layer.config.contains("depthwise_quantizer") ? "depthwise_quantizer"
                                                                                           : "kernel_quantizer",
          .trainable = true},
         op.weights, result.weights_source, result.weight_type);
    complete_kernel(layer, op.weights);
    check_outputs(layer, "depth_multiplier", op.weights.dims[3]);
    if (op.weights.dims[2] != in.channels())
        throw InputError(layer.where, fmt::format("its kernel is for {} channels, the input has {}", op.weights.dims[2],
                                                  in.channels()));
    op.groups = static_cast<int>(std::min<std::int64_t>(in.channels(), 1 << 30));
    op.weights.dims = {op.weights.dims[0], op.weights.dims[1], 1, op.weights.dims[2] * op.weights.dims[3]};
    set_window(layer, op, in, padding);
    result.op = std::move(op);
    return result;
}

// A Dense on a map works on its last axis: a convolution of one point.
bool works_on_points(const KerasInput& in) {
    return in.shape.layout == Layout::Hwc && (in.axes == 3 || in.style.rows);
}

FloatLayer dense(const KerasLayer& layer, const LayerArrays& arrays, const KerasInput& in) {
    const bool points = works_on_points(in);
    if (in.shape.layout != Layout::Vector && !points) {
        throw InputError(layer.where, fmt::format("is applied to a map of {} whose last axis are not the channels; put "
                                                  "a Flatten in front or use a 1x1 Conv2D",
                                                  print_dims(in.shape.dims)));
    }
    FloatLayer result = named(layer, layer.name);
    Dense op;
    take(layer, need_array(layer, arrays, "kernel"), {.quantizer = "kernel_quantizer", .trainable = true}, op.weights,
         result.weights_source, result.weight_type);
    check_axes(layer, op.weights.dims, 2);
    check_outputs(layer, "units", op.weights.dims[1]);
    take_bias(layer, arrays, result, op.bias);
    if (!points) {
        result.op = std::move(op);
        return result;
    }
    Conv2d convolution;
    op.weights.dims.insert(op.weights.dims.begin(), {1, 1});
    convolution.weights = std::move(op.weights);
    convolution.bias = std::move(op.bias);
    result.op = std::move(convolution);
    return result;
}

}  // namespace

std::string plain_class(const KerasLayer& layer) {
    const std::string& name = layer.class_name;
    const bool quantized = name.size() > 1 && name[0] == 'Q' && name[1] >= 'A' && name[1] <= 'Z';
    return quantized ? name.substr(1) : name;
}

bool is_linear(const KerasLayer& layer) {
    return plain_class(layer) == "Dense" || is_convolution(layer);
}

bool is_valid_convolution(const KerasLayer& layer) {
    return is_convolution(layer) && text_field(layer, "padding", "valid") == "valid";
}

std::vector<std::string> variable_roles(const KerasLayer& layer) {
    std::vector<std::string> roles;
    if (is_linear(layer)) {
        roles = {"kernel"};
        if (is_depthwise(layer)) roles = {"depthwise_kernel"};
        if (is_separable(layer)) roles = {"depthwise_kernel", "pointwise_kernel"};
        if (bool_field(layer, "use_bias", true)) roles.emplace_back("bias");
    } else if (plain_class(layer) == "BatchNormalization") {
        if (bool_field(layer, "scale", true)) roles.emplace_back("gamma");
        if (bool_field(layer, "center", true)) roles.emplace_back("beta");
        roles.insert(roles.end(), {"moving_mean", "moving_variance"});
    }
    return roles;
}

const NamedReals& need_array(const KerasLayer& layer, const LayerArrays& arrays, const std::string& role) {
    const auto it = arrays.find(role);
    if (it != arrays.end()) return *it->second;
    std::vector<std::string> names;
    for (const auto& [name, array] : arrays) names.push_back(name);
    throw InputError(layer.where, fmt::format("has no array '{}' in the weights file; it has {}", role,
                                              names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

KerasChain convert_linear(const KerasLayer& layer, const LayerArrays& arrays, const KerasInput& in,
                          const std::optional<Padding>& padding) {
    if (!is_convolution(layer)) return {dense(layer, arrays, in)};
    need_format(layer, in.shape);
    KerasChain chain;
    if (is_depthwise(layer)) {
        chain.push_back(depthwise(layer, arrays, in.shape, layer.name, padding));
        take_bias(layer, arrays, chain[0], std::get<Conv2d>(chain[0].op).bias);
        return chain;
    }
    if (is_separable(layer)) chain.push_back(depthwise(layer, arrays, in.shape, layer.name + "_depthwise", padding));
    FloatLayer result = named(layer, layer.name);
    Conv2d op;
    take(layer, need_array(layer, arrays, is_separable(layer) ? "pointwise_kernel" : "kernel"),
         {.quantizer = is_separable(layer) ? "pointwise_quantizer" : "kernel_quantizer", .trainable = true}, op.weights,
         result.weights_source, result.weight_type);
    complete_kernel(layer, op.weights);
    check_outputs(layer, "filters", op.weights.dims[3]);
    take_bias(layer, arrays, result, op.bias);
    if (!is_separable(layer)) {
        op.groups = std::max(int_field(layer, "groups", 1), 1);
        set_window(layer, op, in.shape, padding);
    }
    result.op = std::move(op);
    chain.push_back(std::move(result));
    return chain;
}

}  // namespace bittrue::detail
