// L9: the elements in storage order, or enumerated as another layout would store them.
#include "layer.hpp"

namespace bittrue::golden {
namespace {

// For each element of the result, the index of the input element it holds.
std::vector<std::size_t> enumeration(const Shape& in, Layout order) {
    std::vector<std::size_t> sources;
    const auto visit = [&](std::int64_t c, std::int64_t y, std::int64_t x) {
        sources.push_back(static_cast<std::size_t>(in.index(c, y, x)));
    };
    switch (order) {
        case Layout::Vector: break;  // never asked for
        case Layout::Hwc:
            for (std::int64_t y = 0; y < in.height(); ++y) {
                for (std::int64_t x = 0; x < in.width(); ++x) {
                    for (std::int64_t c = 0; c < in.channels(); ++c) visit(c, y, x);
                }
            }
            break;
        case Layout::Chw:
            for (std::int64_t c = 0; c < in.channels(); ++c) {
                for (std::int64_t y = 0; y < in.height(); ++y) {
                    for (std::int64_t x = 0; x < in.width(); ++x) visit(c, y, x);
                }
            }
            break;
    }
    return sources;
}

class FlattenLayer : public Layer {
public:
    FlattenLayer(const Flatten& op, const NodeContext& context) : Layer(context) {
        const Shape& in = context.input_shapes[0];
        const Layout order = op.order.value_or(in.layout);
        if (order != Layout::Vector && in.layout != Layout::Vector) {
            sources_ = enumeration(in, order);
            return;
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(in.count()); ++i) sources_.push_back(i);
    }

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        for (std::size_t i = 0; i < sources_.size(); ++i) out.put(i, inputs[0]->value(sources_[i]));
    }

private:
    std::vector<std::size_t> sources_{};
};

}  // namespace

LayerPtr make_layer(const Flatten& op, const NodeContext& context) {
    return std::make_unique<FlattenLayer>(op, context);
}

}  // namespace bittrue::golden
