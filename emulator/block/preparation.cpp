#include "preparation.hpp"

#include <stdexcept>
#include <type_traits>

#include "bittrue/emulator/ranges.hpp"

namespace bittrue::emulator {
namespace {

// The same words again, so that no number is cast twice.
void use_words(Parameter& parameter, const Tensor& words) {
    parameter.real.clear();
    parameter.raw = words.words;
}

template <class Op>
Op with_words(const Op& op, const LayerParameters& parameters, const AccumulatorSpec& accumulator) {
    Op copy{};
    const auto take = [&](const Parameter& from, std::string_view role) {
        Parameter to{.dims = from.dims, .real = {}, .raw = {}, .type = from.type, .quantizer = from.quantizer};
        for (const ParameterWords& p : parameters.words())
            if (p.role == role) use_words(to, p.tensor);
        return to;
    };
    copy.weights = take(op.weights, "weights");
    if (op.bias) copy.bias = take(*op.bias, "bias");
    copy.accumulator = accumulator;
    if constexpr (std::is_same_v<Op, Conv2d>) {
        copy.stride = op.stride;
        copy.dilation = op.dilation;
        copy.groups = op.groups;
        copy.padding = op.padding;
    }
    return copy;
}

template <class Op>
constexpr bool kIsLinear = std::is_same_v<Op, Dense> || std::is_same_v<Op, Conv2d>;

}  // namespace

Preparation::Preparation(Graph graph, Isa isa)
    : graph_(std::move(graph)), isa_(isa), ranges_(tensor_ranges(graph_)), prepared_(graph_.nodes.size()) {
    for (const Node& node : graph_.nodes) {
        std::vector<std::size_t> numbers;
        for (const std::string& input : node.inputs)
            numbers.push_back(static_cast<std::size_t>(node_index(graph_, input) + 1));
        inputs_.push_back(std::move(numbers));
    }
    output_ = static_cast<std::size_t>(node_index(graph_, graph_.output) + 1);
}

const FixedType& Preparation::type_of(std::size_t tensor) const {
    return tensor == 0 ? graph_.input.type : graph_.nodes[tensor - 1].result;
}
const Shape& Preparation::shape_of(std::size_t tensor) const {
    return tensor == 0 ? graph_.input.shape : graph_.nodes[tensor - 1].shape;
}

LayerSetup Preparation::setup_of(std::size_t node) const {
    LayerSetup setup{.node = graph_.nodes[node]};
    for (const std::size_t input : inputs_[node]) {
        setup.input_types.push_back(type_of(input));
        setup.input_shapes.push_back(shape_of(input));
        setup.input_ranges.push_back(range_of(input));
    }
    return setup;
}

const LayerParameters& Preparation::parameters(std::size_t node) const {
    Prepared& p = prepared_[node];
    const std::lock_guard lock(p.mutex);
    if (!p.parameters) p.parameters = cast_parameters(setup_of(node), graph_.nodes[node].op);
    return *p.parameters;
}

const Tensor& Preparation::parameter(std::size_t node, std::string_view role) const {
    for (const ParameterWords& p : parameters(node).words())
        if (p.role == role) return p.tensor;
    throw std::logic_error("layer '" + graph_.nodes[node].name + "' has no parameter '" + std::string(role) + "'");
}

std::shared_ptr<const Layer> Preparation::image_layer(std::size_t node) const {
    Prepared& p = prepared_[node];
    const std::lock_guard lock(p.mutex);
    if (!p.layer) {
        const LayerSetup setup = setup_of(node);
        p.layer = std::visit([&setup](const auto& op) { return make_layer(setup, op); }, setup.node.op);
    }
    return p.layer;
}

PreparedLinear Preparation::make(std::size_t node, const AccumulatorSpec& accumulator, bool count_events) const {
    const LayerParameters& words = parameters(node);
    const LayerSetup setup = setup_of(node);
    const LinearOptions options{.isa = isa_, .count_events = count_events};
    return std::visit(
        [&](const auto& op) -> PreparedLinear {
            using Op = std::decay_t<decltype(op)>;
            if constexpr (kIsLinear<Op>) {
                const Op again = with_words(op, words, accumulator);
                LayerParameters unused;
                PreparedLinear made{.accumulator = accumulator};
                made.linear = make_linear(setup, again, options, unused);
                const RowCast result(accumulator.type.format, setup.node.result);
                if (result.lane_bits() == 0) made.linear = nullptr;
                if (!made.linear) made.layer = make_layer(setup, again);
                return made;
            } else {
                throw std::logic_error("layer '" + setup.node.name + "' is not linear");
            }
        },
        setup.node.op);
}

std::unique_ptr<PrefixRange> Preparation::prefix_range(std::size_t node, const AccumulatorSpec& accumulator) const {
    const LayerParameters& words = parameters(node);
    const LayerSetup setup = setup_of(node);
    return std::visit(
        [&](const auto& op) -> std::unique_ptr<PrefixRange> {
            using Op = std::decay_t<decltype(op)>;
            if constexpr (kIsLinear<Op>) {
                auto range = make_prefix_range(setup, with_words(op, words, accumulator), isa_);
                return range && range->frac() <= accumulator.type.format.frac() ? std::move(range) : nullptr;
            } else {
                throw std::logic_error("layer '" + setup.node.name + "' is not linear");
            }
        },
        setup.node.op);
}

PreparedLinear Preparation::linear(std::size_t node, bool count_events) const {
    const AccumulatorSpec* spec = nullptr;
    if (const auto* dense = std::get_if<Dense>(&graph_.nodes[node].op)) spec = &dense->accumulator;
    if (const auto* conv = std::get_if<Conv2d>(&graph_.nodes[node].op)) spec = &conv->accumulator;
    if (spec == nullptr) throw std::logic_error("layer '" + graph_.nodes[node].name + "' is not linear");
    Prepared& p = prepared_[node];
    {
        const std::lock_guard lock(p.mutex);
        if (p.linear[count_events ? 1 : 0]) return *p.linear[count_events ? 1 : 0];
    }
    PreparedLinear made = make(node, *spec, count_events);
    const std::lock_guard lock(p.mutex);
    auto& slot = p.linear[count_events ? 1 : 0];
    if (!slot) slot = std::move(made);
    return *slot;
}

PreparedLinear Preparation::replaced(std::size_t node, const AccumulatorSpec& accumulator, bool count_events) const {
    return make(node, accumulator, count_events);
}

}  // namespace bittrue::emulator
