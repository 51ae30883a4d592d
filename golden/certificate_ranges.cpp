// How far the words of each tensor can go.
#include <algorithm>

#include "certificate_bounds.hpp"

namespace bittrue::golden {
namespace {

Interval all_words(const FixedType& type) {
    // Both ends of the range, reached by casting something far beyond it into the same format with saturation.
    FixedType clamped = type;
    clamped.saturated_bits = 0;
    if (clamped.overflow != Overflow::SatSym) clamped.overflow = Overflow::Sat;
    const Quantizer q(clamped);
    return {.low = q.infinity(true).raw, .high = q.infinity(false).raw};
}

// Rule I3: of these, the raws whose values lie within the declared range.
Interval input_words(const InputSpec& input) {
    Interval words = all_words(input.type);
    if (!input.range) return words;
    const int frac = input.type.format.frac();
    // The raw at or below a value.
    const auto floor_of = [frac](const Dyadic& x) {
        return x.frac >= frac ? floor_divide_by_power(x.raw, x.frac - frac) : raw_at(x, frac);
    };
    Dyadic mirrored = dyadic_from_double(input.range->low);
    mirrored.raw = -mirrored.raw;
    words.low = std::max<Integer>(words.low, -floor_of(mirrored));
    words.high = std::min<Integer>(words.high, floor_of(dyadic_from_double(input.range->high)));
    return words;
}

Interval united(const Interval& a, const Interval& b) {
    return {.low = a.low < b.low ? a.low : b.low, .high = a.high > b.high ? a.high : b.high};
}

// A cast keeps the order of values unless something overflows and is not clamped.
Interval cast(const Dyadic& low, const Dyadic& high, const FixedType& type) {
    const Quantizer q(type);
    const Quantized a = q(low), b = q(high);
    const bool overflow = a.events.overflow() || b.events.overflow();
    switch (type.overflow) {
        case Overflow::Sat:
        case Overflow::SatSym: break;
        case Overflow::Wrap:
        case Overflow::WrapSm:
        case Overflow::SatZero:
            if (overflow) return all_words(type);
    }
    return {.low = a.raw, .high = b.raw};
}

class ResultRange {
public:
    ResultRange(const Interval& in, const Format& format, const FixedType& result)
        : low_{.raw = in.low, .frac = format.frac()},
          high_{.raw = in.high, .frac = format.frac()},
          format_(format),
          result_(result) {}

    Interval operator()(const Quantize& /*op*/) const { return cast(low_, high_, result_); }
    Interval operator()(const Flatten& /*op*/) const { return cast(low_, high_, result_); }
    Interval operator()(const Reshape& /*op*/) const { return cast(low_, high_, result_); }
    Interval operator()(const Relu& /*op*/) const { return cast(positive(low_), positive(high_), result_); }
    Interval operator()(const ClippedRelu& op) const {
        const Dyadic max = dyadic_from_double(op.max);
        const Dyadic low = positive(low_), high = positive(high_);
        if (!less(max, high)) return cast(low, high, result_);
        // The largest word of the input's format that is not above the limit, and the limit.
        const Integer last = max.frac >= format_.frac() ? floor_divide_by_power(max.raw, max.frac - format_.frac())
                                                        : raw_at(max, format_.frac());
        const Dyadic below{.raw = last, .frac = format_.frac()};
        const Integer limit = Quantizer(result_)(max).raw;
        return united(cast(less(below, low) ? below : low, below, result_), {.low = limit, .high = limit});
    }
    Interval operator()(const MaxPool& op) const {
        Dyadic low = low_, high = high_;
        const bool padded = op.padding.top + op.padding.bottom + op.padding.left + op.padding.right > 0;
        if (padded && op.pad_rule == PoolPadding::Msb) {
            const Dyadic pad{.raw = raw_of_pattern(power_of_two(format_.width - 1), format_), .frac = format_.frac()};
            if (less(pad, low)) low = pad;
            if (less(high, pad)) high = pad;
        }
        if (!op.accumulator) return cast(low, high, result_);
        const Interval held = cast(low, high, *op.accumulator);
        const int frac = op.accumulator->format.frac();
        return cast({.raw = held.low, .frac = frac}, {.raw = held.high, .frac = frac}, result_);
    }
    template <typename Op>
    Interval operator()(const Op& /*op*/) const {
        return all_words(result_);
    }

private:
    static Dyadic positive(const Dyadic& x) { return x.raw > 0 ? x : Dyadic{.raw = 0, .frac = x.frac}; }

    Dyadic low_, high_;
    Format format_;
    FixedType result_;
};

}  // namespace

std::vector<Interval> word_ranges(const Graph& graph, const std::string& declared, const Interval& range) {
    std::vector<Interval> ranges;
    ranges.push_back(declared == graph.input.name ? range : input_words(graph.input));
    for (const Node& node : graph.nodes) {
        const std::string& source = node.inputs.front();
        const Interval& in = ranges[static_cast<std::size_t>(node_index(graph, source) + 1)];
        const ResultRange result(in, type_of(graph, source).format, node.result);
        ranges.push_back(node.name == declared ? range : std::visit(result, node.op));
    }
    return ranges;
}

}  // namespace bittrue::golden
