// L8: Q(alpha * x) if x < 0, else Q(x).
#include "layer.hpp"

namespace bittrue::golden {
namespace {

class LeakyReluLayer : public Layer {
public:
    LeakyReluLayer(const LeakyRelu& op, const NodeContext& context) : Layer(context), alpha_(op.alpha, "alpha") {}

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        const Map& in = *inputs[0];
        for (std::size_t i = 0; i < in.raws.size(); ++i) {
            const Dyadic x = in.value(i);
            out.put(i, x.raw < 0 ? times(alpha_.value(0), x) : x);
        }
    }

    [[nodiscard]] std::vector<const Constants*> constants() const override { return {&alpha_}; }

private:
    Constants alpha_;
};

}  // namespace

LayerPtr make_layer(const LeakyRelu& op, const NodeContext& context) {
    return std::make_unique<LeakyReluLayer>(op, context);
}

}  // namespace bittrue::golden
