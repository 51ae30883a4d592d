#include <algorithm>

#include "telling/telling.hpp"

namespace bittrue::diagnose_detail {
namespace {

RawRange of_type(const FixedType& type) {
    return {range_min(type), range_max(type)};
}

// Casts keep the order, unless something wraps.
RawRange cast(const RawRange& x, int frac, const FixedType& to, const Datapath& datapath) {
    const Converted low = datapath.quantize(x.low, frac, to), high = datapath.quantize(x.high, frac, to);
    const bool clamps = to.overflow == Overflow::Sat || to.overflow == Overflow::SatSym;
    if (!clamps && (low.events.overflow() || high.events.overflow())) return of_type(to);
    return {raw_from_word(low.word, to.format), raw_from_word(high.word, to.format)};
}

RawRange possible(const Graph& graph, const std::string& tensor, const Datapath& datapath, int depth) {
    constexpr int kDeep = 8;  // beyond it a range that is only the type's does no harm
    const int at = node_index(graph, tensor);
    if (at < 0) {
        const InputRaws raws = input_raws(graph.input);
        return {raws.low, raws.high};
    }
    const Node& node = graph.nodes[static_cast<std::size_t>(at)];
    const auto input = [&] { return possible(graph, node.inputs.front(), datapath, depth + 1); };
    const auto cast_here = [&](const RawRange& range) {
        return cast(range, type_of(graph, node.inputs.front()).format.frac(), node.result, datapath);
    };
    const auto* pool = std::get_if<MaxPool>(&node.op);
    const bool passes = std::holds_alternative<Quantize>(node.op) || std::holds_alternative<Flatten>(node.op) ||
                        std::holds_alternative<Reshape>(node.op) || std::holds_alternative<Transpose>(node.op) ||
                        (pool != nullptr && pool->pad_rule == PoolPadding::Ignore && !pool->accumulator);
    const bool positive = std::holds_alternative<Relu>(node.op) || std::holds_alternative<ClippedRelu>(node.op);
    if (depth > kDeep || !(passes || positive)) return of_type(node.result);
    RawRange range = input();
    if (positive) range = {std::max<i128>(range.low, 0), std::max<i128>(range.high, 0)};
    return cast_here(range);
}

}  // namespace

RawRange possible_raws(const Graph& graph, const std::string& tensor, const Datapath& datapath) {
    return possible(graph, tensor, datapath, 0);
}

}  // namespace bittrue::diagnose_detail
