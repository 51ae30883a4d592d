// Linear layers in integers: the weights' steps, and sums that keep every bit.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "convert/structure.hpp"
#include "streamline/state.hpp"

namespace bittrue::explore::streamline {

namespace {

constexpr int kMostWeightBits = 16;
constexpr int kMostScaledBits = 44;  // of weights into which the scales of input channels went
constexpr int kMostBiasBits = 32;
constexpr int kFinerBias = 8;  // bits behind the point of the sums that a bias may add

std::vector<Rational> numbers_of(const Parameter& p) {
    std::vector<Rational> result;
    if (p.is_raw()) {
        const Rational lsb = power_of_two(-p.type.format.frac());
        for (const std::int64_t w : p.raw)
            result.push_back(Rational(static_cast<std::int64_t>(raw_from_word(w, p.type.format))) * lsb);
        return result;
    }
    const Rational lsb = power_of_two(-p.type.format.frac());
    for (const double x : p.real) {
        switch (p.quantizer) {
            case WeightQuantizer::Cast: result.emplace_back(x); break;
            case WeightQuantizer::Sign: result.push_back(x < 0 ? Rational(-lsb) : x > 0 ? lsb : Rational(0)); break;
            case WeightQuantizer::Bipolar: result.push_back(x < 0 ? Rational(-lsb) : lsb); break;
        }
    }
    return result;
}

PerChannel steps_of(const std::vector<Rational>& numbers, std::size_t outputs) {
    PerChannel steps(outputs);
    for (std::size_t i = 0; i < numbers.size(); ++i) steps[i % outputs] = common_step(steps[i % outputs], numbers[i]);
    for (Rational& s : steps)
        if (s == 0) s = 1;  // a channel of zeros
    return steps;
}

int width_of(const std::vector<Rational>& numbers, const PerChannel& steps) {
    Rational low(0), high(0);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const Rational x = numbers[i] / of_channel(steps, i % steps.size());
        low = std::min(low, x);
        high = std::max(high, x);
    }
    return exact_type(small(numerator(low)), small(numerator(high)), 0).format.width;
}

}  // namespace

IntegerWeights integer_weights(const FloatLayer& layer, const std::vector<Rational>& numbers, std::size_t outputs,
                               int most_bits) {
    PerChannel steps = steps_of(numbers, outputs);
    const int narrow = width_of(numbers, steps);
    // One step for all where that costs little: powers of two then stay what they are.
    Rational all(0);
    for (const Rational& x : numbers) all = common_step(all, x);
    if (all == 0) all = 1;
    const int wide = width_of(numbers, PerChannel{all});
    const bool together = wide <= narrow + 2;
    if ((together ? wide : narrow) > most_bits) {
        refuse(layer, fmt::format("has weights that are no multiples of a step (they would be integers of more than {} "
                                  "bits): the model was not trained with quantisers, or its input has scales without a "
                                  "common step; use 'bittrue quantize'",
                                  most_bits));
    }
    if (together) std::fill(steps.begin(), steps.end(), all);
    IntegerWeights result;
    int frac = 0;
    if (const auto e = exponent_of(all); e && together) frac = -*e;
    i128 low = 0, high = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const i128 w = small(numerator(Rational(numbers[i] / steps[i % outputs])));
        low = std::min(low, w);
        high = std::max(high, w);
        result.words.push_back(static_cast<std::int64_t>(w));
    }
    result.type = exact_type(low, high, frac);
    if (layer.weight_type && layer.weight_type->format.frac() == frac && raw_min(layer.weight_type->format) <= low &&
        raw_max(layer.weight_type->format) >= high)
        result.type.format = layer.weight_type->format;
    for (Rational& s : steps) s *= power_of_two(frac);
    result.step = std::move(steps);
    return result;
}

void Builder::linear(const FloatLayer& layer) {
    const Words in = integers(layer, layer.inputs.front());
    Operation op = layer.op;
    Parameter& weights = *weights_of(op);
    std::optional<Parameter>& bias = *bias_of(op);
    const auto outputs = static_cast<std::size_t>(weights.dims.back());
    std::vector<Rational> numbers = numbers_of(weights);
    if (!all_equal(in.scale)) static_cast<void>(integer_weights(layer, numbers, outputs, kMostWeightBits));
    // Input channel of a weight, and whether an input's offset reaches every output alike.
    const auto* conv = std::get_if<Conv2d>(&op);
    const auto channel = [&](std::size_t i) -> std::size_t {
        const std::size_t row = i / outputs;
        if (conv == nullptr) return static_cast<std::size_t>(in.shape.channel_of(static_cast<std::int64_t>(row)));
        const auto in_group = static_cast<std::size_t>(weights.dims[2]);
        const std::size_t group = i % outputs / (outputs / static_cast<std::size_t>(conv->groups));
        return group * in_group + row % in_group;
    };
    const bool has_offset = !std::all_of(in.offset.begin(), in.offset.end(), [](const Rational& o) { return o == 0; });
    if (has_offset && conv != nullptr && !(conv->padding == Padding{}))
        refuse(layer,
               "pads with zeros words that have an offset; a zero point of 0 in the quantiser in front is needed");
    PerChannel offset(outputs);
    if (bias) {
        const std::vector<Rational> b = numbers_of(*bias);
        std::copy(b.begin(), b.end(), offset.begin());
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::size_t c = channel(i);
        if (has_offset) offset[i % outputs] += numbers[i] * of_channel(in.offset, c);
        numbers[i] *= of_channel(in.scale, c);
    }
    IntegerWeights integer =
        integer_weights(layer, numbers, outputs, all_equal(in.scale) ? kMostWeightBits : kMostScaledBits);
    const int products = integer.type.format.frac() + in.frac();

    // A bias of few bits is a word; any other waits for the quantiser.
    int bias_frac = 0;
    bool words = std::any_of(offset.begin(), offset.end(), [](const Rational& o) { return o != 0; });
    i128 bias_low = 0, bias_high = 0;
    if (words) {
        for (std::size_t o = 0; o < outputs; ++o) {
            const auto bits = fraction_bits(offset[o] / integer.step[o]);
            words = words && bits && *bits <= products + kFinerBias;
            if (words) bias_frac = std::max(bias_frac, *bits);
        }
        if (words && layer.bias_type) bias_frac = std::max(bias_frac, layer.bias_type->format.frac());
    }
    std::vector<std::int64_t> bias_words;
    if (words) {
        for (std::size_t o = 0; o < outputs; ++o) {
            const Rational b = offset[o] / integer.step[o] * power_of_two(bias_frac);
            words = words && is_integer(b);
            const i128 w = small(numerator(b));
            bias_low = std::min(bias_low, w);
            bias_high = std::max(bias_high, w);
            bias_words.push_back(static_cast<std::int64_t>(w));
        }
    }
    const FixedType bias_type = exact_type(bias_low, bias_high, bias_frac);
    words = words && bias_type.format.width <= kMostBiasBits;
    const int frac = words ? std::max(products, bias_frac) : products;

    // Any part of the terms, in any order, stays within.
    std::vector<Integer> low(outputs), high(outputs);
    const auto extend = [&](std::size_t o, const Integer& a, const Integer& b, int up) {
        low[o] += std::min(std::min(a, b), Integer(0)) << static_cast<unsigned>(up);
        high[o] += std::max(std::max(a, b), Integer(0)) << static_cast<unsigned>(up);
    };
    const Integer in_low(static_cast<std::int64_t>(in.low)), in_high(static_cast<std::int64_t>(in.high));
    for (std::size_t i = 0; i < integer.words.size(); ++i)
        if (const std::int64_t w = integer.words[i]; w != 0)
            extend(i % outputs, in_low * w, in_high * w, frac - products);
    if (words)
        for (std::size_t o = 0; o < outputs; ++o)
            extend(o, Integer(bias_words[o]), Integer(bias_words[o]), frac - bias_frac);
    const i128 least = small(*std::min_element(low.begin(), low.end()));
    const i128 most = small(*std::max_element(high.begin(), high.end()));

    weights = {.dims = weights.dims, .real = {}, .raw = std::move(integer.words), .type = integer.type};
    bias.reset();
    if (words)
        bias = Parameter{
            .dims = {static_cast<std::int64_t>(outputs)}, .real = {}, .raw = std::move(bias_words), .type = bias_type};
    FixedType type = exact_type(std::min<i128>(least, -1), most, frac);
    if (auto* dense = std::get_if<Dense>(&op)) dense->accumulator = {.type = type};
    if (auto* c = std::get_if<Conv2d>(&op)) c->accumulator = {.type = type};
    Words out = append(layer, layer.name, {in.tensor}, std::move(op), type, least, most, layer.shape);
    out.scale = std::move(integer.step);
    if (!words) out.offset = std::move(offset);
    out.sole = readers_[layer.name] == 1;
    set(layer, std::move(out));
}

// The average of a window is its sum, whose scale is divided by the window's size.
void Builder::average(const FloatLayer& layer, const AveragePool& op) {
    if (!(op.padding == Padding{}) && !op.count_padding)
        refuse(layer,
               "averages windows of different sizes at its padding, which has no common integer form; pad "
               "with zeros that count or not at all");
    const auto channels = layer.shape.channels();
    const std::int64_t size = std::int64_t{op.pool[0]} * op.pool[1];
    FloatLayer sums = layer;
    Conv2d conv{.weights = {.dims = {op.pool[0], op.pool[1], 1, channels}},
                .stride = op.stride,
                .groups = static_cast<int>(channels),
                .padding = op.padding};
    conv.weights.raw.assign(static_cast<std::size_t>(size * channels), 1);
    conv.weights.type = exact_type(0, 1, 0);
    sums.weight_type = conv.weights.type;
    sums.op = std::move(conv);
    linear(sums);
    for (Rational& s : known_.at(layer.name).scale) s /= size;
    for (Rational& o : known_.at(layer.name).offset) o /= size;
    known_.at(layer.name).sole = false;
}

}  // namespace bittrue::explore::streamline
