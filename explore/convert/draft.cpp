#include "draft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/tables.hpp"
#include "channel_formats.hpp"
#include "grid_choice.hpp"

namespace bittrue::explore {
namespace {

constexpr int kWidest = 62;           // of a sum that goes on with all its bits
constexpr int kBeyond = 81;           // such sums are not measured, they are just too wide
constexpr int kExponentialBits = 18;  // of the entries of softmax tables
constexpr int kMostIndexBits = 12;    // of the table of reciprocals
constexpr int kQuotientBits = 8;      // fraction bits that an average keeps beyond its input's

constexpr i128 kFar =
    i128{1} << (kBeyond - 1);  // further than any accumulator reaches, and 2^46 of them fit into an i128

int bits_for(i128 low, i128 high) {
    int bits = 1;
    while (high > raw_max({.width = bits, .integer = bits, .is_signed = true}) ||
           low < raw_min({.width = bits, .integer = bits, .is_signed = true}))
        ++bits;
    return bits;
}

// x * 2^up, at most kFar away from 0. Numbers whose magnitudes are worlds apart meet in one sum with any `up`.
i128 scaled(i128 x, int up) {
    if (x == 0 || up == 0) return std::clamp(x, -kFar, kFar);
    const i128 most = up < kBeyond - 1 ? kFar >> up : 0;
    return x > most ? kFar : x < -most ? -kFar : x * (i128{1} << up);
}

FixedType exact_type(int width, int frac) {
    return {.format = {.width = width, .integer = width - frac, .is_signed = true},
            .rounding = Rounding::Trn,
            .overflow = Overflow::Sat};
}

// Bits of a product below the last one are rounded off at each term; where there are none, nothing needs rounding.
FixedType accumulator_of(const WordFormat& sum, int frac) {
    if (sum.frac >= frac) return exact_type(sum.bits, frac);
    return sum.type();
}

// Smallest and largest sum of any part of the terms of an output channel, at `frac`.
struct Reach {
    i128 low = 0, high = 0;
};

// The weights' last axis is the output channel.
std::vector<Reach> reaches(const LayerWords& words, const FixedType& in, std::size_t outputs, int up_products,
                           int up_bias) {
    const i128 least = range_min(in), most = range_max(in);
    std::vector<Reach> all(outputs);
    for (std::size_t i = 0; i < words.weights.size(); ++i) {
        const i128 w = words.weights[i];
        const auto [a, b] = std::minmax({scaled(w * least, up_products), scaled(w * most, up_products)});
        all[i % outputs].low += std::min<i128>(a, 0);
        all[i % outputs].high += std::max<i128>(b, 0);
    }
    for (std::size_t o = 0; o < words.bias.size(); ++o) {
        const i128 b = scaled(words.bias[o], up_bias);
        all[o].low += std::min<i128>(b, 0);
        all[o].high += std::max<i128>(b, 0);
    }
    return all;
}

Parameter raw_parameter(const Dims& dims, const std::vector<std::int64_t>& words, const WordFormat& grid) {
    return {.dims = dims, .real = {}, .raw = words, .type = grid.type()};
}

class Assembly {
public:
    Assembly(const FloatModel& model, const Structure& structure, const ConvertOptions& options, const Draft& draft,
             const std::vector<int>& proven)
        : model_(model), structure_(structure), options_(options), draft_(draft), proven_(proven) {}

    Graph run() {
        Graph graph;
        graph.name = model_.name;
        graph.input = {.name = model_.input_name,
                       .shape = model_.input_shape,
                       .type = draft_.input.type(),
                       .divide = options_.divide,
                       .float32 = options_.float32};
        types_.push_back(graph.input.type);
        for (std::size_t i = 0; i < model_.layers.size(); ++i) graph.nodes.push_back(node(i));
        graph.output = model_.output;
        validate(graph);
        return graph;
    }

private:
    Node node(std::size_t i) {
        const FloatLayer& layer = model_.layers[i];
        Node node{.name = layer.name, .inputs = layer.inputs, .op = layer.op, .result = {}, .shape = {}};
        const FixedType in = types_[static_cast<std::size_t>(structure_.inputs[i][0])];
        if (layer.rescales) return rescaler(std::move(node), i, in);
        const FixedType wide = std::visit([&](auto& op) { return finish(op, i, in); }, node.op);
        switch (structure_.roles[i]) {
            case Role::Same: node.result = in; break;
            case Role::Wide: node.result = wide; break;
            case Role::Converter: node.result = layer.result_type.value_or(draft_.layers[i].result.type()); break;
        }
        types_.push_back(node.result);
        return node;
    }

    // Either rounds into the layer's format or keeps every bit.
    Node rescaler(Node node, std::size_t i, const FixedType& in) {
        Requantize op = requantize_of(model_.layers[i]);
        const auto [least, most] = std::minmax_element(op.shift.begin(), op.shift.end());
        node.result = draft_.layers[i].result.type();
        if (structure_.roles[i] == Role::Wide) {
            const int width = in.format.width + op.multiplier.type.format.width + *most - *least;
            if (width > kWidest)
                too_wide(i, width, fmt::format("scales of channels that are 2^{} apart", *most - *least));
            node.result = exact_type(width, in.format.frac() + *most);
        }
        const int finer = in.format.frac() - node.result.format.frac();
        for (int& shift : op.shift) shift += finer;
        node.op = std::move(op);
        types_.push_back(node.result);
        return node;
    }

    [[noreturn]] void too_wide(std::size_t i, int width, const std::string& numbers) const {
        throw InputError(
            fmt::format("layer '{}'", model_.layers[i].name),
            fmt::format("{} need an accumulator of {} bits, {} at most is possible; bring these magnitudes "
                        "closer together (scale the data, the weights or the biases) or use fewer bits",
                        numbers, width < kBeyond ? std::to_string(width) : fmt::format("over {}", kBeyond - 1),
                        kWidest));
    }

    // What meets in the sums of a layer: "inputs up to 1e-30, weights up to 0.5 and biases up to 0.25".
    [[nodiscard]] std::string magnitudes(std::size_t i, const FixedType& in) const {
        const auto largest = [](const std::vector<std::int64_t>& raws, int frac) {
            std::int64_t most = 0;
            for (const std::int64_t raw : raws) most = std::max(most, std::abs(raw));
            return std::ldexp(static_cast<double>(most), -frac);
        };
        const LayerWords& words = draft_.words[i];
        const double inputs = std::ldexp(static_cast<double>(range_max(in)), -in.format.frac());
        const double weights = largest(words.weights, draft_.layers[i].weight.frac);
        if (words.bias.empty()) return fmt::format("inputs up to {:.3g} and weights up to {:.3g}", inputs, weights);
        return fmt::format("inputs up to {:.3g}, weights up to {:.3g} and biases up to {:.3g}", inputs, weights,
                           largest(words.bias, draft_.layers[i].bias.frac));
    }

    // The type that was chosen for the layer's sums, or keeps every bit of them; the parameters of the operation become
    // words on the way.
    FixedType accumulator(Parameter& weights, std::optional<Parameter>& bias, std::size_t i,
                          const FixedType& in) const {
        const LayerFormats& choice = draft_.layers[i];
        const LayerWords& words = draft_.words[i];
        const auto outputs = static_cast<std::size_t>(weights.dims.back());
        weights = raw_parameter(weights.dims, words.weights, choice.weight);
        if (!words.bias.empty())
            bias = raw_parameter({static_cast<std::int64_t>(words.bias.size())}, words.bias, choice.bias);
        else
            bias.reset();
        const int products = choice.weight.frac + in.format.frac();
        const int frac = words.bias.empty() ? products : std::max(products, choice.bias.frac);
        if (choice.sum) return accumulator_of(*choice.sum, frac);
        int width = proven_.empty() ? 0 : proven_[i];
        if (width == 0) {
            for (const Reach& r : reaches(words, in, outputs, frac - products, frac - choice.bias.frac))
                width = std::max(width, bits_for(r.low, r.high));
        }
        if (width > kWidest) too_wide(i, width, magnitudes(i, in));
        return exact_type(width, frac);
    }

    FixedType finish(Dense& op, std::size_t i, const FixedType& in) const {
        return op.accumulator.type = accumulator(op.weights, op.bias, i, in);
    }
    FixedType finish(Conv2d& op, std::size_t i, const FixedType& in) const {
        return op.accumulator.type = accumulator(op.weights, op.bias, i, in);
    }
    FixedType finish(Affine& op, std::size_t i, const FixedType& in) const {
        const LayerFormats& choice = draft_.layers[i];
        const LayerWords& words = draft_.words[i];
        op.scale = raw_parameter(op.scale.dims, words.weights, choice.weight);
        Format format = product_format(choice.weight.type().format, in.format);
        if (!words.bias.empty()) {
            op.bias = raw_parameter({static_cast<std::int64_t>(words.bias.size())}, words.bias, choice.bias);
            format = sum_format(format, choice.bias.type().format);
        }
        return exact_type(format.width + (format.is_signed ? 0 : 1), format.frac());
    }
    FixedType finish(AveragePool& op, std::size_t /*i*/, const FixedType& in) const {
        const auto window = static_cast<unsigned>(op.pool[0]) * static_cast<unsigned>(op.pool[1]);
        const int frac = in.format.frac() + kQuotientBits;
        op.accumulator =
            exact_type(in.format.width + kQuotientBits + 1 + static_cast<int>(std::bit_width(window)), frac);
        op.divide = Rounding::Rnd;
        return op.accumulator;
    }
    FixedType finish(Add& /*op*/, std::size_t i, const FixedType& in) const { return joined(i, in, sum_format); }
    FixedType finish(Multiply& /*op*/, std::size_t i, const FixedType& in) const {
        return joined(i, in, product_format);
    }
    FixedType finish(LeakyRelu& op, std::size_t i, const FixedType& in) const {
        const WordFormat grid =
            Numbers(op.alpha.real).choose(draft_.layers[i].weight.bits, Calibration::Max, 100, true);
        op.alpha.type = grid.type();
        return in;
    }
    FixedType finish(Lookup& op, std::size_t /*i*/, const FixedType& in) const {
        const bool is_tanh = op.table.origin == "tanh";
        const FixedType entries{.format = {.width = kExponentialBits, .integer = is_tanh ? 2 : 1, .is_signed = is_tanh},
                                .rounding = Rounding::Rnd,
                                .overflow = Overflow::Sat};
        if (is_tanh) op.table = tanh_table(1024, entries, op.span);
        if (op.table.origin == "sigmoid") op.table = sigmoid_table(1024, entries, op.span);
        return in;
    }
    // Tables that lose nothing of the logits: every difference has its own entry.
    FixedType finish(Softmax& op, std::size_t i, const FixedType& in) const {
        if (op.kind != SoftmaxKind::Argmax) op.kind = SoftmaxKind::Stable;
        if (op.kind == SoftmaxKind::Argmax) return in;
        const auto classes = static_cast<unsigned>(model_.layers[i].shape.count());
        const int count_bits = static_cast<int>(std::bit_width(classes));
        op.difference = {.format = {.width = in.format.width, .integer = in.format.integer, .is_signed = false},
                         .rounding = Rounding::Trn,
                         .overflow = Overflow::Sat};
        const FixedType entries{.format = {.width = kExponentialBits, .integer = 1, .is_signed = false},
                                .rounding = Rounding::Rnd,
                                .overflow = Overflow::Sat};
        op.exp_table = stable_exp_table(1 << std::min(in.format.width, kMostIndexBits), entries, op.difference.format);
        op.accumulator = {
            .format = {.width = kExponentialBits + count_bits, .integer = 1 + count_bits, .is_signed = false},
            .rounding = Rounding::Trn,
            .overflow = Overflow::Sat};
        op.inv_input = {.format = {.width = kMostIndexBits, .integer = count_bits, .is_signed = false},
                        .rounding = Rounding::Rnd,
                        .overflow = Overflow::Sat};
        op.inv_table = inverse_table(1 << kMostIndexBits, entries, op.inv_input.format);
        return in;
    }
    template <class Op>
    FixedType finish(Op& /*op*/, std::size_t /*i*/, const FixedType& in) const {
        return in;
    }

    FixedType joined(std::size_t i, const FixedType& in, Format (*join)(Format, Format)) const {
        Format format = in.format;
        for (std::size_t k = 1; k < structure_.inputs[i].size(); ++k)
            format = join(format, types_[static_cast<std::size_t>(structure_.inputs[i][k])].format);
        return exact_type(format.width + (format.is_signed ? 0 : 1), format.frac());
    }

    const FloatModel& model_;
    const Structure& structure_;
    const ConvertOptions& options_;
    const Draft& draft_;
    const std::vector<int>& proven_;
    std::vector<FixedType> types_{};
};

}  // namespace

Graph NetworkBuilder::operator()(const Draft& draft, const std::vector<int>& proven) const {
    return Assembly(model_, structure_, options_, draft, proven).run();
}

Widths widths_of(const Draft& draft) {
    Widths widths{.input = draft.input.bits, .weight = {}, .result = {}};
    for (const LayerFormats& layer : draft.layers) {
        widths.weight.push_back(layer.weight.bits);
        widths.result.push_back(layer.result.bits);
    }
    return widths;
}

LayerWords nearest_words(const Operation& op, const LayerFormats& choice) {
    LayerWords words;
    const Parameter* weights = weights_of(op);
    if (weights == nullptr) return words;
    for (const double w : weights->real) words.weights.push_back(raw_on(choice.weight, w));
    if (*bias_of(op))
        for (const double b : (*bias_of(op))->real) words.bias.push_back(raw_on(choice.bias, b));
    return words;
}

std::vector<double> values_of(const LayerResult& result) {
    std::vector<double> values(result.words.size());
    const double lsb = std::ldexp(1.0, -result.type.format.frac());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<double>(raw_from_word(result.words[i], result.type.format)) * lsb;
    return values;
}

}  // namespace bittrue::explore
