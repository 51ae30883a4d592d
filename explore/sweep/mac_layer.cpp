// Geometry: which input elements meet which weights (rules A2, L2, L3).
#include "sweep/mac_layer.hpp"

#include <algorithm>

namespace bittrue::explore {

MacLayer::MacLayer(const Graph& graph, const Node& node, const Tensor& words, const Tensor* bias_words)
    : input(type_of(graph, node.inputs.front()).format),
      weight(words.format),
      result(node.result),
      in_(shape_of(graph, node.inputs.front())),
      out_(node.shape) {
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
        set_conv(*conv, words);
    } else {
        set_dense(in_, words);
    }
    if (bias_words == nullptr) return;
    bias = bias_words->format;
    biases = bias_words->words;
}

void MacLayer::set_dense(const Shape& in, const Tensor& words) {
    dense_ = true;
    terms_ = in.count();
    channels_ = words.dims[1];
    for (std::int64_t o = 0; o < channels_; ++o) {
        for (std::int64_t t = 0; t < terms_; ++t) {
            weights.push_back(static_cast<std::int32_t>(words.words[static_cast<std::size_t>(t * channels_ + o)]));
        }
    }
}

void MacLayer::set_conv(const Conv2d& op, const Tensor& words) {
    const std::int64_t kernel_rows = words.dims[0], kernel_columns = words.dims[1], inputs = words.dims[2];
    channels_ = words.dims[3];
    terms_ = kernel_rows * kernel_columns * inputs;
    groups = op.groups;
    group_inputs_ = inputs;
    stride_ = op.stride;
    padding_ = op.padding;
    rows_ = out_.height();
    columns_ = out_.width();
    order = op.accumulator.terms;
    std::vector<std::int64_t> from;  // in the words of one channel
    const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
        places_.push_back({r * op.dilation[0], s * op.dilation[1], c});
        from.push_back(((r * kernel_columns + s) * inputs + c) * channels_);
    };
    switch (order) {
        case TermOrder::Input:
            for (std::int64_t r = 0; r < kernel_rows; ++r)
                for (std::int64_t s = 0; s < kernel_columns; ++s)
                    for (std::int64_t c = 0; c < inputs; ++c) add(r, s, c);
            break;
        case TermOrder::Kernel:
            for (std::int64_t c = 0; c < inputs; ++c)
                for (std::int64_t r = 0; r < kernel_rows; ++r)
                    for (std::int64_t s = 0; s < kernel_columns; ++s) add(r, s, c);
            break;
    }
    for (std::int64_t o = 0; o < channels_; ++o) {
        for (const std::int64_t at : from)
            weights.push_back(static_cast<std::int32_t>(words.words[static_cast<std::size_t>(at + o)]));
    }
}

void MacLayer::window(std::int64_t position, std::int64_t group, std::vector<std::int64_t>& elements) const {
    elements.resize(static_cast<std::size_t>(terms_));
    if (dense_) {
        for (std::int64_t t = 0; t < terms_; ++t) elements[static_cast<std::size_t>(t)] = t;
        return;
    }
    const std::int64_t top = position / columns_ * stride_[0] - padding_.top;
    const std::int64_t left = position % columns_ * stride_[1] - padding_.left;
    for (std::size_t t = 0; t < places_.size(); ++t) {
        const std::int64_t y = top + places_[t].y, x = left + places_[t].x;
        const bool inside = y >= 0 && x >= 0 && y < in_.height() && x < in_.width();
        elements[t] = inside ? in_.index(group * group_inputs_ + places_[t].c, y, x) : -1;
    }
}

std::int64_t MacLayer::output_element(std::int64_t position, std::int64_t channel) const {
    return dense_ ? channel : out_.index(channel, position / columns_, position % columns_);
}

}  // namespace bittrue::explore
