// L19: the inputs side by side along an axis, each Q(x).
#include "elements.hpp"

namespace bittrue::golden {
namespace {

class ConcatLayer : public Layer {
public:
    ConcatLayer(const Concat& op, const NodeContext& context) : Layer(context), axis_(op.axis) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        std::int64_t before = 0;  // length of the inputs in front, along the axis
        for (const Map* in : inputs) {
            for_elements(in->shape, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
                const auto source = static_cast<std::size_t>(in->shape.index(c, y, x));
                out.put(place(out, before, c, y, x), in->value(source));
            });
            before += length(in->shape);
        }
    }

private:
    [[nodiscard]] std::size_t place(const ResultWriter& out, std::int64_t before, std::int64_t c, std::int64_t y,
                                    std::int64_t x) const {
        switch (axis_) {
            case Axis::Channel: return out.index(before + c, y, x);
            case Axis::Row: return out.index(c, before + y, x);
            case Axis::Column: return out.index(c, y, before + x);
        }
        return 0;
    }

    [[nodiscard]] std::int64_t length(const Shape& shape) const {
        switch (axis_) {
            case Axis::Channel: return shape.channels();
            case Axis::Row: return shape.height();
            case Axis::Column: return shape.width();
        }
        return 0;
    }

    Axis axis_;
};

}  // namespace

LayerPtr make_layer(const Concat& op, const NodeContext& context) {
    return std::make_unique<ConcatLayer>(op, context);
}

}  // namespace bittrue::golden
