#include "channel_formats.hpp"

#include <algorithm>
#include <cmath>

#include "grid_choice.hpp"

namespace bittrue::explore {
namespace {

constexpr double kMostFactor = 64;  // between a channel and the others' geometric mean, both ways

// A step for each channel.
std::vector<double> steps_of(const Parameter& weights, PerChannel how, int bits) {
    if (how == PerChannel::Multiplier) return best_steps(weights, bits);
    const auto channels = static_cast<std::size_t>(weights.dims.back());
    std::vector<double> steps;
    for (std::size_t c = 0; c < channels; ++c) {
        std::vector<double> own;
        for (std::size_t i = c; i < weights.real.size(); i += channels) own.push_back(weights.real[i]);
        steps.push_back(std::ldexp(1.0, -Numbers(own).choose(bits, Calibration::Mse, 100, true).frac));
    }
    return steps;
}

// The nearest number with so many significant bits.
double rounded(double factor, int bits) {
    int exponent = 0;
    const double mantissa = std::frexp(factor, &exponent);
    return std::ldexp(std::round(std::ldexp(mantissa, bits)), exponent - bits);
}

std::vector<double> factors_of(const Parameter& weights, PerChannel how, int bits) {
    std::vector<double> factors = steps_of(weights, how, bits);
    const auto channels = static_cast<std::size_t>(weights.dims.back());
    std::vector<bool> zero(channels, true);
    for (std::size_t i = 0; i < weights.real.size(); ++i)
        if (weights.real[i] != 0) zero[i % channels] = false;
    double logs = 0, count = 0;
    for (std::size_t c = 0; c < channels; ++c)
        if (!zero[c]) logs += std::log2(factors[c]), ++count;
    const double common = std::exp2(std::round(logs / std::max(1.0, count)));
    for (std::size_t c = 0; c < channels; ++c) {
        const double factor = zero[c] ? 1 : std::clamp(factors[c] / common, 1 / kMostFactor, kMostFactor);
        factors[c] = how == PerChannel::Multiplier ? rounded(factor, kMultiplierBits) : factor;
    }
    return factors;
}

std::string unused_name(const FloatModel& model, std::string name) {
    const auto taken = [&] {
        return name == model.input_name || std::any_of(model.layers.begin(), model.layers.end(),
                                                       [&](const FloatLayer& l) { return l.name == name; });
    };
    while (taken()) name += "_";
    return name;
}

}  // namespace

FloatModel with_channel_formats(const FloatModel& model, PerChannel how, const Widths& widths) {
    if (how == PerChannel::No) return model;
    FloatModel result = model;
    result.layers.clear();
    std::vector<std::pair<std::string, std::string>> renamed;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        FloatLayer& layer = result.layers.emplace_back(model.layers[i]);
        for (std::string& input : layer.inputs)
            for (const auto& [from, to] : renamed)
                if (input == from) input = to;
        if (!multiplies_weights(layer.op) || layer.weight_type || layer.bias_type || layer.result_type ||
            weights_of(layer.op)->is_raw())
            continue;
        Parameter& weights = *weights_of(layer.op);
        const std::vector<double> factors = factors_of(weights, how, widths.weight[i]);
        for (std::size_t k = 0; k < weights.real.size(); ++k) weights.real[k] /= factors[k % factors.size()];
        if (*bias_of(layer.op))
            for (std::size_t c = 0; c < factors.size(); ++c) (*bias_of(layer.op))->real[c] /= factors[c];
        FloatLayer rescaler;
        rescaler.name = unused_name(model, layer.name + "_scale");
        rescaler.inputs = {layer.name};
        rescaler.op = Affine{.scale = {.dims = {static_cast<std::int64_t>(factors.size())}, .real = factors}};
        rescaler.shape = layer.shape;
        rescaler.weight_type = FixedType{.format = {.width = kMultiplierBits, .integer = kMultiplierBits}};
        rescaler.rescales = true;
        renamed.emplace_back(layer.name, rescaler.name);
        if (result.output == layer.name) result.output = rescaler.name;
        result.layers.push_back(std::move(rescaler));
    }
    return result;
}

Widths with_rescalers(const Widths& widths, const FloatModel& rescaled) {
    Widths all{.input = widths.input, .weight = {}, .result = {}};
    std::size_t i = 0;
    for (const FloatLayer& layer : rescaled.layers) {
        if (!layer.rescales) ++i;
        all.weight.push_back(widths.weight[i - 1]);
        all.result.push_back(widths.result[i - 1]);
    }
    return all;
}

Widths without_rescalers(const Widths& widths, const FloatModel& rescaled) {
    Widths few{.input = widths.input, .weight = {}, .result = {}};
    for (std::size_t i = 0; i < rescaled.layers.size(); ++i) {
        if (rescaled.layers[i].rescales) {
            few.result.back() = widths.result[i];
        } else {
            few.weight.push_back(widths.weight[i]);
            few.result.push_back(widths.result[i]);
        }
    }
    return few;
}

Requantize requantize_of(const FloatLayer& layer) {
    const std::vector<double>& factors = weights_of(layer.op)->real;
    const bool only_shifts = std::all_of(factors.begin(), factors.end(), [](double f) {
        int exponent = 0;
        return std::frexp(f, &exponent) == 0.5;
    });
    const int bits = only_shifts ? 1 : kMultiplierBits;
    Requantize op;
    op.multiplier = {.dims = {static_cast<std::int64_t>(factors.size())},
                     .real = {},
                     .raw = {},
                     .type = {.format = {.width = bits, .integer = bits, .is_signed = false}}};
    for (const double factor : factors) {
        int exponent = 0;
        const double mantissa = std::frexp(factor, &exponent);
        op.multiplier.raw.push_back(static_cast<std::int64_t>(std::ldexp(mantissa, bits)));
        op.shift.push_back(bits - exponent);
    }
    return op;
}

}  // namespace bittrue::explore
