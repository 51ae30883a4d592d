#include "facts.hpp"

#include <algorithm>

namespace bittrue::emulator::linear {

ChannelFacts::ChannelFacts(const LinearTerms& terms, int output_channel)
    : channel(output_channel), inputs(terms.range) {
    const auto& cast = terms.mac.spec.product;
    const int frac = terms.product_frac();
    largest_input = std::max(inputs.high, -inputs.low);
    if (cast) products_exact = cast->format.frac() >= frac;
    for (const std::int64_t w : terms.weights_of(channel)) {
        low_weight = std::min(low_weight, w);
        high_weight = std::max(high_weight, w);
        largest_sum += largest_input * (w < 0 ? -i128{w} : i128{w});
        if (!cast) continue;
        for (const i128 x : {inputs.low, inputs.high}) {
            if (quantize_exact(i128{w} * x, frac, *cast).events.overflow()) products_fit = false;
        }
    }
    largest_weight = std::max(i128{high_weight}, -i128{low_weight});
    products_exact = products_exact && products_fit;
}

}  // namespace bittrue::emulator::linear
