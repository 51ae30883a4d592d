#include "sweep/family.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "sweep/numbers.hpp"

namespace bittrue::explore {

namespace {

constexpr int kMostBits = 62;  // of lanes that hold a number and what a conversion adds to it

const Tensor* find(const std::vector<ParameterWords>& parameters, const std::string& layer, const std::string& role) {
    for (const ParameterWords& p : parameters) {
        if (p.layer == layer && p.role == role) return &p.tensor;
    }
    return nullptr;
}

std::int64_t terms_of(const Node& node, const Tensor& weights) {
    const Dims& d = weights.dims;
    return std::holds_alternative<Dense>(node.op) ? d[0] : d[0] * d[1] * d[2];
}

// Of a magnitude, without a sign.
int bits_of(i128 magnitude) {
    int bits = 0;
    while (magnitude > 0) ++bits, magnitude >>= 1;
    return bits;
}

struct Quantised {
    i128 raw = 0;
    bool overflows = false;
};
Quantised quantised(i128 raw, int frac, const FixedType& to) {
    const Converted cast = emulator::quantize(raw, frac, to);
    return {raw_from_word(cast.word, to.format), cast.events.overflow()};
}

// raw * 2^-frac and other * 2^-other_frac are the same number.
bool is_same_number(i128 raw, int frac, i128 other, int other_frac) {
    for (; raw != 0 && raw % 2 == 0; --frac) raw /= 2;
    for (; other != 0 && other % 2 == 0; --other_frac) other /= 2;
    return raw == other && (raw == 0 || frac == other_frac);
}

std::int64_t clamped(i128 raw) {
    return static_cast<std::int64_t>(
        std::clamp<i128>(raw, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
}

}  // namespace

std::vector<AccumulatorSpec> Family::key_of(std::span<const AccumulatorSpec> specs) {
    std::vector<AccumulatorSpec> key(specs.begin(), specs.end());
    for (AccumulatorSpec& spec : key) {
        const bool follows = spec.product == spec.type;
        spec.type.format = {.width = kMostBits, .integer = kMostBits - spec.type.format.frac(), .is_signed = true};
        spec.type.overflow = Overflow::Wrap;
        spec.type.saturated_bits = 0;
        if (follows) spec.product = spec.type;
    }
    return key;
}

Family::Family(const Segments& segments, std::span<const AccumulatorSpec> specs, std::span<const AccumulatorSpec> wide)
    : key_(key_of(specs)) {
    const std::vector<ParameterWords> parameters = segments.stages().parameters();
    for (std::size_t k = 0; k < key_.size(); ++k) add_layer(segments, segments.nodes()[k], wide[k], parameters);
}

void Family::add_layer(const Segments& segments, std::size_t node, const AccumulatorSpec& wide,
                       const std::vector<ParameterWords>& parameters) {
    const Node& n = segments.graph().nodes[node];
    const Tensor& weights = *find(parameters, n.name, "weights");
    const Tensor* bias = find(parameters, n.name, "bias");
    const Format input = type_of(segments.graph(), n.inputs.front()).format;
    const Format exact = product_format(weights.format, input);
    FamilyLayer layer{.unlimited = key_[layers_.size()]};
    AccumulatorSpec& spec = layer.unlimited;
    const int frac = spec.type.format.frac();
    layer.follows = spec.product == spec.type;
    layer.product_frac = exact.frac();
    i128 largest_weights = 0;  // sum of the magnitudes of one channel
    const std::int64_t channels = weights.dims.back();
    std::vector<i128> magnitudes(static_cast<std::size_t>(channels));
    i128 lowest = 0, highest = 0;
    for (std::size_t i = 0; i < weights.words.size(); ++i) {
        const i128 w = raw_from_word(weights.words[i], weights.format);
        lowest = std::min(lowest, w);
        highest = std::max(highest, w);
        i128& sum = magnitudes[i % static_cast<std::size_t>(channels)];
        sum += w < 0 ? -w : w;
        largest_weights = std::max(largest_weights, sum);
    }
    for (const i128 w : {lowest, highest}) {
        for (const i128 x : {raw_min(input), raw_max(input)}) {
            layer.product_low = std::min(layer.product_low, w * x);
            layer.product_high = std::max(layer.product_high, w * x);
        }
    }

    const bool own_product = spec.product && !layer.follows;
    const int term_frac = own_product ? spec.product->format.frac() : exact.frac();
    const std::int64_t terms = terms_of(n, weights);
    // Bits in front of the point that the terms of a channel need, however they are added.
    const i128 largest_input = std::max(raw_max(input), -raw_min(input));
    int integer = own_product ? signed_integer(spec.product->format) + ceil_log2(terms)
                              : bits_of(largest_weights * largest_input) + 1 - exact.frac();
    int bias_frac = frac;
    bool same_bias = true;
    if (bias != nullptr) {
        const Format b = spec.bias_cast ? spec.bias_cast->format : bias->format;
        bias_frac = b.frac();
        i128 largest = 0;
        for (const std::int64_t word : bias->words) {
            const i128 stored = raw_from_word(word, bias->format);
            i128 raw = stored;
            if (spec.bias_cast) {
                const Quantised cast = quantised(raw, bias->format.frac(), *spec.bias_cast);
                layer.bias_overflows = layer.bias_overflows || cast.overflows;
                raw = cast.raw;
            }
            const i128 wide_raw = wide.bias_cast ? quantised(stored, bias->format.frac(), *wide.bias_cast).raw : stored;
            const Format wide_format = wide.bias_cast ? wide.bias_cast->format : bias->format;
            same_bias = same_bias && is_same_number(raw, bias_frac, wide_raw, wide_format.frac());
            largest = std::max(largest, raw < 0 ? -raw : raw);
        }
        integer = std::max(integer, bits_of(largest) + 1 - bias_frac) + 1;
    }
    const bool same_products = own_product ? spec.product == wide.product : !wide.product;
    layer.lossless = same_products && same_bias && term_frac <= frac && bias_frac <= frac;
    lossless_ = lossless_ && layer.lossless;
    // Each rounding may add one lsb.
    if (!layer.lossless) integer = std::max(integer, ceil_log2(2 * (terms + 2)) + 1 - frac) + 1;
    const int width = std::max(1, integer + frac);
    if (width > kMostBits) {
        declined_ = fmt::format("the sums of layer '{}' need {} bits", n.name, width);
    } else {
        spec.type.format = {.width = width, .integer = width - frac, .is_signed = true};
        if (layer.follows) spec.product = spec.type;
        layer.range = segments.stages().sum_range(node, spec);
    }
    layers_.push_back(std::move(layer));
}

Limit::Limit(const FamilyLayer& layer, const AccumulatorSpec& of)
    : spec(of), ends{clamped(range_min(of.type)), clamped(range_max(of.type))} {
    bool products_fit = true;
    for (const i128 raw : {layer.product_low, layer.product_high}) {
        if (layer.follows && quantised(raw, layer.product_frac, of.type).overflows) products_fit = false;
    }
    told_by_range = layer.range != nullptr && products_fit;
}

}  // namespace bittrue::explore
