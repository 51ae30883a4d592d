// What each operation is in integers.
#include <algorithm>

#include <fmt/format.h>

#include "streamline/state.hpp"

namespace bittrue::explore::streamline {

namespace {

PerChannel exactly(const Parameter& p) {
    PerChannel numbers;
    for (const double x : p.real) numbers.emplace_back(x);
    const Rational lsb = p.is_raw() ? power_of_two(-p.type.format.frac()) : Rational(1);
    for (const std::int64_t w : p.raw) numbers.push_back(Rational(w) * lsb);
    return numbers;
}

// Numbers of channels as those of a shape with other channels, element by element.
PerChannel spread(const PerChannel& numbers, const Shape& from, const std::vector<std::int64_t>& source) {
    if (numbers.size() == 1) return numbers;
    PerChannel result;
    for (const std::int64_t element : source)
        result.push_back(of_channel(numbers, static_cast<std::size_t>(from.channel_of(element))));
    return result;
}

// Which element of a map stands at each place of the vector that a flatten makes.
std::vector<std::int64_t> order_of(const Shape& from, const std::optional<Layout>& order) {
    std::vector<std::int64_t> source;
    const bool same = !order || *order == from.layout || from.layout == Layout::Vector;
    if (same) {
        for (std::int64_t i = 0; i < from.count(); ++i) source.push_back(i);
    } else if (*order == Layout::Chw) {
        for (std::int64_t c = 0; c < from.channels(); ++c)
            for (std::int64_t y = 0; y < from.height(); ++y)
                for (std::int64_t x = 0; x < from.width(); ++x) source.push_back(from.index(c, y, x));
    } else {
        for (std::int64_t y = 0; y < from.height(); ++y)
            for (std::int64_t x = 0; x < from.width(); ++x)
                for (std::int64_t c = 0; c < from.channels(); ++c) source.push_back(from.index(c, y, x));
    }
    return source;
}

}  // namespace

struct LayerStep {
    Builder& b;
    const FloatLayer& layer;

    void operator()(const Dense&) const { b.linear(layer); }
    void operator()(const Conv2d&) const { b.linear(layer); }
    void operator()(const AveragePool& op) const { b.average(layer, op); }
    void operator()(const Add&) const { b.add(layer); }
    void operator()(const Multiply&) const { b.multiply(layer); }
    void operator()(const Concat& op) const { b.concat(layer, op); }
    void operator()(const MaxPool&) const { b.max_pool(layer); }
    void operator()(const Flatten&) const { b.move(layer); }
    void operator()(const Reshape&) const { b.move(layer); }
    void operator()(const Transpose&) const { b.move(layer); }
    void operator()(const Pad&) const { b.move(layer); }
    void operator()(const Quantize&) const { b.quantize(layer); }
    void operator()(const Threshold& op) const { b.threshold(layer, op); }
    void operator()(const Relu&) const { b.pend(layer, {.kind = Pending::Kind::Relu}); }
    void operator()(const ClippedRelu& op) const {
        b.pend(layer, {.kind = Pending::Kind::Clip, .low = Rational(0), .high = Rational(op.max)});
    }
    void operator()(const Clip& op) const {
        b.pend(layer, {.kind = Pending::Kind::Clip, .low = Rational(op.min), .high = Rational(op.max)});
    }
    void operator()(const LeakyRelu& op) const {
        const PerChannel slope = exactly(op.alpha);
        if (slope[0] < 0)
            refuse(layer, "has a negative slope, behind which no thresholds exist; use 'bittrue quantize'");
        b.pend(layer, {.kind = Pending::Kind::Leaky, .scale = slope});
    }
    void operator()(const Affine& op) const {
        b.pend(layer, {.kind = Pending::Kind::Affine,
                       .scale = exactly(op.scale),
                       .offset = op.bias ? exactly(*op.bias) : PerChannel{Rational(0)}});
    }
    void operator()(const Requantize& op) const {
        const Words& in = b.integers(layer, layer.inputs.front());
        if (!in.plain() || !layer.result_type)
            refuse(layer, "works on integers, but those in front of it have a scale of their own");
        const FixedType& t = *layer.result_type;
        b.set(layer, b.append(layer, layer.name, {in.tensor}, op, t, range_min(t), range_max(t), layer.shape));
    }
    void operator()(const Lookup&) const { curve(); }
    void operator()(const Softmax&) const { curve(); }
    [[noreturn]] void curve() const {
        refuse(layer,
               "stands inside of the network and has no exact integers; use 'bittrue quantize', which makes a "
               "table of it");
    }
};

void Builder::step(const FloatLayer& layer) {
    std::visit(LayerStep{*this, layer}, layer.op);
}

void Builder::pend(const FloatLayer& layer, Pending pending) {
    Words w = words_of(layer, layer.inputs.front());
    w.sole = w.sole && readers_[layer.name] == 1;
    pending.layer = layer.name;
    if (pending.kind == Pending::Kind::Affine && w.chain.empty()) {
        const auto channels = std::max({w.scale.size(), w.offset.size(), pending.scale.size(), pending.offset.size()});
        PerChannel scale, offset;
        for (std::size_t c = 0; c < channels; ++c) {
            scale.push_back(of_channel(w.scale, c) * of_channel(pending.scale, c));
            offset.push_back(of_channel(w.offset, c) * of_channel(pending.scale, c) + of_channel(pending.offset, c));
        }
        w.scale = std::move(scale);
        w.offset = std::move(offset);
    } else {
        w.chain.push_back(std::move(pending));
    }
    set(layer, std::move(w));
}

// Every element is one of the input's; what is pending for its channel goes with it.
void Builder::move(const FloatLayer& layer) {
    Words in = movable(layer, layer.inputs.front());
    const bool pads = std::holds_alternative<Pad>(layer.op);
    if (pads) {
        in = integers(layer, layer.inputs.front());
        if (!all_equal(in.offset) || in.offset[0] != 0)
            refuse(layer,
                   "pads with zeros words that have an offset; a zero point of 0 in the quantiser in front is needed");
    }
    const i128 low = pads ? std::min<i128>(in.low, 0) : in.low, high = pads ? std::max<i128>(in.high, 0) : in.high;
    Words out = append(layer, layer.name, {in.tensor}, layer.op, in.type, low, high, layer.shape);
    out.scale = in.scale;
    out.offset = in.offset;
    out.chain = in.chain;
    const auto* flatten = std::get_if<Flatten>(&layer.op);
    const bool one = in.scale.size() == 1 && in.offset.size() == 1 && same_for_all(in.chain);
    if (!one && flatten != nullptr) {
        const auto source = order_of(in.shape, flatten->order);
        out.scale = spread(in.scale, in.shape, source);
        out.offset = spread(in.offset, in.shape, source);
        for (Pending& p : out.chain) {
            p.scale = spread(p.scale, in.shape, source);
            p.offset = spread(p.offset, in.shape, source);
        }
    } else if (!one && !pads) {
        refuse(layer, "moves channels of different scales; a quantiser with one scale for all is needed in front");
    }
    set(layer, std::move(out));
}

// The largest word has the largest number, also behind what is pending.
void Builder::max_pool(const FloatLayer& layer) {
    static_cast<void>(movable(layer, layer.inputs.front()));
    const Words in = rising(layer, layer.inputs.front());
    Words out = append(layer, layer.name, {in.tensor}, layer.op, in.type, in.low, in.high, layer.shape);
    out.scale = in.scale;
    out.offset = in.offset;
    out.chain = in.chain;
    set(layer, std::move(out));
}

void Builder::add(const FloatLayer& layer) {
    Rational unit(0);
    for (const std::string& name : layer.inputs) unit = common_step(unit, scaled_alike(layer, name).scale[0]);
    if (unit == 0) unit = 1;
    const auto e = exponent_of(unit);
    std::vector<std::string> tensors;
    PerChannel offset{Rational(0)};
    i128 low = 0, high = 0;
    int frac = 0;
    std::vector<Words> words;
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
        Words w = scaled_alike(layer, layer.inputs[k]);
        const PerChannel old = w.offset;
        const auto factor = small(numerator(Rational(w.scale[0] / unit)));
        if (factor != 1)
            w = multiplied(layer, fmt::format("{}_in{}", layer.name, k + 1), w, {static_cast<std::int64_t>(factor)});
        PerChannel sum;
        for (std::size_t c = 0; c < std::max(offset.size(), old.size()); ++c)
            sum.push_back(of_channel(offset, c) + of_channel(old, c));
        offset = std::move(sum);
        tensors.push_back(w.tensor);
        frac = k == 0 ? w.frac() : std::max(frac, w.frac());
        words.push_back(std::move(w));
    }
    for (const Words& w : words) {
        low += w.low * (i128{1} << (frac - w.frac()));
        high += w.high * (i128{1} << (frac - w.frac()));
    }
    Words out =
        append(layer, layer.name, std::move(tensors), Add{}, exact_type(low, high, frac), low, high, layer.shape);
    out.scale = {e && *e == 0 ? Rational(1) : unit};
    out.offset = std::move(offset);
    set(layer, std::move(out));
}

void Builder::multiply(const FloatLayer& layer) {
    std::vector<std::string> tensors;
    Rational scale(1);
    i128 most = 1;
    int frac = 0;
    for (const std::string& name : layer.inputs) {
        const Words& w = scaled_alike(layer, name);
        if (!all_equal(w.offset) || w.offset[0] != 0)
            refuse(layer,
                   "multiplies words that have an offset; a zero point of 0 in the quantisers in front is needed");
        tensors.push_back(w.tensor);
        scale *= w.scale[0];
        most = small(Integer(static_cast<std::int64_t>(most)) *
                     Integer(static_cast<std::int64_t>(std::max(w.high, -w.low))));
        frac += w.frac();
    }
    Words out = append(layer, layer.name, std::move(tensors), Multiply{}, exact_type(-most, most, frac), -most, most,
                       layer.shape);
    out.scale = {scale};
    set(layer, std::move(out));
}

void Builder::concat(const FloatLayer& layer, const Concat& op) {
    std::vector<std::string> tensors;
    PerChannel scale, offset;
    i128 low = 0, high = 0;
    int frac = -512;
    for (const std::string& name : layer.inputs) frac = std::max(frac, integers(layer, name).frac());
    for (const std::string& name : layer.inputs) {
        const Words& w = integers(layer, name);
        tensors.push_back(w.tensor);
        const i128 up = i128{1} << (frac - w.frac());
        low = std::min(low, w.low * up);
        high = std::max(high, w.high * up);
        for (std::size_t c = 0; c < static_cast<std::size_t>(w.shape.channels()); ++c) {
            scale.push_back(of_channel(w.scale, c));
            offset.push_back(of_channel(w.offset, c));
        }
    }
    if (all_equal(scale) && all_equal(offset)) {
        scale.resize(1);
        offset.resize(1);
    } else if (op.axis != Axis::Channel) {
        refuse(layer, "joins words of different scales along rows or columns; one scale for all is needed");
    }
    Words out = append(layer, layer.name, std::move(tensors), op, exact_type(low, high, frac), low, high, layer.shape);
    out.scale = std::move(scale);
    out.offset = std::move(offset);
    set(layer, std::move(out));
}

}  // namespace bittrue::explore::streamline
