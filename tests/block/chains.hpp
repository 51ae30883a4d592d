// Networks of the kind that runs fused: convolutions with casts, relus and pooling behind them, wide and narrow
// formats.
#pragma once

#include "bittrue/model/engine.hpp"
#include "exhaustive/random.hpp"

namespace bittrue::testing {

// Convolution, some of {quantize, relu, clipped_relu, leaky_relu, lookup, flatten, reshape} and max_pool in any order,
// maybe a residual add, then a dense layer and maybe a softmax. Widths up to `max_width` bits.
[[nodiscard]] Graph random_chain(Random& random, int max_width);

}  // namespace bittrue::testing
