#include "import/keras_layers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "import/geometry.hpp"
#include "import/keras_quantizers.hpp"

namespace bittrue::detail {

namespace {

using nlohmann::json;

constexpr const char* kSupported =
    "supported are InputLayer, Dense, Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, "
    "SeparableConv2D, MaxPooling, AveragePooling, GlobalMaxPooling and GlobalAveragePooling of one and two axes, "
    "ZeroPadding1D, ZeroPadding2D, BatchNormalization, Activation, ReLU, LeakyReLU, Softmax, Flatten, Reshape, "
    "Permute, Add, Multiply, Concatenate, Rescaling, layers that do nothing at inference such as Dropout, and of "
    "QKeras QDense, QConv1D, QConv2D, QDepthwiseConv2D, QSeparableConv1D, QSeparableConv2D, QActivation and "
    "QBatchNormalization";

template <typename Pool>
Operation pool(const KerasLayer& layer, const Shape& in) {
    Pool op;
    op.pool = pair_field(layer, "pool_size", {2, 2});
    op.stride = pair_field(layer, "strides", op.pool);
    if (has_same_padding(layer))
        op.padding = same_padding(in, {.kernel = {op.pool[0], op.pool[1]}, .stride = op.stride, .dilation = {1, 1}});
    return op;
}

FloatLayer plain(const KerasLayer& layer, Operation op, const std::string& name) {
    FloatLayer result;
    result.name = name;
    result.class_name = layer.class_name;
    result.op = std::move(op);
    return result;
}

// A window over the whole map, and a vector of the channels.
template <typename Pool>
KerasChain global_pool(const KerasLayer& layer, const Shape& in) {
    need_format(layer, in);
    Pool op;
    const auto side = [](std::int64_t n) { return static_cast<int>(std::min<std::int64_t>(n, 1 << 30)); };
    op.pool = {side(in.height()), side(in.width())};
    op.stride = op.pool;
    if (bool_field(layer, "keepdims", false)) return {plain(layer, op, layer.name)};
    return {plain(layer, op, layer.name + "_pool"), plain(layer, Flatten{}, layer.name)};
}

Shape reshape_target(const KerasLayer& layer, const KerasInput& in) {
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
    if (open != nullptr) *open = in.shape.count() / known;
    const Shape shape = shape_field(layer, dims, false, in.style);
    if (shape.count() != in.shape.count())
        throw InputError(layer.where, fmt::format("reshapes {} elements to {}", in.shape.count(), target->dump()));
    return shape;
}

// Storage axes of Keras' axes 1, 2, ... of a map.
std::vector<int> storage_axes(const KerasInput& in) {
    std::vector<int> axes{0, 1, 2};
    if (in.axes == 2) axes.erase(axes.begin() + missing_axis(in.style));
    return axes;
}

Operation permute(const KerasLayer& layer, const KerasInput& in) {
    const auto dims = layer.config.find("dims");
    const std::vector<int> stored = storage_axes(in);
    if (in.shape.layout == Layout::Vector || dims == layer.config.end() || !dims->is_array() ||
        dims->size() != stored.size())
        throw InputError(layer.where, fmt::format("needs as many dims as its input has axes, {}", in.axes));
    Transpose op;
    op.layout = in.shape.layout;
    std::vector<bool> used(stored.size(), false);
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const json& d = (*dims)[i];
        const bool known = d.is_number_integer() && d >= 1 && d <= static_cast<int>(stored.size());
        const std::size_t from = known ? d.get<std::size_t>() - 1 : 0;
        if (!known || used[from])
            throw InputError(layer.where,
                             fmt::format("has the dims {}, which are no order of its input's axes", dims->dump()));
        used[from] = true;
        op.axes[static_cast<std::size_t>(stored[i])] = stored[from];
    }
    return op;
}

Operation concatenate(const KerasLayer& layer, const KerasInput& in) {
    int axis = -1;
    if (const auto value = layer.config.find("axis"); value != layer.config.end() && !value->is_null()) {
        if (!value->is_number_integer() || *value < -4 || *value > 4)
            throw InputError(layer.where, fmt::format("joins along axis {}, which no map has", value->dump()));
        axis = value->get<int>();
    }
    const int number = axis < 0 ? axis + in.axes + 1 : axis;
    if (number < 1 || number > in.axes)
        throw InputError(layer.where,
                         fmt::format("joins along axis {}; 1 to {} are supported for its inputs", axis, in.axes));
    if (in.shape.layout == Layout::Vector) return Concat{};
    const auto stored = static_cast<std::size_t>(storage_axes(in)[static_cast<std::size_t>(number) - 1]);
    constexpr Axis hwc[] = {Axis::Row, Axis::Column, Axis::Channel};
    constexpr Axis chw[] = {Axis::Channel, Axis::Row, Axis::Column};
    return Concat{.axis = in.shape.layout == Layout::Chw ? chw[stored] : hwc[stored]};
}

Operation rescaling(const KerasLayer& layer) {
    const auto parameter = [&](const char* key, double otherwise) {
        std::vector<double> numbers = numbers_field(layer, key, otherwise);
        const auto n = static_cast<std::int64_t>(numbers.size());
        return Parameter{.dims = {n}, .real = std::move(numbers), .raw = {}, .type = {}};
    };
    return Affine{.scale = parameter("scale", 1), .bias = parameter("offset", 0)};
}

}  // namespace

Layout data_format(const KerasLayer& layer) {
    const std::string text = text_field(layer, "data_format", "channels_last");
    if (text != "channels_last" && text != "channels_first")
        throw InputError(layer.where,
                         fmt::format("has data_format '{}'; channels_last and channels_first are supported", text));
    return text == "channels_first" ? Layout::Chw : Layout::Hwc;
}

void need_format(const KerasLayer& layer, const Shape& in) {
    if (in.layout == Layout::Vector)
        throw InputError(layer.where,
                         "needs a map of rows, columns and channels but its input is a vector; put a Reshape in front");
    if (in.layout != data_format(layer))
        throw InputError(layer.where,
                         "has another data_format than its input; models that mix channels_last and channels_first are "
                         "not supported");
}

bool has_same_padding(const KerasLayer& layer) {
    const std::string padding = text_field(layer, "padding", "valid");
    if (padding != "same" && padding != "valid")
        throw InputError(layer.where, fmt::format("has padding '{}'; 'valid' and 'same' are supported", padding));
    return padding == "same";
}

KerasChain convert_plain(const KerasLayer& layer, const KerasInput& in) {
    const std::string& kind = layer.class_name;
    const auto single = [&](Operation op) { return KerasChain{plain(layer, std::move(op), layer.name)}; };
    if (kind == "MaxPooling2D" || kind == "MaxPooling1D") {
        need_format(layer, in.shape);
        return single(pool<MaxPool>(layer, in.shape));
    }
    if (kind == "AveragePooling2D" || kind == "AveragePooling1D") {
        need_format(layer, in.shape);
        return single(pool<AveragePool>(layer, in.shape));
    }
    if (kind == "GlobalMaxPooling2D" || kind == "GlobalMaxPooling1D") return global_pool<MaxPool>(layer, in.shape);
    if (kind == "GlobalAveragePooling2D" || kind == "GlobalAveragePooling1D")
        return global_pool<AveragePool>(layer, in.shape);
    if (kind == "ZeroPadding2D" || kind == "ZeroPadding1D") {
        need_format(layer, in.shape);
        return single(Pad{.padding = zero_padding(layer)});
    }
    if (is_activation_layer(layer)) return single(convert_activation_layer(layer, in.shape));
    if (kind == "Flatten") {
        // Keras flattens channels_first maps as if they were stored channels_last.
        if (data_format(layer) == Layout::Chw && in.shape.layout == Layout::Chw)
            return single(Flatten{.order = Layout::Hwc});
        return single(Flatten{});
    }
    if (kind == "Reshape") return single(Reshape{.shape = reshape_target(layer, in)});
    if (kind == "Permute") return single(permute(layer, in));
    if (kind == "Concatenate") return single(concatenate(layer, in));
    if (kind == "Rescaling") return single(rescaling(layer));
    if (kind == "Add") return single(Add{});
    if (kind == "Multiply") return single(Multiply{});
    throw InputError(layer.where, fmt::format("is of the class {}, which is not supported; {}", kind, kSupported));
}

Padding zero_padding(const KerasLayer& layer) {
    const auto value = layer.config.find("padding");
    const bool one_axis = has_one_axis(layer);
    std::vector<json> numbers;
    if (value == layer.config.end()) {
        numbers = {1, 1, 1, 1};
    } else if (value->is_number_integer()) {
        numbers = {*value, *value, *value, *value};
    } else if (value->is_array() && value->size() == 2 && one_axis) {
        numbers = {0, 0, (*value)[0], (*value)[1]};
    } else if (value->is_array() && value->size() == 2) {
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
    if (one_axis) p[0] = p[1] = 0;
    return {.top = p[0], .bottom = p[1], .left = p[2], .right = p[3]};
}

BatchNorm convert_batch_norm(const KerasLayer& layer, const LayerArrays& arrays, const KerasInput& in,
                             BatchNormSource& source) {
    const auto value = layer.config.find("axis");
    json axis = value == layer.config.end() ? json(-1) : *value;
    if (axis.is_array() && axis.size() == 1) axis = json(axis[0]);
    const int channel = in.shape.layout == Layout::Chw ? 1 : in.axes;
    if (axis != channel && !(axis == -1 && channel == in.axes)) {
        throw InputError(layer.where, fmt::format("normalises along axis {}; only the channel axis ({}) is supported",
                                                  axis.dump(), channel));
    }
    BatchNorm norm;
    source.layer = layer.name;
    source.epsilon = norm.epsilon = number_field(layer, "epsilon", 1e-3);
    const auto take = [&](const char* role, const char* quantizer, std::vector<double>& numbers, std::string& name) {
        const NamedReals& array = need_array(layer, arrays, role);
        numbers = array.tensor.values;
        name = array.name;
        if (plain_class(layer) == layer.class_name) return;
        const Parameter stored{.dims = array.tensor.dims, .real = numbers, .raw = {}, .type = {}};
        // QKeras scales gamma and variance by themselves, like weights.
        const bool trainable = std::string_view(role) == "gamma" || std::string_view(role) == "moving_variance";
        if (const auto q = quantizer_field(layer, quantizer, trainable))
            numbers = quantize_numbers(layer, *q, stored).numbers.real;
    };
    if (bool_field(layer, "scale", true)) take("gamma", "gamma_quantizer", norm.gamma, source.gamma);
    if (bool_field(layer, "center", true)) take("beta", "beta_quantizer", norm.beta, source.beta);
    take("moving_mean", "mean_quantizer", norm.mean, source.mean);
    take("moving_variance", "variance_quantizer", norm.variance, source.variance);
    return norm;
}

}  // namespace bittrue::detail
