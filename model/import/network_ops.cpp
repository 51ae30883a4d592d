#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "import/geometry.hpp"
#include "import/network_parser.hpp"

namespace bittrue::detail {

namespace {

template <typename Pool>
Pool read_pool(TomlSection& section, const Shape& in) {
    Pool op;
    op.pool = read_pair(section, "pool", {2, 2});
    op.stride = read_pair(section, "stride", op.pool);
    op.padding = read_padding(section, in, {op.pool[0], op.pool[1]}, op.stride, {1, 1});
    return op;
}

MaxPool read_max_pool(TomlSection& section, const NetworkContext& context, const Shape& in) {
    auto op = read_pool<MaxPool>(section, in);
    op.pad_rule = section.word("pad_rule", {"ignore", "msb"}).value_or(0) == 0 ? PoolPadding::Ignore : PoolPadding::Msb;
    op.accumulator = section.type("accumulator", context.dialect);
    return op;
}

AveragePool read_average_pool(TomlSection& section, const NetworkContext& context, const Arithmetic& own,
                              const Shape& in) {
    auto op = read_pool<AveragePool>(section, in);
    op.count_padding = section.boolean("count_padding").value_or(false);
    op.accumulator = choose_type(section, "accumulator", own.accumulator, context.defaults.accumulator);
    if (const auto divide = section.text("divide"))
        op.divide = section.at("divide", [&] { return parse_rounding(*divide); });
    return op;
}

LeakyRelu read_leaky_relu(TomlSection& section, const NetworkContext& context) {
    const FixedType type =
        choose_type(section, "alpha_type", section.type("alpha_type", context.dialect), context.defaults.weight_type);
    return {.alpha = read_numbers(section, context, "alpha", type, "the slope for negative values, a number")};
}

Flatten read_flatten(TomlSection& section) {
    constexpr Layout layouts[] = {Layout::Hwc, Layout::Chw};
    const auto order = section.word("order", {"hwc", "chw"});
    return order ? Flatten{.order = layouts[*order]} : Flatten{};
}

ClippedRelu read_clipped_relu(TomlSection& section) {
    const std::optional<double> max = section.number("max");
    if (!max) section.missing("max", "the largest result, a number");
    return {.max = *max};
}

Clip read_clip(TomlSection& section) {
    const std::optional<double> min = section.number("min");
    if (!min) section.missing("min", "the smallest result, a number");
    const std::optional<double> max = section.number("max");
    if (!max) section.missing("max", "the largest result, a number");
    return {.min = *min, .max = *max};
}

Concat read_concat(TomlSection& section) {
    constexpr Axis axes[] = {Axis::Channel, Axis::Row, Axis::Column};
    return {.axis = axes[section.word("axis", {"channel", "row", "column"}).value_or(0)]};
}

Transpose read_transpose(TomlSection& section, const Shape& in) {
    Transpose op;
    const auto axes = section.integers("axes", 0, 2);
    if (!axes) section.missing("axes", "the axes of the input in their new order, such as [2, 0, 1]");
    if (axes->size() != 3) section.fail("axes", "must be a list of three: an order of 0, 1 and 2");
    for (std::size_t i = 0; i < 3; ++i) op.axes[i] = static_cast<int>((*axes)[i]);
    constexpr Layout layouts[] = {Layout::Hwc, Layout::Chw};
    const auto layout = section.word("layout", {"hwc", "chw"});
    op.layout = layout ? layouts[*layout] : in.layout == Layout::Chw ? Layout::Chw : Layout::Hwc;
    return op;
}

Pad read_pad(TomlSection& section) {
    const auto p = section.integers("padding", 0, 1 << 20);
    if (!p) section.missing("padding", "a list of four: [top, bottom, left, right]");
    if (p->size() != 4) section.fail("padding", "must be a list of four: [top, bottom, left, right]");
    const auto at = [&](std::size_t i) { return static_cast<int>((*p)[i]); };
    return {.padding = {.top = at(0), .bottom = at(1), .left = at(2), .right = at(3)}};
}

}  // namespace

std::array<int, 2> read_pair(TomlSection& section, const std::string& key, std::array<int, 2> otherwise) {
    const toml::node* value = section.node(key);
    if (value == nullptr) return otherwise;
    if (value->is_integer()) {
        const auto both = static_cast<int>(*section.integer(key, 1, 1 << 20));
        return {both, both};
    }
    const auto numbers = section.integers(key, 1, 1 << 20);
    if (numbers->size() != 2) section.fail(key, "must be one integer or a list of two: [rows, columns]");
    return {static_cast<int>((*numbers)[0]), static_cast<int>((*numbers)[1])};
}

Padding read_padding(TomlSection& section, const Shape& in, std::array<std::int64_t, 2> kernel,
                     std::array<int, 2> stride, std::array<int, 2> dilation) {
    const toml::node* value = section.node("padding");
    if (value == nullptr) return {};
    if (value->is_string()) {
        if (section.word("padding", {"valid", "same"}) == std::size_t{0}) return {};
        if (in.layout == Layout::Vector) section.fail("padding", "needs a map as input, not a vector");
        return same_padding(in, {.kernel = kernel, .stride = stride, .dilation = dilation});
    }
    if (!value->is_array())
        section.fail("padding", "must be \"valid\", \"same\" or a list of four: [top, bottom, left, right]");
    const auto p = section.integers("padding", 0, 1 << 20);
    if (p->size() != 4)
        section.fail("padding", "must be \"valid\", \"same\" or a list of four: [top, bottom, left, right]");
    const auto at = [&](std::size_t i) { return static_cast<int>((*p)[i]); };
    return {.top = at(0), .bottom = at(1), .left = at(2), .right = at(3)};
}

Shape read_shape(TomlSection& section) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    const auto dims = section.integers("shape", 1, most);
    if (!dims) section.missing("shape", "a list of one or three integers, such as [28, 28, 1]");
    if (dims->size() != 1 && dims->size() != 3)
        section.fail("shape", fmt::format("has {} axes; a vector has one, a map three", dims->size()));
    constexpr Layout layouts[] = {Layout::Vector, Layout::Hwc, Layout::Chw};
    const auto layout = section.word("layout", {"vector", "hwc", "chw"});
    const Shape shape{.layout = layout              ? layouts[*layout]
                                : dims->size() == 1 ? Layout::Vector
                                                    : Layout::Hwc,
                      .dims = *dims};
    if ((shape.layout == Layout::Vector) != (dims->size() == 1))
        section.fail("layout", "\"vector\" goes with one axis, \"hwc\" and \"chw\" with three");
    return shape;
}

const std::vector<std::string>& operation_names() {
    static const std::vector<std::string> names{
        "quantize", "dense",   "conv2d",    "max_pool", "average_pool", "relu",      "clipped_relu", "leaky_relu",
        "flatten",  "reshape", "add",       "sigmoid",  "tanh",         "lookup",    "softmax",      "affine",
        "multiply", "concat",  "transpose", "pad",      "clip",         "threshold", "requantize"};
    return names;
}

ArithmeticKeys keys_of(const std::string& op) {
    return op == "dense" || op == "conv2d" ? ArithmeticKeys::Accumulating : ArithmeticKeys::Result;
}

Operation read_operation(TomlSection& section, const std::string& op, const NetworkContext& context,
                         const Arithmetic& own, const std::vector<LayerInput>& in) {
    const Shape& shape = in[0].shape;
    if (op == "dense") return read_dense(section, context, own);
    if (op == "conv2d") return read_conv2d(section, context, own, shape);
    if (op == "max_pool") return read_max_pool(section, context, shape);
    if (op == "average_pool") {
        Arithmetic with_accumulator = own;
        with_accumulator.accumulator = section.type("accumulator", context.dialect);
        return read_average_pool(section, context, with_accumulator, shape);
    }
    if (op == "quantize") return Quantize{};
    if (op == "relu") return Relu{};
    if (op == "clipped_relu") return read_clipped_relu(section);
    if (op == "leaky_relu") return read_leaky_relu(section, context);
    if (op == "flatten") return read_flatten(section);
    if (op == "reshape") return Reshape{.shape = read_shape(section)};
    if (op == "add") return Add{};
    if (op == "softmax") return read_softmax(section, context, in[0].type);
    if (op == "affine") return read_affine(section, context);
    if (op == "multiply") return Multiply{};
    if (op == "concat") return read_concat(section);
    if (op == "transpose") return read_transpose(section, shape);
    if (op == "pad") return read_pad(section);
    if (op == "clip") return read_clip(section);
    if (op == "threshold") return read_threshold(section, context);
    if (op == "requantize") return read_requantize(section, context);
    return read_lookup(section, op, context);
}

}  // namespace bittrue::detail
