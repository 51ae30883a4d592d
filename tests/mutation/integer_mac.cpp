#include "integer_mac.hpp"

#include <cstdlib>
#include <optional>
#include <stdexcept>

namespace bittrue::mutation {

namespace {

std::int64_t floor_shift(std::int64_t v, int bits) {
    return v >> bits;  // arithmetic: toward minus infinity
}

std::int64_t rounded(std::int64_t raw, int drop, Rounding mode) {
    if (drop <= 0) return raw << -drop;
    const std::int64_t low = floor_shift(raw, drop), rest = raw - (low << drop), half = std::int64_t{1} << (drop - 1);
    if (rest == 0) return low;
    if (mode == Rounding::Trn) return low;
    if (mode == Rounding::TrnZero) return raw < 0 ? low + 1 : low;
    if (rest != half) return rest > half ? low + 1 : low;
    switch (mode) {  // a tie
        case Rounding::Rnd: return low + 1;
        case Rounding::RndMinInf: return low;
        case Rounding::RndZero: return raw < 0 ? low + 1 : low;
        case Rounding::RndInf: return raw < 0 ? low : low + 1;
        case Rounding::RndConv: return low % 2 == 0 ? low : low + 1;
        case Rounding::RndConvOdd: return low % 2 == 0 ? low + 1 : low;
        case Rounding::Trn:
        case Rounding::TrnZero: break;
    }
    throw std::logic_error("rounding");
}

}  // namespace

std::int64_t cast(std::int64_t raw, int frac, const FixedType& to) {
    const std::int64_t r = rounded(raw, frac - to.format.frac(), to.rounding);
    const auto low = static_cast<std::int64_t>(range_min(to)), high = static_cast<std::int64_t>(range_max(to));
    if (r >= low && r <= high) return r;
    switch (to.overflow) {
        case Overflow::Wrap:
            if (to.saturated_bits != 0) break;
            return word_from_pattern(static_cast<std::uint64_t>(r), to.format);
        case Overflow::Sat:
        case Overflow::SatSym: return r < low ? low : high;
        case Overflow::SatZero: return 0;
        case Overflow::WrapSm: break;
    }
    throw std::logic_error("overflow mode that the integer model does not have");
}

namespace {

// What dense and convolution have in common: a window of input places for every output word.
struct Window {
    std::vector<std::int64_t> inputs{}, weights{};  // by term: place in the image (-1: padding), and in the kernel
};

class Sums {
public:
    Sums(const Node& node, const TensorWords& input, const MacPlaces& places)
        : node_(node), input_(input), places_(places) {
        const auto* conv = std::get_if<Conv2d>(&node.op);
        const auto* dense = std::get_if<Dense>(&node.op);
        if (conv == nullptr && dense == nullptr) throw std::logic_error(node.name + " has no sums");
        spec_ = conv != nullptr ? &conv->accumulator : &dense->accumulator;
        const Parameter& weights = conv != nullptr ? conv->weights : dense->weights;
        const auto& bias = conv != nullptr ? conv->bias : dense->bias;
        weight_frac_ = weights.type.format.frac();
        weights_ = golden_parameter(node, input, "weights");
        if (places.weights) places.weights(weights_);
        if (bias) {
            bias_frac_ = bias->type.format.frac();
            bias_ = golden_parameter(node, input, "bias");
            if (places.bias) places.bias(bias_);
        }
        const bool plain = spec_->schedule == Schedule::Sequential && spec_->quantize == QuantizeAt::Step &&
                           spec_->bias == BiasPosition::First && !spec_->bias_cast &&
                           (conv == nullptr || conv->groups == 1);
        if (!plain) throw std::logic_error(node.name + ": a datapath that the integer model does not have");
        channels_ = weights.dims.back();
    }

    TensorWords run() {
        TensorWords out{.name = node_.name, .shape = node_.shape, .type = node_.result, .images = input_.images};
        out.words.resize(static_cast<std::size_t>(node_.shape.count()) * input_.images);
        const bool map = std::holds_alternative<Conv2d>(node_.op);
        const std::int64_t rows = map ? node_.shape.height() : 1, columns = map ? node_.shape.width() : 1;
        std::vector<std::int64_t> before(static_cast<std::size_t>(map ? channels_ : 1));
        for (std::size_t image = 0; image < input_.images; ++image)
            for (std::int64_t y = 0; y < rows; ++y)
                for (std::int64_t x = 0; x < columns; ++x)
                    for (std::int64_t o = 0; o < channels_; ++o) {
                        std::int64_t& last = before[static_cast<std::size_t>(map ? o : 0)];
                        last = sum(static_cast<std::int64_t>(image), o, y, x, last);
                        const std::int64_t at = map ? node_.shape.index(o, y, x) : o;
                        out.words[image * static_cast<std::size_t>(node_.shape.count()) +
                                  static_cast<std::size_t>(at)] = cast(last, spec_->type.format.frac(), node_.result);
                    }
        return out;
    }

private:
    Window window(std::int64_t o, std::int64_t y, std::int64_t x) const {
        Window w;
        const auto* conv = std::get_if<Conv2d>(&node_.op);
        if (conv == nullptr) {
            for (std::int64_t i = 0; i < input_.shape.count(); ++i) {
                w.inputs.push_back(i);
                w.weights.push_back(i * channels_ + o);
            }
            return w;
        }
        const std::int64_t rows = conv->weights.dims[0], columns = conv->weights.dims[1], ins = conv->weights.dims[2];
        const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
            const std::int64_t row = y * conv->stride[0] - conv->padding.top + r * conv->dilation[0];
            const std::int64_t column = x * conv->stride[1] - conv->padding.left + s * conv->dilation[1];
            const bool inside = row >= 0 && column >= 0 && row < input_.shape.height() && column < input_.shape.width();
            w.inputs.push_back(inside ? input_.shape.index(c, row, column) : -1);
            w.weights.push_back(((r * columns + s) * ins + c) * channels_ + o);
        };
        if (spec_->terms == TermOrder::Input) {
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t s = 0; s < columns; ++s)
                    for (std::int64_t c = 0; c < ins; ++c) add(r, s, c);
        } else {
            for (std::int64_t c = 0; c < ins; ++c)
                for (std::int64_t r = 0; r < rows; ++r)
                    for (std::int64_t s = 0; s < columns; ++s) add(r, s, c);
        }
        return w;
    }

    std::int64_t sum(std::int64_t image, std::int64_t o, std::int64_t y, std::int64_t x, std::int64_t before) const {
        const Window w = window(o, y, x);
        Term term{
            .image = image, .channel = o, .y = y, .x = x, .t = 0, .terms = static_cast<std::int64_t>(w.inputs.size())};
        const int input_frac = input_.type.format.frac(), frac = spec_->type.format.frac();
        std::int64_t acc = bias_.empty() ? 0 : cast(bias_[static_cast<std::size_t>(o)], bias_frac_, spec_->type);
        if (places_.start) acc = places_.start(term, acc, before);
        for (; term.t < term.terms; ++term.t) {
            if (places_.takes && !places_.takes(term)) continue;
            const std::int64_t at = w.inputs[static_cast<std::size_t>(term.t)];
            std::int64_t value = at < 0 ? 0 : input_.words[static_cast<std::size_t>(image * input_.shape.count() + at)];
            if (places_.input) value = places_.input(term, at, value);
            std::int64_t product =
                weights_[static_cast<std::size_t>(w.weights[static_cast<std::size_t>(term.t)])] * value;
            int product_frac = weight_frac_ + input_frac;
            if (spec_->product) {
                product = cast(product, product_frac, *spec_->product);
                product_frac = spec_->product->format.frac();
            }
            if (places_.product) product = places_.product(term, product);
            const int fine = product_frac > frac ? product_frac : frac;
            acc = cast((acc << (fine - frac)) + (product << (fine - product_frac)), fine, spec_->type);
        }
        return acc;
    }

    const Node& node_;
    const TensorWords& input_;
    const MacPlaces& places_;
    const AccumulatorSpec* spec_ = nullptr;
    std::vector<std::int64_t> weights_{}, bias_{};
    int weight_frac_ = 0, bias_frac_ = 0;
    std::int64_t channels_ = 0;
};

}  // namespace

TensorWords integer_layer(const Node& node, const TensorWords& input, const MacPlaces& places) {
    return Sums(node, input, places).run();
}

}  // namespace bittrue::mutation
