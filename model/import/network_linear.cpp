#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/float_model.hpp"
#include "import/network_parser.hpp"
#include "import/real_arrays.hpp"

namespace bittrue::detail {

namespace {

WeightQuantizer choose_quantizer(const Arithmetic& own, const Arithmetic& defaults) {
    constexpr WeightQuantizer all[] = {WeightQuantizer::Cast, WeightQuantizer::Sign, WeightQuantizer::Bipolar};
    return all[own.quantizer ? *own.quantizer : defaults.quantizer.value_or(0)];
}

// weights_layout: the axes in the order of the file, by default as Keras stores them.
std::string stored_layout(TomlSection& section, const std::string& axes) {
    const std::optional<std::string> layout = section.text("weights_layout");
    if (!layout) return axes;
    std::string sorted = *layout;
    std::string expected = axes;
    std::sort(sorted.begin(), sorted.end());
    std::sort(expected.begin(), expected.end());
    if (sorted != expected) {
        section.fail("weights_layout",
                     axes == "io" ? "is \"io\" (inputs, outputs: Keras) or \"oi\" (PyTorch)"
                                  : "is an order of the letters o, i, h, w: \"hwio\" (Keras) or \"oihw\" (PyTorch)");
    }
    return *layout;
}

std::vector<double> norm_array(TomlSection& section, const NetworkContext& context, const std::string& key,
                               bool needed) {
    const std::optional<std::string> name = section.text(key);
    if (!name) {
        if (needed) section.missing(key, "name an array of the weights file");
        return {};
    }
    return section.at(key, [&] {
        const ArrayStore::Found found = context.arrays.find(*name);
        RealTensor tensor = to_reals(found.where, *found.array);
        check_finite(found.where, tensor);
        return std::move(tensor.values);
    });
}

// batch_norm = { gamma, beta, mean, variance, epsilon }: folded into real weights and bias.
void fold(TomlSection& section, const NetworkContext& context, const FixedType& bias_type, Parameter& weights,
          std::optional<Parameter>& bias) {
    std::optional<TomlSection> norm_section = section.table("batch_norm");
    if (!norm_section) return;
    if (weights.is_raw() || (bias && bias->is_raw()) || weights.quantizer != WeightQuantizer::Cast) {
        section.fail("batch_norm", "needs real weights and bias with the quantizer cast; raw words cannot be folded");
    }
    BatchNorm norm;
    norm.gamma = norm_array(*norm_section, context, "gamma", false);
    norm.beta = norm_array(*norm_section, context, "beta", false);
    norm.mean = norm_array(*norm_section, context, "mean", true);
    norm.variance = norm_array(*norm_section, context, "variance", true);
    const std::optional<double> epsilon = norm_section->number("epsilon");
    if (!epsilon) norm_section->missing("epsilon", "Keras' default is 0.001");
    norm.epsilon = *epsilon;
    norm_section->finish();
    RealTensor w{.dims = weights.dims, .values = std::move(weights.real)};
    RealTensor b;
    if (bias) b = {.dims = bias->dims, .values = bias->real};
    fold_batch_norm(norm_section->place(), norm, w, b);
    weights.real = std::move(w.values);
    bias = Parameter{.dims = b.dims, .real = b.values, .raw = {}, .type = bias_type};
}

template <typename Op>
Op read_linear(TomlSection& section, const NetworkContext& context, const Arithmetic& own, const std::string& axes) {
    Op op;
    const Arithmetic& defaults = context.defaults;
    const FixedType weight_type = choose_type(section, "weight_type", own.weight_type, defaults.weight_type);
    const FixedType bias_type = own.bias_type ? *own.bias_type : defaults.bias_type.value_or(weight_type);
    op.weights = read_parameter(section, context,
                                {.key = "weights",
                                 .type = weight_type,
                                 .quantizer = choose_quantizer(own, defaults),
                                 .axes = axes,
                                 .layout = stored_layout(section, axes)});
    const toml::node* bias = section.node("bias");
    if (bias == nullptr) section.missing("bias", "name an array, or write bias = false for a layer without bias");
    const bool without = bias->is_boolean() && !bias->as_boolean()->get();
    if (!without)
        op.bias = read_parameter(
            section, context,
            {.key = "bias", .type = bias_type, .quantizer = WeightQuantizer::Cast, .axes = {}, .layout = {}});
    fold(section, context, bias_type, op.weights, op.bias);
    op.accumulator = choose_accumulator(section, own, context);
    return op;
}

}  // namespace

Dense read_dense(TomlSection& section, const NetworkContext& context, const Arithmetic& own) {
    return read_linear<Dense>(section, context, own, "io");
}

Conv2d read_conv2d(TomlSection& section, const NetworkContext& context, const Arithmetic& own, const Shape& in) {
    auto op = read_linear<Conv2d>(section, context, own, "hwio");
    op.stride = read_pair(section, "stride", {1, 1});
    op.dilation = read_pair(section, "dilation", {1, 1});
    op.groups = static_cast<int>(section.integer("groups", 1, 1 << 20).value_or(1));
    op.padding = read_padding(section, in, {op.weights.dims[0], op.weights.dims[1]}, op.stride, op.dilation);
    return op;
}

}  // namespace bittrue::detail
