#include "certificate_bounds.hpp"

#include <algorithm>
#include <set>

#include <tbb/parallel_for.h>

#include "accumulation.hpp"
#include "bittrue/model/checksum.hpp"

namespace bittrue::golden {
namespace {

constexpr int kWide = 400;  // bits of a register that nothing overflows

FixedType widened(const FixedType& type) {
    return {.format = {.width = kWide, .integer = kWide - type.format.frac(), .is_signed = true},
            .rounding = type.rounding,
            .overflow = Overflow::Sat,
            .saturated_bits = 0,
            .dialect = type.dialect};
}

Integer least(const Integer& a, const Integer& b) {
    return a < b ? a : b;
}
Integer most(const Integer& a, const Integer& b) {
    return a > b ? a : b;
}
void include(Interval& x, const Integer& raw) {
    x = {.low = least(x.low, raw), .high = most(x.high, raw)};
}

// raws at another frac, away from each other where bits are dropped.
Interval outward(const Interval& x, int frac, int to) {
    if (to >= frac) return {.low = raw_at({x.low, frac}, to), .high = raw_at({x.high, frac}, to)};
    return {.low = floor_divide_by_power(x.low, frac - to), .high = -floor_divide_by_power(-x.high, frac - to)};
}

bool holds(const FixedType& type, const Integer& raw) {
    return !Quantizer(type)({.raw = raw, .frac = type.format.frac()}).events.overflow();
}
bool holds(const FixedType& type, const Interval& x) {
    return holds(type, x.low) && holds(type, x.high);
}

int smallest_width(FixedType type, const Interval& x) {
    const int frac = type.format.frac();
    if (!type.format.is_signed && x.low < 0) return 0;
    // Modes whose result depends on the width do not change what is an overflow.
    type.saturated_bits = 0;
    for (int width = 1;; ++width) {
        type.format = {.width = width, .integer = width - frac, .is_signed = type.format.is_signed};
        if (holds(type, x)) return width;
    }
}

struct Term {
    std::size_t weight = 0;  // flat index for channel 0
    std::int64_t row = 0, column = 0;
};

// The windows of a layer: its terms in the order of A2, and which of them lie inside of the map (A2: 0 outside) at the
// output positions.
struct Windows {
    std::vector<Term> terms{};
    std::set<std::vector<bool>> insides{};
};

Windows windows_of(const Dense& op) {
    Windows w;
    for (std::int64_t i = 0; i < op.weights.dims[0]; ++i)
        w.terms.push_back({.weight = static_cast<std::size_t>(i * op.weights.dims[1])});
    w.insides.insert(std::vector<bool>(w.terms.size(), true));
    return w;
}

Windows windows_of(const Conv2d& op, const Shape& in, const Shape& out) {
    const Dims& d = op.weights.dims;
    const bool kernel = op.accumulator.terms == TermOrder::Kernel;
    const std::int64_t count = d[0] * d[1] * d[2];
    Windows w;
    for (std::int64_t t = 0; t < count; ++t) {
        const std::int64_t c = kernel ? t / (d[0] * d[1]) : t % d[2];
        const std::int64_t place = kernel ? t % (d[0] * d[1]) : t / d[2];
        const std::int64_t r = place / d[1], s = place % d[1];
        w.terms.push_back({.weight = static_cast<std::size_t>(((r * d[1] + s) * d[2] + c) * d[3]),
                           .row = r * op.dilation[0] - op.padding.top,
                           .column = s * op.dilation[1] - op.padding.left});
    }
    for (std::int64_t y = 0; y < out.height(); ++y) {
        for (std::int64_t x = 0; x < out.width(); ++x) {
            std::vector<bool> inside;
            for (const Term& t : w.terms) {
                const std::int64_t row = y * op.stride[0] + t.row, column = x * op.stride[1] + t.column;
                inside.push_back(row >= 0 && row < in.height() && column >= 0 && column < in.width());
            }
            w.insides.insert(inside);
        }
    }
    return w;
}

class ChannelBounder {
public:
    ChannelBounder(const AccumulatorSpec& spec, Windows windows, const Interval& range, int exact_frac)
        : spec_(spec), windows_(std::move(windows)), range_(range), exact_frac_(exact_frac) {
        AccumulatorSpec wide = spec;
        wide.type = widened(spec.type);
        if (spec.product) wide.product = widened(*spec.product);
        // A bias type that is the accumulator's grows with it; any other is what it is.
        if (spec.bias_cast == spec.type) wide.bias_cast = widened(spec.type);
        wide_.emplace(wide, windows_.terms.size());
        // Where every input may be 0, a term outside adds nothing that one inside could not add: whole windows suffice.
        const std::vector<bool> whole(windows_.terms.size(), true);
        if (range.low <= 0 && range.high >= 0 && windows_.insides.contains(whole)) windows_.insides = {whole};
    }

    [[nodiscard]] ChannelNumbers operator()(const std::vector<Integer>& weights,
                                            const std::optional<Dyadic>& bias) const {
        ChannelNumbers n;
        std::vector<Integer> low_inputs, high_inputs;  // that make each term smallest and largest
        for (const Integer& w : weights) {
            low_inputs.push_back(w < 0 ? range_.high : range_.low);
            high_inputs.push_back(w < 0 ? range_.low : range_.high);
        }
        EventCounts ignored;
        Products low, high;
        wide_->multiply(weights, low_inputs, exact_frac_, low, ignored);
        wide_->multiply(weights, high_inputs, exact_frac_, high, ignored);
        const int frac = spec_.type.format.frac();
        const auto count = [&](const Interval& ends, int at) {
            const Interval term = outward(ends, at, frac);
            n.l1 += most(-term.low, term.high);
            n.any_order.low += least(term.low, 0);
            n.any_order.high += most(term.high, 0);
        };
        for (std::size_t t = 0; t < weights.size(); ++t) {
            // A term that is outside at every position is a product of 0.
            if (std::any_of(windows_.insides.begin(), windows_.insides.end(),
                            [&](const std::vector<bool>& inside) { return inside[t]; })) {
                include(n.product, low.raws[t]);
                include(n.product, high.raws[t]);
            }
            count({low.raws[t], high.raws[t]}, low.frac);
        }
        // Of everything that has the accumulator's type.
        Interval at_this_width = spec_.product == spec_.type ? n.product : Interval{};
        bool fits = !spec_.product || holds(*spec_.product, n.product);
        if (bias) {
            Dyadic b = *bias;
            if (spec_.bias_cast) {
                const Quantized cast = Quantizer(*spec_.bias_cast)(b);
                fits = fits && !cast.events.overflow();
                b = {.raw = cast.raw, .frac = spec_.bias_cast->format.frac()};
                if (spec_.bias_cast == spec_.type) {
                    b.raw = Quantizer(widened(spec_.type))(*bias).raw;
                    include(at_this_width, b.raw);
                }
            }
            count({b.raw, b.raw}, b.frac);
        }
        for (const std::vector<bool>& inside : windows_.insides) {
            watch(low, inside, bias, n.exact);
            watch(high, inside, bias, n.exact);
        }
        n.safe = fits && holds(spec_.type, n.exact);
        include(at_this_width, n.exact.low);
        include(at_this_width, n.exact.high);
        n.width = smallest_width(spec_.type, at_this_width);
        return n;
    }

private:
    // What the register holds on the way.
    void watch(Products products, const std::vector<bool>& inside, const std::optional<Dyadic>& bias,
               Interval& seen) const {
        for (std::size_t t = 0; t < inside.size(); ++t)
            if (!inside[t]) products.raws[t] = 0;
        EventCounts ignored;
        std::vector<MacStep> steps;
        include(seen, wide_->sum(products, bias, ignored, &steps));
        for (const MacStep& s : steps) {
            const bool held = spec_.quantize != QuantizeAt::End || s.what == "end" || s.what == "bias";
            if (held) include(seen, integer_from_i128(s.accumulator_raw));
        }
    }

    AccumulatorSpec spec_;
    Windows windows_;
    Interval range_;
    int exact_frac_;
    std::optional<Accumulation> wide_{};
};

Interval data_type_bound(const LayerNumbers& n) {
    const Quantizer product(widened(n.spec.product.value_or(FixedType{.format = product_format(n.weight, n.input)})));
    Interval term;
    for (const i128 w : {raw_min(n.weight), raw_max(n.weight)}) {
        for (const i128 x : {raw_min(n.input), raw_max(n.input)}) {
            const Integer exact = integer_from_i128(w) * integer_from_i128(x);
            include(term, product({.raw = exact, .frac = n.weight.frac() + n.input.frac()}).raw);
        }
    }
    const int frac = n.spec.type.format.frac();
    term = outward(term, product.frac(), frac);
    Interval sum{.low = term.low * n.terms, .high = term.high * n.terms};
    if (n.bias) {
        const bool follows = n.spec.bias_cast == n.spec.type;  // widens with the accumulator: no limit of its own
        const Format b = n.spec.bias_cast && !follows ? n.spec.bias_cast->format : *n.bias;
        Interval bias{integer_from_i128(raw_min(b)), integer_from_i128(raw_max(b))};
        if (follows) {
            const Quantizer cast(widened(n.spec.type));
            bias = {cast({.raw = bias.low, .frac = b.frac()}).raw, cast({.raw = bias.high, .frac = b.frac()}).raw};
        }
        const Interval ends = outward(bias, follows ? frac : b.frac(), frac);
        sum.low += ends.low;  // never above 0
        sum.high += ends.high;
    }
    return sum;
}

LayerNumbers numbers(const Parameter& weights, const std::optional<Parameter>& bias, const AccumulatorSpec& spec,
                     const Format& input, Windows windows, const Interval& range) {
    const Constants w(weights, "weights");
    LayerNumbers n{.terms = windows.terms.size(), .weight = w.format(), .input = input};
    n.spec = spec;
    n.weights_sha256 = sha256_hex(w.words("").tensor);
    std::optional<Constants> b;
    if (bias) {
        b.emplace(*bias, "bias");
        n.bias = b->format();
        n.bias_sha256 = sha256_hex(b->words("").tensor);
    }
    n.data_type = data_type_bound(n);
    const auto channels = static_cast<std::size_t>(weights.dims.back());
    const std::vector<Term> terms = windows.terms;
    const ChannelBounder bounder(spec, std::move(windows), range, w.format().frac() + input.frac());
    n.channels.resize(channels);
    tbb::parallel_for(std::size_t{0}, channels, [&](std::size_t c) {
        std::vector<Integer> column;
        column.reserve(terms.size());
        for (const Term& t : terms) column.push_back(w.raw(t.weight + c));
        n.channels[c] = bounder(column, b ? std::optional<Dyadic>(b->value(c)) : std::nullopt);
    });
    return n;
}

}  // namespace

std::optional<LayerNumbers> layer_numbers(const Graph& graph, const Node& node, const Interval& range) {
    const Format input = type_of(graph, node.inputs.front()).format;
    if (const auto* dense = std::get_if<Dense>(&node.op))
        return numbers(dense->weights, dense->bias, dense->accumulator, input, windows_of(*dense), range);
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
        return numbers(conv->weights, conv->bias, conv->accumulator, input,
                       windows_of(*conv, shape_of(graph, node.inputs.front()), node.shape), range);
    }
    return std::nullopt;
}

}  // namespace bittrue::golden
