#include "equalize.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "grid_choice.hpp"

namespace bittrue::explore {
namespace {

constexpr double kMostFactor = 64;  // a channel is scaled by at most this, or its inverse

std::size_t size(std::int64_t n) {
    return static_cast<std::size_t>(n);
}

// From a linear layer's result to the linear layer that alone reads it.
struct Pair {
    std::size_t first = 0, second = 0;  // layers
    std::size_t rounded = 0;            // the tensor between them that is stored with few bits
    Shape shape{};                      // of what the second layer reads, before it was flattened
};

bool commutes(const Operation& op) {
    return std::holds_alternative<Relu>(op) || std::holds_alternative<LeakyRelu>(op) ||
           std::holds_alternative<MaxPool>(op) || std::holds_alternative<AveragePool>(op);
}

std::optional<Pair> pair_from(const FloatModel& model, const Structure& s, std::size_t first) {
    Pair pair{.first = first, .second = 0, .rounded = first + 1, .shape = model.layers[first].shape};
    bool flat = false;
    for (std::size_t at = first;;) {
        const std::vector<int>& readers = s.readers[at + 1];
        if (readers.size() != 1 || static_cast<int>(at) + 1 == s.output) return std::nullopt;
        at = static_cast<std::size_t>(readers[0]);
        const FloatLayer& layer = model.layers[at];
        if (layer.weight_type || layer.result_type || layer.quantizer) return std::nullopt;
        if (multiplies_weights(layer.op)) {
            if (const auto* conv = std::get_if<Conv2d>(&layer.op); conv != nullptr && conv->groups != 1)
                return std::nullopt;
            pair.second = at;
            return pair;
        }
        if (const auto* flatten = std::get_if<Flatten>(&layer.op)) {
            if (!flat && flatten->order && *flatten->order != pair.shape.layout) return std::nullopt;
            flat = true;
            continue;
        }
        if (!commutes(layer.op) ||
            flat != (layer.shape.layout == Layout::Vector && pair.shape.layout != Layout::Vector))
            return std::nullopt;
        if (!flat) pair.shape = layer.shape;
        if (s.roles[at] == Role::Converter) pair.rounded = at + 1;
    }
}

std::vector<double> largest_results(const FloatLayerValues& values, std::size_t channels) {
    std::vector<double> largest(channels);
    const std::size_t elements = size(values.shape.count());
    for (std::size_t i = 0; i < values.values.size(); ++i) {
        double& most = largest[size(values.shape.channel_of(static_cast<std::int64_t>(i % elements)))];
        most = std::max(most, std::abs(values.values[i]));
    }
    return largest;
}

double below_power_of_two(double magnitude, int bits) {
    return std::exp2(std::ceil(std::log2(magnitude))) * (1 - std::exp2(-bits));
}

std::vector<double> factors_of(const FloatModel& model, const Pair& pair, const FloatRun& run, Scaling scaling,
                               int bits, int weight_bits) {
    const Parameter& weights = *weights_of(model.layers[pair.first].op);
    const std::size_t channels = size(weights.dims.back());
    std::vector<double> factors(channels, 1.0);
    if (scaling == Scaling::Weight) {
        std::vector<double> largest(channels);
        for (std::size_t i = 0; i < weights.real.size(); ++i)
            largest[i % channels] = std::max(largest[i % channels], std::abs(weights.real[i]));
        const double most = *std::max_element(largest.begin(), largest.end());
        for (std::size_t c = 0; c < channels; ++c)
            if (largest[c] > 0) factors[c] = most / largest[c];
    } else if (scaling == Scaling::Step) {
        const std::vector<double> steps = best_steps(weights, weight_bits);
        double logs = 0;
        for (const double step : steps) logs += std::log2(step);
        const double common = std::exp2(std::round(logs / static_cast<double>(channels)));
        for (std::size_t c = 0; c < channels; ++c) factors[c] = common / steps[c];
    } else {
        const std::vector<double> largest = largest_results(run.layers[pair.rounded], channels);
        const double most = *std::max_element(largest.begin(), largest.end());
        if (most <= 0) return factors;
        const double end = below_power_of_two(most, bits);
        for (std::size_t c = 0; c < channels; ++c) {
            const double mine = scaling == Scaling::Tensor ? most : largest[c];
            if (mine > 0) factors[c] = end / mine;
        }
    }
    for (double& f : factors) f = std::clamp(f, 1 / kMostFactor, kMostFactor);
    return factors;
}

void apply(FloatModel& model, const Pair& pair, const std::vector<double>& factors) {
    Operation& first = model.layers[pair.first].op;
    const std::size_t channels = factors.size();
    Parameter& weights = *weights_of(first);
    for (std::size_t i = 0; i < weights.real.size(); ++i) weights.real[i] *= factors[i % channels];
    if (*bias_of(first))
        for (std::size_t c = 0; c < channels; ++c) (*bias_of(first))->real[c] *= factors[c];
    Parameter& behind = *weights_of(model.layers[pair.second].op);
    const std::size_t outputs = size(behind.dims.back());
    const bool dense = std::holds_alternative<Dense>(model.layers[pair.second].op);
    for (std::size_t i = 0; i < behind.real.size(); ++i) {
        const std::size_t in = i / outputs;
        behind.real[i] /= factors[dense ? size(pair.shape.channel_of(static_cast<std::int64_t>(in))) : in % channels];
    }
}

}  // namespace

std::string print_scaling(Scaling scaling) {
    switch (scaling) {
        case Scaling::None: return "";
        case Scaling::Tensor: return "each layer by one factor, its largest result just below a power of two";
        case Scaling::Activation: return "each channel by its largest result";
        case Scaling::Weight: return "each channel by its largest weight";
        case Scaling::Step: return "each channel by the step that suits its weights";
    }
    return "";
}

int equalize(FloatModel& model, const Structure& structure, const FloatRun& run, Scaling scaling, int bits,
             const std::vector<int>& weight_bits) {
    if (scaling == Scaling::None) return 0;
    int pairs = 0;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        const FloatLayer& layer = model.layers[i];
        if (!multiplies_weights(layer.op) || layer.weight_type || layer.result_type || weights_of(layer.op)->is_raw())
            continue;
        const auto pair = pair_from(model, structure, i);
        if (!pair) continue;
        apply(model, *pair, factors_of(model, *pair, run, scaling, bits, weight_bits[i]));
        ++pairs;
    }
    return pairs;
}

}  // namespace bittrue::explore
