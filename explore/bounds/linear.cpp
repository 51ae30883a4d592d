#include "linear.hpp"

#include <algorithm>
#include <stdexcept>

namespace bittrue::explore {
namespace {

const Tensor* find(const std::vector<ParameterWords>& all, const std::string& layer, const std::string& role) {
    for (const ParameterWords& p : all)
        if (p.layer == layer && p.role == role) return &p.tensor;
    return nullptr;
}

bool is_subset(const std::vector<char>& a, const std::vector<char>& of) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != 0 && of[i] == 0) return false;
    return true;
}

}  // namespace

bool is_linear(const Operation& op) {
    return std::holds_alternative<Dense>(op) || std::holds_alternative<Conv2d>(op);
}

LinearView::LinearView(const Graph& graph, int index, const std::vector<ParameterWords>& parameters) {
    const Node& node = graph.nodes[static_cast<std::size_t>(index)];
    weights_ = find(parameters, node.name, "weights");
    bias_ = find(parameters, node.name, "bias");
    if (weights_ == nullptr) throw std::logic_error("layer '" + node.name + "' has no weights");
    const std::string& source = node.inputs.front();
    input_ = type_of(graph, source).format;
    shape_ = shape_of(graph, source);
    if (const auto* conv = std::get_if<Conv2d>(&node.op)) {
        height_ = node.shape.height();
        width_ = node.shape.width();
        take(*conv);
    } else {
        take(std::get<Dense>(node.op));
    }
}

void LinearView::take(const Dense& op) {
    spec_ = &op.accumulator;
    flat_ = true;
    channels_ = op.weights.dims[1];
    for (std::int64_t t = 0; t < op.weights.dims[0]; ++t) taps_.push_back({.channel = t, .weight = t * channels_});
}

void LinearView::take(const Conv2d& op) {
    spec_ = &op.accumulator;
    const std::int64_t rows = op.weights.dims[0], columns = op.weights.dims[1];
    group_inputs_ = op.weights.dims[2];
    channels_ = op.weights.dims[3];
    groups_ = op.groups;
    stride_y_ = op.stride[0];
    stride_x_ = op.stride[1];
    top_ = op.padding.top;
    left_ = op.padding.left;
    const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t c) {
        taps_.push_back({.row = r * op.dilation[0],
                         .column = s * op.dilation[1],
                         .channel = c,
                         .weight = ((r * columns + s) * group_inputs_ + c) * channels_});
    };
    switch (op.accumulator.terms) {
        case TermOrder::Input:
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t s = 0; s < columns; ++s)
                    for (std::int64_t c = 0; c < group_inputs_; ++c) add(r, s, c);
            break;
        case TermOrder::Kernel:
            for (std::int64_t c = 0; c < group_inputs_; ++c)
                for (std::int64_t r = 0; r < rows; ++r)
                    for (std::int64_t s = 0; s < columns; ++s) add(r, s, c);
            break;
    }
}

std::int64_t LinearView::element(std::int64_t group, std::int64_t y, std::int64_t x, std::int64_t term) const {
    const Tap& tap = taps_[static_cast<std::size_t>(term)];
    if (flat_) return tap.channel;
    const std::int64_t row = y * stride_y_ - top_ + tap.row, column = x * stride_x_ - left_ + tap.column;
    if (row < 0 || column < 0 || row >= shape_.height() || column >= shape_.width()) return -1;
    return shape_.index(group * group_inputs_ + tap.channel, row, column);
}

std::vector<PositionClass> LinearView::classes(bool padding_is_least) const {
    // A tap is inside where its row and its column are: so rows and columns are classified by themselves.
    const auto distinct = [&](std::int64_t positions, std::int64_t stride, std::int64_t before, std::int64_t size,
                              std::int64_t Tap::*offset) {
        std::vector<PositionClass> found;
        for (std::int64_t p = 0; p < positions; ++p) {
            PositionClass c{.y = p, .x = p, .inside = {}};
            for (const Tap& tap : taps_) {
                const std::int64_t at = p * stride - before + tap.*offset;
                c.inside.push_back(flat_ || (at >= 0 && at < size) ? 1 : 0);
            }
            const auto same = [&](const PositionClass& other) { return other.inside == c.inside; };
            if (std::none_of(found.begin(), found.end(), same)) found.push_back(std::move(c));
        }
        return found;
    };
    std::vector<PositionClass> all;
    for (const PositionClass& row : distinct(height_, stride_y_, top_, shape_.height(), &Tap::row)) {
        for (const PositionClass& column : distinct(width_, stride_x_, left_, shape_.width(), &Tap::column)) {
            PositionClass c{.y = row.y, .x = column.x, .inside = row.inside};
            for (std::size_t t = 0; t < c.inside.size(); ++t) c.inside[t] = c.inside[t] & column.inside[t];
            all.push_back(std::move(c));
        }
    }
    if (!padding_is_least) return all;
    std::vector<PositionClass> kept;
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool covered = false;
        for (std::size_t j = 0; j < all.size() && !covered; ++j) {
            covered = i != j && is_subset(all[i].inside, all[j].inside) &&
                      (!is_subset(all[j].inside, all[i].inside) || j < i);
        }
        if (!covered) kept.push_back(all[i]);
    }
    return kept;
}

}  // namespace bittrue::explore
