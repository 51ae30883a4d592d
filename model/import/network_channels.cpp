// Layers with one number for all channels or one for each: affine, threshold, requantize.
#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "import/network_parser.hpp"

namespace bittrue::detail {

namespace {

FixedType integers_of_32_bits(Dialect dialect) {
    return {.format = {.width = 32, .integer = 32, .is_signed = true}, .dialect = dialect};
}

// An integer, a list of integers, or an array of raw words.
Parameter read_multiplier(TomlSection& section, const NetworkContext& context, const FixedType& type) {
    const toml::node* value = section.node("multiplier");
    if (value == nullptr) section.missing("multiplier", "an integer, or one for each channel");
    if (!value->is_integer() && !value->is_array())
        return read_parameter(section, context, {.key = "multiplier", .type = type});
    const auto low = static_cast<std::int64_t>(raw_min(type.format));
    const i128 most = std::min<i128>(raw_max(type.format), std::numeric_limits<std::int64_t>::max());
    const auto high = static_cast<std::int64_t>(most);
    Parameter p{.type = type};
    p.raw = value->is_integer() ? std::vector<std::int64_t>{*section.integer("multiplier", low, high)}
                                : *section.integers("multiplier", low, high);
    if (p.raw.empty()) section.fail("multiplier", "has no numbers");
    p.dims = {std::ssize(p.raw)};
    return p;
}

std::vector<int> read_shift(TomlSection& section) {
    constexpr int kMost = 62;
    const toml::node* value = section.node("shift");
    if (value == nullptr) section.missing("shift", "by how many bits products are shifted to the right");
    if (value->is_integer()) return {static_cast<int>(*section.integer("shift", -kMost, kMost))};
    std::vector<int> shifts;
    const auto listed = section.integers("shift", -kMost, kMost);
    for (const std::int64_t s : *listed) shifts.push_back(static_cast<int>(s));
    return shifts;
}

}  // namespace

Affine read_affine(TomlSection& section, const NetworkContext& context) {
    const Arithmetic& defaults = context.defaults;
    const FixedType scale_type =
        choose_type(section, "scale_type", section.type("scale_type", context.dialect), defaults.weight_type);
    const FixedType bias_type =
        section.type("bias_type", context.dialect).value_or(defaults.bias_type.value_or(scale_type));
    Affine op{.scale = read_numbers(section, context, "scale", scale_type,
                                    "a number, or an array with one number for each channel")};
    const toml::node* bias = section.node("bias");
    const bool without = bias == nullptr || (bias->is_boolean() && !bias->as_boolean()->get());
    if (!without) op.bias = read_numbers(section, context, "bias", bias_type, "");
    return op;
}

Threshold read_threshold(TomlSection& section, const NetworkContext& context) {
    const FixedType type = choose_type(section, "threshold_type", section.type("threshold_type", context.dialect),
                                       context.defaults.weight_type);
    Threshold op{.thresholds =
                     read_parameter(section, context, {.key = "thresholds", .type = type, .keep_shape = true})};
    Dims& dims = op.thresholds.dims;
    if (dims.size() == 1) dims.insert(dims.begin(), 1);  // for all channels
    if (dims.size() != 2) {
        section.fail("thresholds", fmt::format("has the shape {}; one axis (thresholds) or two (channels, thresholds) "
                                               "are needed",
                                               print_dims(dims)));
    }
    op.scale = section.number("scale").value_or(1);
    op.bias = section.number("bias").value_or(0);
    op.strict = section.boolean("strict").value_or(false);
    return op;
}

Requantize read_requantize(TomlSection& section, const NetworkContext& context) {
    constexpr RequantizeRule rules[] = {RequantizeRule::Exact, RequantizeRule::TfliteDouble, RequantizeRule::Float32};
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const FixedType type =
        section.type("multiplier_type", context.dialect).value_or(integers_of_32_bits(context.dialect));
    Requantize op{.multiplier = read_multiplier(section, context, type)};
    op.shift = read_shift(section);
    op.rule = rules[section.word("rule", {"exact", "tflite_double", "float32"}).value_or(0)];
    op.zero_point = section.integer("zero_point", -kMost - 1, kMost).value_or(0);
    op.zero_point_first = section.boolean("zero_point_first").value_or(false);
    return op;
}

}  // namespace bittrue::detail
