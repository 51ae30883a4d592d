// Intervals through the layers that keep an order.
#include "bittrue/emulator/ranges.hpp"

#include <algorithm>
#include <cmath>

#include "bittrue/emulator/emulator.hpp"
#include "bound_raws.hpp"

namespace bittrue::emulator {
namespace {

InputRange range_of(const FixedType& type) {
    return {range_min(type), range_max(type)};
}

InputRange hull(const InputRange& a, const InputRange& b) {
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

// Casts are monotone where nothing overflows or overflow clamps: all between the casts of both ends.
InputRange between(const Converted& low, const Converted& high, const FixedType& to) {
    const bool clamps = to.overflow == Overflow::Sat || to.overflow == Overflow::SatSym;
    if ((low.events.overflow() || high.events.overflow()) && !clamps) return range_of(to);
    return {raw_from_word(low.word, to.format), raw_from_word(high.word, to.format)};
}

InputRange cast(const InputRange& x, int frac, const FixedType& to) {
    return between(quantize(x.low, frac, to), quantize(x.high, frac, to), to);
}

class Through {
public:
    Through(const InputRange& in, const FixedType& type, const FixedType& result)
        : in_(in), frac_(type.format.frac()), type_(type), result_(result) {}

    InputRange operator()(const Quantize&) const { return cast(in_, frac_, result_); }
    InputRange operator()(const Flatten&) const { return cast(in_, frac_, result_); }
    InputRange operator()(const Reshape&) const { return cast(in_, frac_, result_); }
    InputRange operator()(const Transpose&) const { return cast(in_, frac_, result_); }
    InputRange operator()(const Concat&) const { return cast(in_, frac_, result_); }
    InputRange operator()(const Pad& op) const {
        return cast(op.padding == Padding{} ? in_ : hull(in_, {0, 0}), frac_, result_);
    }
    InputRange operator()(const Clip& op) const {
        const Converted low = clipped(in_.low, op), high = clipped(in_.high, op);
        return between(low, high, result_);
    }
    InputRange operator()(const Relu&) const { return cast(positive(), frac_, result_); }
    // Words up to the limit pass; what lies above becomes the limit, which is cast by itself.
    InputRange operator()(const ClippedRelu& op) const {
        const double scaled = std::floor(std::ldexp(op.max, frac_));
        const i128 last = scaled < std::ldexp(1.0, 100) ? static_cast<i128>(scaled) : i128{1} << 100;
        const InputRange x = positive();
        const InputRange passed = cast({std::min(x.low, last), std::min(x.high, last)}, frac_, result_);
        if (x.high <= last) return passed;
        const i128 limit = raw_from_word(quantize_real(op.max, result_).word, result_.format);
        return hull(passed, {limit, limit});
    }
    InputRange operator()(const MaxPool& op) const {
        InputRange x = in_;
        const bool padded = op.padding.top > 0 || op.padding.bottom > 0 || op.padding.left > 0 || op.padding.right > 0;
        if (padded && op.pad_rule == PoolPadding::Msb) {
            const i128 pad = type_.format.is_signed ? raw_min(type_.format) : i128{1} << (type_.format.width - 1);
            x = hull(x, {pad, pad});
        }
        if (!op.accumulator) return cast(x, frac_, result_);
        return cast(cast(x, frac_, *op.accumulator), op.accumulator->format.frac(), result_);
    }
    InputRange operator()(const auto&) const { return range_of(result_); }

private:
    // The cast of a raw between the limits, or of the limit.
    [[nodiscard]] Converted clipped(i128 raw, const Clip& op) const {
        if (raw < first_raw_from(op.min, frac_)) return quantize_real(op.min, result_);
        if (raw > last_raw_to(op.max, frac_)) return quantize_real(op.max, result_);
        return quantize(raw, frac_, result_);
    }
    InputRange positive() const { return {std::max(in_.low, i128{0}), std::max(in_.high, i128{0})}; }

    InputRange in_;
    int frac_;
    FixedType type_, result_;
};

}  // namespace

std::vector<InputRange> tensor_ranges(const Graph& graph, const std::optional<DeclaredRange>& declared) {
    std::vector<InputRange> ranges;
    const auto take = [&](const std::string& name, const InputRange& derived) {
        ranges.push_back(declared && declared->tensor == name ? declared->range : derived);
    };
    const InputRaws words = input_raws(graph.input);
    take(graph.input.name, {words.low, words.high});
    for (const Node& node : graph.nodes) {
        const auto from = [&](const std::string& source) {
            const InputRange& in = ranges[static_cast<std::size_t>(node_index(graph, source) + 1)];
            return std::visit(Through(in, type_of(graph, source), node.result), node.op);
        };
        // A word of a concatenation comes from one of the inputs.
        InputRange all = from(node.inputs.front());
        for (const std::string& source : node.inputs) all = hull(all, from(source));
        take(node.name, all);
    }
    return ranges;
}

}  // namespace bittrue::emulator
