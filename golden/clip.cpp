// L22: Q(min(max(x, min), max)).
#include "elementwise.hpp"

namespace bittrue::golden {

LayerPtr make_layer(const Clip& op, const NodeContext& context) {
    const Dyadic min = dyadic_from_double(op.min), max = dyadic_from_double(op.max);
    return make_elementwise(context, [min, max](const Dyadic& x) {
        const Dyadic raised = less(x, min) ? min : x;
        return less(max, raised) ? max : raised;
    });
}

}  // namespace bittrue::golden
