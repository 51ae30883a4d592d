// L18: Q(exact product of all inputs).
#include "layer.hpp"

namespace bittrue::golden {
namespace {

class MultiplyLayer : public Layer {
public:
    using Layer::Layer;

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        for (std::size_t i = 0; i < inputs[0]->raws.size(); ++i) {
            Dyadic product = inputs[0]->value(i);
            for (std::size_t k = 1; k < inputs.size(); ++k) product = times(product, inputs[k]->value(i));
            out.put(i, product);
        }
    }
};

}  // namespace

LayerPtr make_layer(const Multiply& /*op*/, const NodeContext& context) {
    return std::make_unique<MultiplyLayer>(context);
}

}  // namespace bittrue::golden
