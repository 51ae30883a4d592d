// L6: Q(x) if x > 0, else Q(0).
#include "elementwise.hpp"

namespace bittrue::golden {

LayerPtr make_layer(const Relu& /*op*/, const NodeContext& context) {
    return make_elementwise(context, [](const Dyadic& x) { return x.raw > 0 ? x : Dyadic{}; });
}

}  // namespace bittrue::golden
