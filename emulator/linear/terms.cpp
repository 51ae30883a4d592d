#include "terms.hpp"

namespace bittrue::emulator::linear {

std::optional<Element> Neighbour::operator()(const Element& e) const {
    if (channel_first && e.c + 1 < channels) return Element{e.y, e.x, e.c + 1};
    if (step_y == 0 && step_x == 0) return std::nullopt;
    return Element{e.y + step_y, e.x + step_x, channel_first ? 0 : e.c};
}

std::vector<std::int64_t> LinearTerms::weights_of(std::int64_t channel) const {
    const auto first = weights.begin() + channel * mac.terms;
    return {first, first + mac.terms};
}

std::optional<std::int64_t> LinearTerms::bias_of(std::int64_t channel) const {
    if (!mac.bias) return std::nullopt;
    return mac.bias->words[static_cast<std::size_t>(channel)];
}

std::int64_t LinearTerms::plane(std::int64_t y, std::int64_t x, std::int64_t group, const Element& e) const {
    return plane_at(y * stride_y - pad_top + e.y, x * stride_x - pad_left + e.x, group, e.c);
}

std::int64_t LinearTerms::plane_at(std::int64_t row, std::int64_t column, std::int64_t group, std::int64_t c) const {
    if (row < 0 || column < 0 || row >= in_height || column >= in_width) return -1;
    return row * in.y + column * in.x + (group * group_inputs + c) * in.c;
}

namespace {

// `index(o, i)` is where the weight of term i of channel o stands in the tensor.
template <class Index>
void set_weights(LinearTerms& t, const Index& index) {
    t.weights.reserve(t.mac.weights.words.size());
    for (std::int64_t o = 0; o < t.mac.channels; ++o)
        for (std::int64_t i = 0; i < t.mac.terms; ++i)
            t.weights.push_back(t.mac.weights.words[static_cast<std::size_t>(index(o, i))]);
    t.mac.weight_index = index;
}

}  // namespace

LinearTerms terms_of(const LayerSetup& setup, const Dense& op, LayerParameters& parameters) {
    LinearTerms t;
    t.mac.weights = parameters.cast(setup, "weights", op.weights);
    if (op.bias) t.mac.bias = parameters.cast(setup, "bias", *op.bias);
    t.mac.terms = op.weights.dims[0];
    t.mac.channels = op.weights.dims[1];
    set_weights(t, [outputs = t.mac.channels](std::int64_t o, std::int64_t i) { return i * outputs + o; });
    t.mac.spec = op.accumulator;
    t.input = setup.format();
    t.range = setup.range();
    for (std::int64_t i = 0; i < t.mac.terms; ++i) t.taps.push_back({0, 0, i});
    t.next.channels = t.mac.terms;
    t.group_inputs = t.mac.terms;
    t.group_outputs = t.mac.channels;
    t.in = {.c = 1, .y = 0, .x = 0};
    return t;
}

LinearTerms terms_of(const LayerSetup& setup, const Conv2d& op, LayerParameters& parameters) {
    LinearTerms t;
    t.mac.weights = parameters.cast(setup, "weights", op.weights);
    if (op.bias) t.mac.bias = parameters.cast(setup, "bias", *op.bias);
    const Dims dims = op.weights.dims;
    const std::int64_t rows = dims[0], columns = dims[1], channels = dims[2];
    t.mac.terms = rows * columns * channels;
    t.mac.channels = dims[3];
    t.mac.spec = op.accumulator;
    std::vector<std::int64_t> index;  // of the weight of output channel 0
    const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
        t.taps.push_back({r * op.dilation[0], s * op.dilation[1], c});
        index.push_back(((r * columns + s) * channels + c) * dims[3]);
    };
    const bool channel_fastest = op.accumulator.terms == TermOrder::Input;
    if (channel_fastest) {
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t s = 0; s < columns; ++s)
                for (std::int64_t c = 0; c < channels; ++c) add(r, s, c);
    } else {
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t s = 0; s < columns; ++s) add(r, s, c);
    }
    set_weights(t, [index](std::int64_t o, std::int64_t i) { return index[static_cast<std::size_t>(i)] + o; });
    t.input = setup.format();
    t.range = setup.range();
    t.next = {.channels = channels,
              .step_y = columns == 1 && rows > 1 ? op.dilation[0] : 0,
              .step_x = columns > 1 ? op.dilation[1] : 0,
              .channel_first = channel_fastest || (rows == 1 && columns == 1)};
    t.groups = op.groups;
    t.group_inputs = channels;
    t.group_outputs = dims[3] / op.groups;
    t.in_height = setup.shape().height();
    t.in_width = setup.shape().width();
    t.out_height = setup.node.shape.height();
    t.out_width = setup.node.shape.width();
    t.in = strides_of(setup.shape());
    t.stride_y = op.stride[0];
    t.stride_x = op.stride[1];
    t.pad_top = op.padding.top;
    t.pad_left = op.padding.left;
    return t;
}

}  // namespace bittrue::emulator::linear
