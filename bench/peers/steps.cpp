// From a graph to the steps of the peers.
#include <algorithm>
#include <stdexcept>

#include "bittrue/golden/golden.hpp"
#include "network.hpp"

namespace bench::peers {

using namespace bittrue;

namespace {

void require(bool condition, const Node& node) {
    if (!condition) throw std::logic_error("the peers have no step for '" + node.name + "'");
}

// The cast into `to`; nothing where the format stays.
void add_cast(std::vector<Step>& steps, Format from, const Node& node, bool relu) {
    const FixedType& to = node.result;
    if (from == to.format && !relu) return;
    Cast cast{.relu = relu, .drop = from.frac() - to.format.frac()};
    require(to.overflow == Overflow::Sat && (cast.drop <= 0 || to.rounding == Rounding::RndConv), node);
    cast.low = static_cast<std::int32_t>(raw_min(to.format));
    cast.high = static_cast<std::int32_t>(raw_max(to.format));
    steps.emplace_back(cast);
}

const Tensor& parameter(const std::vector<ParameterWords>& all, const std::string& layer, const std::string& role) {
    for (const ParameterWords& p : all)
        if (p.layer == layer && p.role == role) return p.tensor;
    throw std::logic_error("layer '" + layer + "' has no " + role);
}

// Q_A(bias), rule A4: the bias has no bits below the accumulator's lsb.
std::int32_t first_sum(std::int64_t bias, const AccumulatorClass& c) {
    const std::int64_t half = std::int64_t{1} << (c.width - 1);
    if (c.kind == AccumulatorClass::Kind::Wrap) {
        const std::int64_t low = (bias + half) & (2 * half - 1);
        return static_cast<std::int32_t>(low - half);
    }
    return static_cast<std::int32_t>(std::clamp(bias, -half, half - 1));
}

void fill(Linear& linear, const Tensor& weights, const Tensor& bias, const AccumulatorSpec& spec,
          const AccumulatorClass& c, const Node& node) {
    require(weights.format.width == 8 && weights.format.is_signed, node);
    linear.weights.assign(weights.words.begin(), weights.words.end());
    const int up = spec.type.format.frac() - bias.format.frac();
    require(up >= 0, node);
    for (const std::int64_t word : bias.words) {
        linear.bias.push_back(static_cast<std::int32_t>(word * (std::int64_t{1} << up)));
        linear.start.push_back(first_sum(linear.bias.back(), c));
    }
}

Linear conv_step(const Conv2d& op, const Shape& in, const Shape& out, const Node& node) {
    const Padding same{op.padding.top, op.padding.top, op.padding.top, op.padding.top};
    require(op.groups == 1 && op.stride[0] == 1 && op.stride[1] == 1 && op.dilation[0] == 1 && op.dilation[1] == 1 &&
                op.padding == same && in.layout != Layout::Chw && op.bias.has_value(),
            node);
    return {.height = static_cast<int>(in.height()),
            .width = static_cast<int>(in.width()),
            .channels = static_cast<int>(in.channels()),
            .kernel_rows = static_cast<int>(op.weights.dims[0]),
            .kernel_columns = static_cast<int>(op.weights.dims[1]),
            .pad = op.padding.top,
            .out_height = static_cast<int>(out.height()),
            .out_width = static_cast<int>(out.width()),
            .outputs = static_cast<int>(out.channels())};
}

}  // namespace

std::vector<Step> steps_of(const Graph& graph, const AccumulatorClass& accumulator) {
    const auto parameters = golden::make_engine(graph)->parameters();
    std::vector<Step> steps;
    const auto linear = [&](const Node& node, Linear step, const AccumulatorSpec& spec) {
        fill(step, parameter(parameters, node.name, "weights"), parameter(parameters, node.name, "bias"), spec,
             accumulator, node);
        steps.emplace_back(std::move(step));
        add_cast(steps, spec.type.format, node, false);
    };
    std::string previous = graph.input.name;
    for (const Node& node : graph.nodes) {
        require(node.inputs.size() == 1 && node.inputs.front() == previous, node);
        const Shape& in = shape_of(graph, previous);
        const Format from = type_of(graph, previous).format;
        previous = node.name;
        if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
            linear(node, conv_step(*conv, in, node.shape, node), conv->accumulator);
        } else if (const auto* dense = std::get_if<Dense>(&node.op)) {
            require(dense->bias.has_value(), node);
            linear(node, {.channels = static_cast<int>(in.count()), .outputs = static_cast<int>(node.shape.count())},
                   dense->accumulator);
        } else if (const auto* pool = std::get_if<MaxPool>(&node.op)) {
            require(pool->pool == std::array{2, 2} && pool->stride == std::array{2, 2} && pool->padding == Padding{} &&
                        !pool->accumulator && node.result.format == from,
                    node);
            steps.emplace_back(Pool{.height = static_cast<int>(in.height()),
                                    .width = static_cast<int>(in.width()),
                                    .channels = static_cast<int>(in.channels())});
        } else if (std::holds_alternative<Relu>(node.op)) {
            add_cast(steps, from, node, true);
        } else if (std::holds_alternative<Quantize>(node.op) || std::holds_alternative<Flatten>(node.op)) {
            add_cast(steps, from, node, false);
        } else {
            require(false, node);
        }
    }
    return steps;
}

}  // namespace bench::peers
