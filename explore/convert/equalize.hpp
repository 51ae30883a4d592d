// Scales channels between two linear layers: what one multiplies the other divides by, and the function stays the same.
#pragma once

#include <string>

#include "bittrue/explore/float_engine.hpp"
#include "structure.hpp"

namespace bittrue::explore {

enum class Scaling : std::uint8_t {
    None,
    Tensor,      // one factor for all channels: the largest result just fits below a power of two
    Activation,  // each channel's largest result does
    Weight,      // each channel's largest weight is as large as the layer's
    Step,        // the step with the least error is the same for each channel's weights, and a power of two
};
[[nodiscard]] std::string print_scaling(Scaling scaling);

// Exact but for the rounding of doubles: between the two stand only layers that commute with positive factors (relu,
// leaky relu, pools, flatten). `run` has the model's results on the calibration images; `bits` those of the results,
// `weight_bits` those of each layer's weights. Returns how many pairs of layers were scaled.
int equalize(FloatModel& model, const Structure& structure, const FloatRun& run, Scaling scaling, int bits,
             const std::vector<int>& weight_bits);

}  // namespace bittrue::explore
