// L11: Q(exact sum of all inputs).
#include "layer.hpp"

namespace bittrue::golden {
namespace {

class AddLayer : public Layer {
public:
    using Layer::Layer;

    void run(const std::vector<const Map*>& inputs, ResultWriter& out) const override {
        for (std::size_t i = 0; i < inputs[0]->raws.size(); ++i) {
            Dyadic sum = inputs[0]->value(i);
            for (std::size_t k = 1; k < inputs.size(); ++k) sum = plus(sum, inputs[k]->value(i));
            out.put(i, sum);
        }
    }
};

}  // namespace

LayerPtr make_layer(const Add& /*op*/, const NodeContext& context) {
    return std::make_unique<AddLayer>(context);
}

}  // namespace bittrue::golden
