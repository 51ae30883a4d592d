// L7: Q(min(max(x, 0), max)).
#include "elementwise.hpp"

namespace bittrue::golden {

LayerPtr make_layer(const ClippedRelu& op, const NodeContext& context) {
    return make_elementwise(context, [max = dyadic_from_double(op.max)](const Dyadic& x) {
        const Dyadic positive = x.raw > 0 ? x : Dyadic{};
        return less(max, positive) ? max : positive;
    });
}

}  // namespace bittrue::golden
