// A random network as text, complete enough to be typed in again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "exhaustive/random_graph.hpp"
#include "exhaustive/random_mac.hpp"

namespace bittrue::testing {
namespace {

std::string print_layout(Layout layout) {
    switch (layout) {
        case Layout::Vector: return "vector";
        case Layout::Hwc: return "hwc";
        case Layout::Chw: return "chw";
    }
    return {};
}

std::string describe(const Shape& shape) {
    return print_layout(shape.layout) + " " + print_dims(shape.dims);
}

std::string describe(const Parameter& p) {
    const char* quantizer = "cast";
    switch (p.quantizer) {
        case WeightQuantizer::Cast: break;
        case WeightQuantizer::Sign: quantizer = "sign"; break;
        case WeightQuantizer::Bipolar: quantizer = "bipolar"; break;
    }
    return fmt::format("{} {} [{}] {}", print_type(p.type), quantizer, print_dims(p.dims),
                       p.is_raw() ? fmt::format("raw {}", p.raw) : fmt::format("real {}", p.real));
}

std::string describe(const std::optional<Parameter>& p) {
    return p ? describe(*p) : "none";
}

std::string describe(const Padding& p) {
    return fmt::format("{} {} {} {}", p.top, p.bottom, p.left, p.right);
}

struct Describe {
    std::string operator()(const Quantize&) const { return {}; }
    std::string operator()(const Relu&) const { return {}; }
    std::string operator()(const Add&) const { return {}; }
    std::string operator()(const Dense& op) const {
        return fmt::format("weights {}\n    bias {}\n    {}", describe(op.weights), describe(op.bias),
                           testing::describe(op.accumulator));
    }
    std::string operator()(const Conv2d& op) const {
        return fmt::format("stride {} dilation {} groups {} padding {}\n    weights {}\n    bias {}\n    {}", op.stride,
                           op.dilation, op.groups, describe(op.padding), describe(op.weights), describe(op.bias),
                           testing::describe(op.accumulator));
    }
    std::string operator()(const MaxPool& op) const {
        return fmt::format("pool {} stride {} padding {} {}", op.pool, op.stride, describe(op.padding),
                           op.pad_rule == PoolPadding::Ignore ? "ignore" : "msb");
    }
    std::string operator()(const AveragePool& op) const {
        return fmt::format("pool {} stride {} padding {} count_padding {} accumulator {} divide {}", op.pool, op.stride,
                           describe(op.padding), op.count_padding, print_type(op.accumulator),
                           print_rounding(op.divide));
    }
    std::string operator()(const ClippedRelu& op) const { return fmt::format("max {}", op.max); }
    std::string operator()(const LeakyRelu& op) const { return "alpha " + describe(op.alpha); }
    std::string operator()(const Flatten& op) const { return op.order ? print_layout(*op.order) : "storage order"; }
    std::string operator()(const Reshape& op) const { return describe(op.shape); }
    std::string operator()(const Lookup& op) const {
        return fmt::format("{} span {} table {}", op.index == TableIndex::Bits ? "bits" : "scaled", op.span,
                           describe(op.table.entries));
    }
    std::string operator()(const Softmax& op) const {
        const char* const kinds[] = {"stable", "latency", "legacy", "argmax"};
        const std::string kind = kinds[static_cast<std::size_t>(op.kind)];
        if (op.kind == SoftmaxKind::Argmax) return kind;
        return fmt::format("{}\n    exp_table {}\n    inv_table {}\n    accumulator {} inv_input {} difference {}",
                           kind, describe(op.exp_table.entries), describe(op.inv_table.entries),
                           print_type(op.accumulator), print_type(op.inv_input), print_type(op.difference));
    }
    std::string operator()(const Affine& op) const {
        return fmt::format("scale {}\n    bias {}", describe(op.scale), describe(op.bias));
    }
    std::string operator()(const Multiply&) const { return {}; }
    std::string operator()(const Concat& op) const {
        const char* const axes[] = {"channel", "row", "column"};
        return fmt::format("axis {}", axes[static_cast<std::size_t>(op.axis)]);
    }
    std::string operator()(const Transpose& op) const {
        return fmt::format("axes {} layout {}", op.axes, print_layout(op.layout));
    }
    std::string operator()(const Pad& op) const { return "padding " + describe(op.padding); }
    std::string operator()(const Clip& op) const { return fmt::format("min {} max {}", op.min, op.max); }
    std::string operator()(const Threshold& op) const {
        return fmt::format("scale {} bias {} {}\n    thresholds {}", op.scale, op.bias,
                           op.strict ? "strict" : "not strict", describe(op.thresholds));
    }
    std::string operator()(const Requantize& op) const {
        const char* const rules[] = {"exact", "tflite_double", "float32"};
        return fmt::format("{} shift {} zero_point {}{}\n    multiplier {}", rules[static_cast<std::size_t>(op.rule)],
                           op.shift, op.zero_point, op.zero_point_first ? " first" : "", describe(op.multiplier));
    }
};

}  // namespace

std::string describe(const Graph& graph) {
    std::string text = fmt::format("input {} {}\n", describe(graph.input.shape), print_type(graph.input.type));
    for (const Node& node : graph.nodes) {
        text +=
            fmt::format("  {} = {}({}) -> {} {}\n    {}\n", node.name, op_name(node.op), fmt::join(node.inputs, ", "),
                        describe(node.shape), print_type(node.result), std::visit(Describe{}, node.op));
    }
    return text;
}

}  // namespace bittrue::testing
