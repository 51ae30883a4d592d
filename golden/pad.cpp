// L21: a frame of zeros, each Q(x) or Q(0).
#include "elements.hpp"

namespace bittrue::golden {
namespace {

class PadLayer : public Layer {
public:
    PadLayer(const Pad& op, const NodeContext& context) : Layer(context), padding_(op.padding) {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        for_elements(out.shape(), [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            const std::int64_t row = y - padding_.top, column = x - padding_.left;
            const bool inside = row >= 0 && row < in.shape.height() && column >= 0 && column < in.shape.width();
            out.put(out.index(c, y, x),
                    inside ? Dyadic{.raw = in.at(c, row, column), .frac = in.format.frac()} : Dyadic{});
        });
    }

private:
    Padding padding_;
};

}  // namespace

LayerPtr make_layer(const Pad& op, const NodeContext& context) {
    return std::make_unique<PadLayer>(op, context);
}

}  // namespace bittrue::golden
