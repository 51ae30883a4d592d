// L1: each Q(x).
#include "elementwise.hpp"

namespace bittrue::golden {

LayerPtr make_layer(const Quantize& /*op*/, const NodeContext& context) {
    return make_elementwise(context, [](const Dyadic& x) { return x; });
}

}  // namespace bittrue::golden
