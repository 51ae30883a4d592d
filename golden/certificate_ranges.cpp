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

// What a node makes of the words of one of its inputs.
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
    Interval operator()(const Transpose& /*op*/) const { return cast(low_, high_, result_); }
    Interval operator()(const Concat& /*op*/) const { return cast(low_, high_, result_); }
    Interval operator()(const Pad& op) const {
        if (!is_padded(op.padding)) return cast(low_, high_, result_);
        return cast(low_.raw < 0 ? low_ : Dyadic{}, positive(high_), result_);
    }
    Interval operator()(const Clip& op) const {
        const Dyadic min = dyadic_from_double(op.min), max = dyadic_from_double(op.max);
        return cast(clipped(low_, min, max), clipped(high_, min, max), result_);
    }
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
        if (is_padded(op.padding) && op.pad_rule == PoolPadding::Msb) {
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
    static bool is_padded(const Padding& p) { return p.top + p.bottom + p.left + p.right > 0; }
    static Dyadic clipped(const Dyadic& x, const Dyadic& min, const Dyadic& max) {
        const Dyadic raised = less(x, min) ? min : x;
        return less(max, raised) ? max : raised;
    }
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
        if (node.name == declared) {
            ranges.push_back(range);
            continue;
        }
        const auto range_from = [&](const std::string& source) {
            const Interval& in = ranges[static_cast<std::size_t>(node_index(graph, source) + 1)];
            return std::visit(ResultRange(in, type_of(graph, source).format, node.result), node.op);
        };
        // A word of concat comes from one of the inputs; of add and multiply each input gives all words.
        Interval of_all = range_from(node.inputs.front());
        for (const std::string& source : node.inputs) of_all = united(of_all, range_from(source));
        ranges.push_back(of_all);
    }
    return ranges;
}

}  // namespace bittrue::golden
