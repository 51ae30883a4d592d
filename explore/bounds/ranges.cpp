// Intervals through the layers that keep an order.
#include <algorithm>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::explore {
namespace {

Extent range_of(const FixedType& type) {
    return {range_min(type), range_max(type)};
}

Extent hull(const Extent& a, const Extent& b) {
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

// Casts are monotone where nothing overflows or overflow clamps.
Extent cast(const Extent& x, int frac, const FixedType& to) {
    const Converted low = emulator::quantize(x.low, frac, to), high = emulator::quantize(x.high, frac, to);
    const bool clamps = to.overflow == Overflow::Sat || to.overflow == Overflow::SatSym;
    if ((low.events.overflow() || high.events.overflow()) && !clamps) return range_of(to);
    return {raw_from_word(low.word, to.format), raw_from_word(high.word, to.format)};
}

class Through {
public:
    Through(const Extent& in, const FixedType& type, const FixedType& result)
        : in_(in), frac_(type.format.frac()), type_(type), result_(result) {}

    Extent operator()(const Quantize&) const { return cast(in_, frac_, result_); }
    Extent operator()(const Flatten&) const { return cast(in_, frac_, result_); }
    Extent operator()(const Reshape&) const { return cast(in_, frac_, result_); }
    Extent operator()(const Relu&) const { return cast(positive(), frac_, result_); }
    // Words up to the limit pass; what lies above becomes the limit, which is cast by itself.
    Extent operator()(const ClippedRelu& op) const {
        const double scaled = std::floor(std::ldexp(op.max, frac_));
        const i128 last = scaled < std::ldexp(1.0, 100) ? static_cast<i128>(scaled) : i128{1} << 100;
        const Extent x = positive();
        const Extent passed = cast({std::min(x.low, last), std::min(x.high, last)}, frac_, result_);
        if (x.high <= last) return passed;
        const i128 limit = raw_from_word(emulator::quantize_real(op.max, result_).word, result_.format);
        return hull(passed, {limit, limit});
    }
    Extent operator()(const MaxPool& op) const {
        Extent x = in_;
        const bool padded = op.padding.top > 0 || op.padding.bottom > 0 || op.padding.left > 0 || op.padding.right > 0;
        if (padded && op.pad_rule == PoolPadding::Msb) {
            const i128 pad = type_.format.is_signed ? raw_min(type_.format) : i128{1} << (type_.format.width - 1);
            x = hull(x, {pad, pad});
        }
        if (!op.accumulator) return cast(x, frac_, result_);
        return cast(cast(x, frac_, *op.accumulator), op.accumulator->format.frac(), result_);
    }
    Extent operator()(const auto&) const { return range_of(result_); }

private:
    Extent positive() const { return {std::max(in_.low, i128{0}), std::max(in_.high, i128{0})}; }

    Extent in_;
    int frac_;
    FixedType type_, result_;
};

}  // namespace

std::vector<Extent> tensor_ranges(const Graph& graph, const DeclaredRange& declared) {
    std::vector<Extent> ranges;
    const auto take = [&](const std::string& name, const FixedType& type, const Extent& derived) {
        if (name != declared.tensor) return ranges.push_back(derived);
        if (declared.low > declared.high || declared.low < raw_min(type.format) ||
            declared.high > raw_max(type.format)) {
            throw InputError(
                "the range " + print_raw(declared.low) + " to " + print_raw(declared.high) + " of '" + name + "'",
                "it must ascend and lie within its type " + print_type(type) + ", " + print_raw(raw_min(type.format)) +
                    " to " + print_raw(raw_max(type.format)) + " as raws");
        }
        ranges.push_back({declared.low, declared.high});
    };
    take(graph.input.name, graph.input.type, range_of(graph.input.type));
    for (const Node& node : graph.nodes) {
        const std::string& source = node.inputs.front();
        const Extent& in = ranges[static_cast<std::size_t>(node_index(graph, source) + 1)];
        take(node.name, node.result, std::visit(Through(in, type_of(graph, source), node.result), node.op));
    }
    return ranges;
}

}  // namespace bittrue::explore
