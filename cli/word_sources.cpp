#include "word_sources.hpp"

#include <array>

namespace bittrue::cli {

namespace {

class SourceFinder {
public:
    SourceFinder(const Graph& graph, const Node& node, std::int64_t element)
        : graph_(graph),
          node_(node),
          in_(shape_of(graph, node.inputs.front())),
          element_(element),
          at_(position_of(node.shape, element)) {}

    // Everything that works element by element.
    template <class Op>
    std::vector<WordSource> operator()(const Op& /*op*/) const {
        std::vector<WordSource> all;
        for (std::size_t k = 0; k < node_.inputs.size(); ++k) all.push_back({k, element_});
        return all;
    }
    std::vector<WordSource> operator()(const MaxPool& op) const { return window(op.pool, op.stride, op.padding); }
    std::vector<WordSource> operator()(const AveragePool& op) const { return window(op.pool, op.stride, op.padding); }
    std::vector<WordSource> operator()(const Softmax& /*op*/) const {
        std::vector<WordSource> all;
        for (std::int64_t i = 0; i < in_.count(); ++i) all.push_back({0, i});
        return all;
    }
    std::vector<WordSource> operator()(const Flatten& op) const {
        if (!op.order || in_.layout == Layout::Vector) return {{0, element_}};
        const Position p = position_of(make_map(*op.order, in_.channels(), in_.height(), in_.width()), element_);
        return {{0, in_.index(p.channel, p.row, p.column)}};
    }
    std::vector<WordSource> operator()(const Concat& op) const {
        Position p = at_;
        std::int64_t& along = op.axis == Axis::Channel ? p.channel : op.axis == Axis::Row ? p.row : p.column;
        for (std::size_t k = 0;; ++k) {
            const Shape& shape = shape_of(graph_, node_.inputs[k]);
            const std::int64_t length = op.axis == Axis::Channel ? shape.channels()
                                        : op.axis == Axis::Row   ? shape.height()
                                                                 : shape.width();
            if (along < length) return {{k, shape.index(p.channel, p.row, p.column)}};
            along -= length;
        }
    }
    std::vector<WordSource> operator()(const Transpose& op) const {
        const Dims& to = node_.shape.dims;
        const std::array<std::int64_t, 3> index{element_ / (to[1] * to[2]), element_ / to[2] % to[1], element_ % to[2]};
        std::array<std::int64_t, 3> from{};
        for (std::size_t k = 0; k < 3; ++k) from[static_cast<std::size_t>(op.axes[k])] = index[k];
        return {{0, (from[0] * in_.dims[1] + from[1]) * in_.dims[2] + from[2]}};
    }
    std::vector<WordSource> operator()(const Pad& op) const {
        return inside(at_.row - op.padding.top, at_.column - op.padding.left);
    }

private:
    std::vector<WordSource> inside(std::int64_t row, std::int64_t column) const {
        if (row < 0 || column < 0 || row >= in_.height() || column >= in_.width()) return {};
        return {{0, in_.index(at_.channel, row, column)}};
    }
    std::vector<WordSource> window(std::array<int, 2> pool, std::array<int, 2> stride, const Padding& padding) const {
        std::vector<WordSource> all;
        for (int r = 0; r < pool[0]; ++r) {
            for (int c = 0; c < pool[1]; ++c) {
                const auto one =
                    inside(at_.row * stride[0] - padding.top + r, at_.column * stride[1] - padding.left + c);
                all.insert(all.end(), one.begin(), one.end());
            }
        }
        return all;
    }

    const Graph& graph_;
    const Node& node_;
    const Shape& in_;
    std::int64_t element_;
    Position at_;
};

}  // namespace

Position position_of(const Shape& shape, std::int64_t element) {
    const std::int64_t channels = shape.channels(), width = shape.width();
    switch (shape.layout) {
        case Layout::Vector: break;
        case Layout::Hwc: return {element % channels, element / channels / width, element / channels % width};
        case Layout::Chw:
            return {element / (shape.height() * width), element / width % shape.height(), element % width};
    }
    return {element, 0, 0};
}

std::vector<WordSource> sources_of(const Graph& graph, const Node& node, std::int64_t element) {
    return std::visit(SourceFinder(graph, node, element), node.op);
}

}  // namespace bittrue::cli
