// Quantisers: the casts they are, or thresholds of integers.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "streamline/state.hpp"

namespace bittrue::explore::streamline {

namespace {

constexpr std::int64_t kMostLevels = 4096;

std::int64_t clamped(const Integer& x, std::int64_t low, std::int64_t high) {
    return x < low ? low : x > high ? high : static_cast<std::int64_t>(x);
}

PerChannel exactly(const std::vector<double>& numbers) {
    PerChannel result;
    for (const double x : numbers) result.emplace_back(x);
    return result;
}

// What a layer that quantises does, whichever way it is written.
struct Quantizer {
    Levels levels{};
    PerChannel step{}, base{};  // number = step * level + base
};

Quantizer of_model(const FloatLayer& layer, const FloatQuantizer& q) {
    Quantizer result;
    const PerChannel scale = exactly(q.scale), zero = exactly(q.zero_point);
    result.levels.same_for_all = scale.size() == 1 && zero.size() == 1;
    const Rational truncate(q.truncate);
    for (std::size_t c = 0; c < std::max(scale.size(), zero.size()); ++c) {
        const Rational s = of_channel(scale, c) * truncate, z = of_channel(zero, c) / truncate;
        result.step.push_back(q.bipolar ? Rational(2 * s) : s);
        result.base.push_back((Rational(q.bipolar ? -1.0 : q.low) - z) * s);
    }
    if (q.bipolar) {
        result.levels.count = 1;
        result.levels.level = [](const Rational& x, std::size_t) { return x >= 0 ? 1 : 0; };
        return result;
    }
    if (q.high - q.low >= static_cast<double>(kMostLevels))
        refuse(layer,
               fmt::format("quantises to {} levels with a scale that is no power of two; thresholds are made for "
                           "up to {}, so use fewer bits or 'bittrue quantize'",
                           q.high - q.low + 1, kMostLevels));
    const auto low = static_cast<std::int64_t>(q.low), high = static_cast<std::int64_t>(q.high);
    result.levels.count = high - low;
    result.levels.level = [=](const Rational& x, std::size_t c) {
        Rational u = x / of_channel(scale, c) + of_channel(zero, c);
        if (truncate != 1) u = Rational(rounded(u, QuantizerRounding::HalfEven)) / truncate;
        return clamped(rounded(u, q.rounding), low, high) - low;
    };
    return result;
}

Quantizer of_type(const FloatLayer& layer, const FixedType& t) {
    if (t.overflow != Overflow::Sat && t.overflow != Overflow::SatSym)
        refuse(layer, "wraps around behind a scale that is no power of two, so it is no function that rises");
    if (range_max(t) - range_min(t) >= kMostLevels)
        refuse(layer,
               fmt::format("quantises to more than {} levels behind a scale that is no power of two; use fewer bits "
                           "or 'bittrue quantize'",
                           kMostLevels));
    Quantizer result;
    const auto low = static_cast<std::int64_t>(range_min(t)), high = static_cast<std::int64_t>(range_max(t));
    const Rational lsb = power_of_two(-t.format.frac());
    result.step = {lsb};
    result.base = {Rational(low) * lsb};
    result.levels.count = high - low;
    result.levels.level = [=](const Rational& x, std::size_t) {
        return clamped(rounded(Rational(x / lsb), t.rounding), low, high) - low;
    };
    return result;
}

}  // namespace

Words Builder::rising(const FloatLayer& layer, const std::string& name) {
    Words w = words_of(layer, name);
    const std::size_t channels = static_cast<std::size_t>(w.shape.channels());
    std::vector<int> signs;
    bool falls = false;
    for (std::size_t c = 0; c < channels; ++c) {
        const int d = direction(w.chain, c) * (of_channel(w.scale, c) < 0 ? -1 : 1);
        signs.push_back(d < 0 ? -1 : 1);
        falls = falls || d < 0;
    }
    return falls ? turned(layer, std::move(w), signs) : w;
}

// The signs go into the weights where nobody else reads the sums, else into a layer of their own.
Words Builder::turned(const FloatLayer& layer, Words w, const std::vector<int>& signs) {
    if (w.sole) {
        const auto node = std::find_if(result_.graph.nodes.begin(), result_.graph.nodes.end(),
                                       [&](const Node& n) { return n.name == w.tensor; });
        const auto turn = [&](Parameter& p) {
            i128 low = 0, high = 0;
            for (std::size_t i = 0; i < p.raw.size(); ++i) {
                p.raw[i] *= signs[i % signs.size()];
                low = std::min<i128>(low, p.raw[i]);
                high = std::max<i128>(high, p.raw[i]);
            }
            if (low < raw_min(p.type.format) || high > raw_max(p.type.format))
                p.type = exact_type(low, high, p.type.format.frac());
        };
        const i128 low = std::min(w.low, -w.high), high = std::max(w.high, -w.low);
        const FixedType type = exact_type(low, high, w.frac());
        const auto turn_all = [&](auto& op) {
            turn(op.weights);
            if (op.bias) turn(*op.bias);
            op.accumulator.type = type;
        };
        if (auto* dense = std::get_if<Dense>(&node->op)) turn_all(*dense);
        if (auto* conv = std::get_if<Conv2d>(&node->op)) turn_all(*conv);
        node->result = w.type = type;
        w.low = low;
        w.high = high;
        result_.comments.push_back({w.tensor, "Channels whose scale is negative have their signs in the weights."});
    } else {
        const Words old = w;
        std::vector<std::int64_t> factors(signs.begin(), signs.end());
        w = multiplied(layer, layer.name + "_signs", old, factors);
        w.scale = old.scale;
        w.offset = old.offset;
        w.chain = old.chain;
    }
    PerChannel scale;
    for (std::size_t c = 0; c < signs.size(); ++c) scale.push_back(of_channel(w.scale, c) * signs[c]);
    w.scale = std::move(scale);
    return w;
}

Words Builder::leveled(const FloatLayer& layer, const Words& in, const Levels& levels, const Rational& step,
                       const Rational& base, const std::optional<FixedType>& wanted) {
    const bool one = levels.same_for_all && all_equal(in.scale) && all_equal(in.offset) && same_for_all(in.chain);
    const std::size_t channels = one ? 1 : static_cast<std::size_t>(in.shape.channels());
    Threshold op{.thresholds = {.dims = {static_cast<std::int64_t>(channels), levels.count}},
                 .scale = static_cast<double>(step),
                 .bias = static_cast<double>(base)};
    const Rational lsb = in.lsb();
    for (std::size_t c = 0; c < channels; ++c) {
        const Rational scale = of_channel(in.scale, c) * lsb, offset = of_channel(in.offset, c);
        const auto level = [&](i128 x) {
            const Rational number = Rational(static_cast<std::int64_t>(x)) * scale + offset;
            return levels.level(evaluate(in.chain, number, c), c);
        };
        for (const i128 t : thresholds_between(in.low, in.high, levels.count, level))
            op.thresholds.raw.push_back(static_cast<std::int64_t>(t));
    }
    const auto [least, most] = std::minmax_element(op.thresholds.raw.begin(), op.thresholds.raw.end());
    op.thresholds.type = exact_type(std::min<i128>(*least, 0), *most, in.frac());
    // Exact: step and base are whole numbers of one lsb.
    const int frac = std::max(*fraction_bits(step), *fraction_bits(base));
    const auto raw = [&](std::int64_t level) {
        return small(numerator(Rational((step * level + base) * power_of_two(frac))));
    };
    const i128 low = std::min(raw(0), raw(levels.count)), high = std::max(raw(0), raw(levels.count));
    FixedType type = exact_type(low, high, frac);
    type.rounding = Rounding::RndConv;
    if (wanted && wanted->format.frac() >= frac && (range_min(*wanted) >> (wanted->format.frac() - frac)) <= low &&
        (range_max(*wanted) >> (wanted->format.frac() - frac)) >= high)
        type = *wanted;
    const int up = type.format.frac() - frac;
    return append(layer, layer.name, {in.tensor}, std::move(op), type, low * (i128{1} << up), high * (i128{1} << up),
                  layer.shape);
}

void Builder::quantize(const FloatLayer& layer) {
    if (!layer.quantizer && !layer.result_type) return set(layer, words_of(layer, layer.inputs.front()));
    Words& source = words_of(layer, layer.inputs.front());
    const bool relu = source.chain.size() == 1 && source.chain[0].kind == Pending::Kind::Relu;
    Words bare = source;
    bare.chain.clear();
    if (layer.result_type && bare.plain() && (relu || source.chain.empty())) {
        const Words& in = integers(layer, layer.inputs.front());
        const FixedType& t = *layer.result_type;
        return set(layer,
                   append(layer, layer.name, {in.tensor}, Quantize{}, t, range_min(t), range_max(t), layer.shape));
    }
    const Words in = rising(layer, layer.inputs.front());
    const Quantizer q = layer.quantizer ? of_model(layer, *layer.quantizer) : of_type(layer, *layer.result_type);
    result_.comments.push_back(
        {layer.name, "Thresholds of the sums: the scales, offsets and activations in front, and the quantiser."});
    // One power of two for all channels stays in the words; any other scale moves on.
    const bool alike = all_equal(q.step) && all_equal(q.base);
    const Rational unit = layer.quantizer && layer.quantizer->bipolar ? Rational(q.step[0] / 2) : q.step[0];
    if (alike && exponent_of(unit)) {
        return set(layer, leveled(layer, in, q.levels, q.step[0], q.base[0], layer.result_type));
    }
    const Rational per = q.step[0] / unit;  // 2 of a bipolar quantiser, whose words are -1 and 1
    Rational base = q.base[0] / unit;
    for (std::size_t c = 0; c < q.base.size(); ++c)
        if (q.base[c] / q.step[c] * per != base) base = 0;  // zero points that differ
    if (!is_integer(base)) base = 0;
    Words out = leveled(layer, in, q.levels, per, base, std::nullopt);
    out.scale.clear();
    out.offset.clear();
    for (std::size_t c = 0; c < q.step.size(); ++c) {
        out.scale.push_back(q.step[c] / per);
        out.offset.push_back(q.base[c] - base * out.scale.back());
    }
    set(layer, std::move(out));
}

// QONNX' MultiThreshold: the model's own thresholds, of integers.
void Builder::threshold(const FloatLayer& layer, const Threshold& op) {
    const Words in = rising(layer, layer.inputs.front());
    const auto count = op.thresholds.dims[1];
    if (count > kMostLevels)
        refuse(layer, fmt::format("has {} thresholds; up to {} are supported", count, kMostLevels));
    PerChannel t = exactly(op.thresholds.real);
    for (const std::int64_t w : op.thresholds.raw)
        t.push_back(Rational(w) * power_of_two(-op.thresholds.type.format.frac()));
    Levels levels{.count = count};
    levels.same_for_all = op.thresholds.dims[0] == 1;
    levels.level = [&](const Rational& x, std::size_t c) {
        const auto from = t.begin() + (op.thresholds.dims[0] == 1 ? 0 : static_cast<std::ptrdiff_t>(c) * count);
        const auto end = op.strict ? std::lower_bound(from, from + count, x) : std::upper_bound(from, from + count, x);
        return static_cast<std::int64_t>(end - from);
    };
    const Rational scale(op.scale), base(op.bias);
    // A few bits stay in the words.
    if (*fraction_bits(scale) <= 16 && *fraction_bits(base) <= 16)
        return set(layer, leveled(layer, in, levels, scale, base, layer.result_type));
    Words out = leveled(layer, in, levels, Rational(1), Rational(0), std::nullopt);
    out.scale = {scale};
    out.offset = {base};
    set(layer, std::move(out));
}

}  // namespace bittrue::explore::streamline
