// L9: the elements as another layout would store them.
#include "layer.hpp"

namespace bittrue::emulator {
namespace {

std::vector<std::int64_t> order_of(const Shape& shape, std::optional<Layout> order) {
    std::vector<std::int64_t> from;
    const Layout layout = shape.layout == Layout::Vector ? Layout::Vector : order.value_or(Layout::Vector);
    switch (layout) {
        case Layout::Vector:
            for (std::int64_t i = 0; i < shape.count(); ++i) from.push_back(i);
            break;
        case Layout::Hwc:
            for (std::int64_t y = 0; y < shape.height(); ++y)
                for (std::int64_t x = 0; x < shape.width(); ++x)
                    for (std::int64_t c = 0; c < shape.channels(); ++c) from.push_back(shape.index(c, y, x));
            break;
        case Layout::Chw:
            for (std::int64_t c = 0; c < shape.channels(); ++c)
                for (std::int64_t y = 0; y < shape.height(); ++y)
                    for (std::int64_t x = 0; x < shape.width(); ++x) from.push_back(shape.index(c, y, x));
            break;
    }
    return from;
}

class FlattenLayer : public Layer {
public:
    FlattenLayer(const LayerSetup& setup, const Flatten& op)
        : cast_(setup.format(), setup.node.result), from_(order_of(setup.shape(), op.order)) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::size_t i = 0; i < from_.size(); ++i) store(out[i], cast_.word(inputs[0][from_[i]]), events.result);
    }

private:
    Caster cast_;
    std::vector<std::int64_t> from_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Flatten& op) {
    return std::make_unique<FlattenLayer>(setup, op);
}

}  // namespace bittrue::emulator
