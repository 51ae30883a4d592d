#include "search/slice.hpp"

#include <algorithm>

namespace bittrue::diagnose_detail {
namespace {

// Of an operation behind the linear layer: each channel of its result comes from the same channel of its one input.
bool is_channelwise(const Operation& op) {
    return std::holds_alternative<Quantize>(op) || std::holds_alternative<MaxPool>(op) ||
           std::holds_alternative<AveragePool>(op) || std::holds_alternative<Relu>(op) ||
           std::holds_alternative<ClippedRelu>(op) || std::holds_alternative<LeakyRelu>(op) ||
           std::holds_alternative<Lookup>(op) || std::holds_alternative<Affine>(op) ||
           std::holds_alternative<Pad>(op) || std::holds_alternative<Clip>(op) ||
           std::holds_alternative<Threshold>(op) || std::holds_alternative<Requantize>(op);
}

// The linear layer of which channels can be left out; empty: none.
std::optional<std::size_t> linear_of(const Chain& chain) {
    for (std::size_t n = chain.nodes.size(); n-- > 0;) {
        const Node& node = chain.nodes[n];
        if (std::holds_alternative<Dense>(node.op)) return n;
        if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
            if (conv->groups == 1) return n;
            return {};
        }
        if (!is_channelwise(node.op) || node.inputs.size() != 1 || n == 0) return {};
        if (node.inputs.front() != chain.nodes[n - 1].name) return {};
    }
    return {};
}

// `parameter` holds `channels` numbers, or rows of them, along its first or its last axis.
void take(Parameter& parameter, bool last_axis, const std::vector<std::int64_t>& channels) {
    std::int64_t& count = last_axis ? parameter.dims.back() : parameter.dims.front();
    const std::int64_t all = count;
    const std::int64_t rows = last_axis ? element_count(parameter.dims) / all : 1;
    const std::int64_t run = last_axis ? 1 : element_count(parameter.dims) / all;
    const auto pick = [&](auto& numbers) {
        std::remove_reference_t<decltype(numbers)> taken;
        taken.reserve(static_cast<std::size_t>(rows * run) * channels.size());
        for (std::int64_t row = 0; row < rows; ++row) {
            for (const std::int64_t channel : channels) {
                const auto from = numbers.begin() + (row * all + channel) * run;
                taken.insert(taken.end(), from, from + run);
            }
        }
        numbers = std::move(taken);
    };
    if (!parameter.real.empty()) pick(parameter.real);
    if (!parameter.raw.empty()) pick(parameter.raw);
    count = static_cast<std::int64_t>(channels.size());
}

void slice_shape(Shape& shape, std::size_t channels) {
    shape.dims[axis_position(shape.layout, Axis::Channel)] = static_cast<std::int64_t>(channels);
}

void slice_node(Node& node, const std::vector<std::int64_t>& channels) {
    const auto per_channel = [&](Parameter& p) {
        if (p.dims.front() > 1) take(p, false, channels);
    };
    if (auto* dense = std::get_if<Dense>(&node.op)) {
        take(dense->weights, true, channels);
        if (dense->bias) take(*dense->bias, true, channels);
    } else if (auto* conv = std::get_if<Conv2d>(&node.op)) {
        take(conv->weights, true, channels);
        if (conv->bias) take(*conv->bias, true, channels);
    } else if (auto* affine = std::get_if<Affine>(&node.op)) {
        per_channel(affine->scale);
        if (affine->bias) per_channel(*affine->bias);
    } else if (auto* threshold = std::get_if<Threshold>(&node.op)) {
        per_channel(threshold->thresholds);
    } else if (auto* requantize = std::get_if<Requantize>(&node.op)) {
        per_channel(requantize->multiplier);
        if (requantize->shift.size() > 1) {
            std::vector<int> shift;
            for (const std::int64_t c : channels) shift.push_back(requantize->shift[static_cast<std::size_t>(c)]);
            requantize->shift = std::move(shift);
        }
    }
    slice_shape(node.shape, channels.size());
}

}  // namespace

bool can_slice(const Chain& chain) {
    return linear_of(chain).has_value();
}

std::optional<std::vector<std::int64_t>> slice_channels(Chain& chain, const std::vector<std::int64_t>& channels) {
    const std::optional<std::size_t> linear = linear_of(chain);
    if (!linear) return {};
    const Shape whole = chain.nodes.back().shape;
    if (channels.empty() || channels.back() >= whole.channels()) return {};
    for (std::size_t n = *linear; n < chain.nodes.size(); ++n) slice_node(chain.nodes[n], channels);
    std::vector<std::int64_t> places;
    const Shape& sliced = chain.nodes.back().shape;
    places.resize(static_cast<std::size_t>(sliced.count()));
    for (std::int64_t c = 0; c < sliced.channels(); ++c) {
        const std::int64_t from = channels[static_cast<std::size_t>(c)];
        for (std::int64_t y = 0; y < sliced.height(); ++y) {
            for (std::int64_t x = 0; x < sliced.width(); ++x)
                places[static_cast<std::size_t>(sliced.index(c, y, x))] = whole.index(from, y, x);
        }
    }
    return places;
}

}  // namespace bittrue::diagnose_detail
