// The walk through the model's layers, each in integers before the next.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "streamline/state.hpp"

namespace bittrue::explore::streamline {

namespace {

constexpr int kWidest = 62;  // of a word
constexpr int kFinalBits = 24;

Parameter integers_of(const std::vector<std::int64_t>& words, int frac) {
    const auto [low, high] = std::minmax_element(words.begin(), words.end());
    return {.dims = {static_cast<std::int64_t>(words.size())},
            .real = {},
            .raw = words,
            .type = exact_type(std::min<i128>(*low, -1), *high, frac)};
}

}  // namespace

void refuse(const FloatLayer& layer, const std::string& why) {
    throw InputError(
        fmt::format("layer '{}' ({})", layer.name, layer.class_name.empty() ? op_name(layer.op) : layer.class_name),
        why);
}

bool all_equal(const PerChannel& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [&](const Rational& x) { return x == numbers[0]; });
}

bool Words::plain() const {
    return chain.empty() && all_equal(scale) && scale[0] == 1 && all_equal(offset) && offset[0] == 0;
}

Builder::Builder(const FloatModel& model, const IntegerNetworkOptions& options) : model_(model), options_(options) {}

IntegerNetwork Builder::run() {
    if (model_.layers.empty())
        throw InputError(model_.file, "holds arrays but no layers; give the model's JSON configuration");
    InputSpec input{.name = model_.input_name,
                    .shape = model_.input_shape,
                    .type = options_.input,
                    .divide = options_.divide,
                    .float32 = options_.float32};
    Words in{.tensor = input.name, .type = input.type, .low = range_min(input.type), .high = range_max(input.type)};
    in.shape = model_.input_shape;
    if (input.type.format.frac() <= 0 && options_.divide != 1) {
        in.scale = {Rational(1) / Rational(options_.divide)};
        input.divide = 1;
        result_.comments.push_back(
            {"", fmt::format("The input's words are the stored pixels; the division by {} is in the thresholds.",
                             options_.divide)});
    }
    if (input.type.format.width > kWidest) throw InputError("--input-type", "has more than 62 bits");
    result_.graph.name = model_.name;
    result_.graph.input = input;
    known_[model_.input_name] = std::move(in);
    for (const FloatLayer& l : model_.layers)
        for (const std::string& name : l.inputs) ++readers_[name];
    ++readers_[model_.output];
    output_ = model_.output;
    for (const FloatLayer& layer : model_.layers) {
        const bool last = layer.name == model_.output;
        const auto* lookup = std::get_if<Lookup>(&layer.op);
        if (last &&
            (std::holds_alternative<Softmax>(layer.op) || (lookup != nullptr && !lookup->table.origin.empty()))) {
            left_out(layer);
        } else {
            step(layer);
        }
    }
    finish();
    return std::move(result_);
}

Words& Builder::words_of(const FloatLayer& reader, const std::string& name) {
    const auto at = known_.find(name);
    if (at == known_.end()) refuse(reader, fmt::format("reads '{}', which no layer in front of it makes", name));
    return at->second;
}

Words Builder::append(const FloatLayer& layer, const std::string& name, std::vector<std::string> inputs, Operation op,
                      const FixedType& type, i128 low, i128 high, const Shape& shape) {
    if (type.format.width > kWidest)
        refuse(layer, fmt::format("needs words of {} bits to be exact, more than {}; give the input fewer bits",
                                  type.format.width, kWidest));
    result_.graph.nodes.push_back(
        {.name = name, .inputs = std::move(inputs), .op = std::move(op), .result = type, .shape = shape});
    Words words{.tensor = name, .type = type, .low = low, .high = high};
    words.shape = shape;
    return words;
}

// A cast of the model's own, where it names one.
void Builder::set(const FloatLayer& layer, Words words) {
    const bool quantizes = std::holds_alternative<Quantize>(layer.op) || std::holds_alternative<Threshold>(layer.op) ||
                           std::holds_alternative<Requantize>(layer.op);
    if (layer.result_type && !quantizes) {
        const FixedType& t = *layer.result_type;
        Words bare = words;
        bare.chain.clear();
        if (!bare.plain())
            refuse(layer,
                   "rounds to a type of its own, but its words have a scale that is no power of two; such a model "
                   "needs a quantiser there");
        const int up = t.format.frac() - words.frac();
        const bool holds =
            up >= 0 && up < 60 && words.low >= (range_min(t) >> up) && words.high <= (range_max(t) >> up);
        if (!holds && !words.chain.empty())
            refuse(layer, "rounds to a type of its own behind a function without integers; put a quantiser there");
        if (!holds)
            words = append(layer, layer.name + "_cast", {words.tensor}, Quantize{}, t, range_min(t), range_max(t),
                           layer.shape);
    }
    known_[layer.name] = std::move(words);
}

bool Builder::is_relu_of_integers(const Words& w) {
    const auto positive = [](const Rational& x) { return x > 0; };
    const auto zero = [](const Rational& x) { return x == 0; };
    return w.chain.size() == 1 && w.chain[0].kind == Pending::Kind::Relu &&
           std::all_of(w.scale.begin(), w.scale.end(), positive) && std::all_of(w.offset.begin(), w.offset.end(), zero);
}

Words& Builder::integers(const FloatLayer& reader, const std::string& name) {
    Words& w = words_of(reader, name);
    if (w.chain.empty()) return w;
    if (!is_relu_of_integers(w))
        refuse(reader, fmt::format("reads what layer '{}' makes of integers without a quantiser behind it: that is no "
                                   "integer; quantise it when training, or use 'bittrue quantize'",
                                   w.chain.back().layer));
    const i128 low = std::max<i128>(w.low, 0), high = std::max<i128>(w.high, 0);
    Words made =
        append(reader, w.chain[0].layer, {w.tensor}, Relu{}, exact_type(low, high, w.frac()), low, high, w.shape);
    made.scale = w.scale;
    w = std::move(made);
    return w;
}

// Layers that move or choose words stand behind a relu as in the model, and other functions wait until behind them.
Words& Builder::movable(const FloatLayer& reader, const std::string& name) {
    Words& w = words_of(reader, name);
    return is_relu_of_integers(w) ? integers(reader, name) : w;
}

Words& Builder::scaled_alike(const FloatLayer& reader, const std::string& name) {
    Words& w = integers(reader, name);
    if (!all_equal(w.scale))
        refuse(reader,
               "joins channels of different scales; a quantiser with one scale for all channels is needed in front");
    return w;
}

Words Builder::multiplied(const FloatLayer& layer, const std::string& name, const Words& in,
                          const std::vector<std::int64_t>& factors) {
    const auto [least, most] = std::minmax_element(factors.begin(), factors.end());
    const std::array<Integer, 4> ends{
        Integer(static_cast<std::int64_t>(in.low)) * *least, Integer(static_cast<std::int64_t>(in.low)) * *most,
        Integer(static_cast<std::int64_t>(in.high)) * *least, Integer(static_cast<std::int64_t>(in.high)) * *most};
    const i128 low = small(*std::min_element(ends.begin(), ends.end()));
    const i128 high = small(*std::max_element(ends.begin(), ends.end()));
    return append(layer, name, {in.tensor}, Affine{.scale = integers_of(factors, 0), .bias = {}},
                  exact_type(low, high, in.frac()), low, high, in.shape);
}

// Nothing is exact behind it, and the largest of its inputs stays the largest.
void Builder::left_out(const FloatLayer& layer) {
    output_ = layer.inputs.front();
    ++readers_[output_];
    result_.notes.push_back(fmt::format("'{}' ({}) has no exact words and is left out: the network ends with its input",
                                        layer.name, op_name(layer.op)));
    result_.comments.push_back({"", result_.notes.back() + "."});
}

// Numbers of channels can be compared only where they have one scale.
void Builder::finish() {
    const auto at = std::find_if(model_.layers.begin(), model_.layers.end(),
                                 [&](const FloatLayer& l) { return l.name == output_; });
    if (at == model_.layers.end()) throw InputError(model_.file, "the model has no layer that computes anything");
    Words w = integers(*at, output_);
    if (!all_equal(w.scale) || !all_equal(w.offset) || w.scale[0] < 0) {
        Rational most(0), far(0);
        for (const Rational& s : w.scale) most = std::max(most, Rational(abs(s)));
        for (const Rational& o : w.offset) far = std::max(far, Rational(abs(o)));
        const int frac = kFinalBits - static_cast<int>(std::ceil(std::log2(static_cast<double>(most))));
        const auto channels = static_cast<std::size_t>(w.shape.channels());
        std::vector<std::int64_t> scales, offsets;
        for (std::size_t c = 0; c < channels; ++c) {
            const Rational up = power_of_two(frac);
            scales.push_back(static_cast<std::int64_t>(small(rounded(of_channel(w.scale, c) * up, Rounding::RndConv))));
            offsets.push_back(static_cast<std::int64_t>(
                small(rounded(of_channel(w.offset, c) * up * power_of_two(w.frac()), Rounding::RndConv))));
        }
        Affine op{.scale = integers_of(scales, frac), .bias = integers_of(offsets, frac + w.frac())};
        const Rational reach =
            (Rational(abs(Integer(static_cast<std::int64_t>(std::max<i128>(w.high, -w.low)))))) * most * w.lsb() + far;
        const i128 end = small(floor_of(reach * power_of_two(frac + w.frac()))) + (i128{1} << kFinalBits);
        w = append(*at, at->name + "_numbers", {w.tensor}, std::move(op), exact_type(-end, end, frac + w.frac()), -end,
                   end, w.shape);
        result_.notes.push_back(
            fmt::format("scales and offsets of '{}' differ between channels: they are the only numbers "
                        "of the network that are rounded, to {} bits",
                        at->name, kFinalBits));
        result_.comments.push_back({w.tensor, result_.notes.back() + "."});
    }
    result_.scale = {static_cast<double>(w.scale[0])};
    result_.offset = {static_cast<double>(w.offset[0])};
    if (!w.plain())
        result_.comments.push_back(
            {"", fmt::format("The model's output is {} * value + {}.", result_.scale[0], result_.offset[0])});
    result_.graph.output = w.tensor;
    validate(result_.graph);
}

}  // namespace bittrue::explore::streamline

namespace bittrue::explore {

IntegerNetwork integer_network(const FloatModel& model, const IntegerNetworkOptions& options) {
    return streamline::Builder(model, options).run();
}

}  // namespace bittrue::explore
