// Random layers for block kernels, printable completely.
#pragma once

#include <string>

#include "linear/block_case.hpp"

namespace bittrue::testing {

struct BlockLimits {
    int max_width = 8;  // of every format
    int max_size = 6;   // rows and columns of a map
    int max_channels = 4;
    bool count_events = true;
};

// A layer with any geometry (padding, stride, dilation, groups, one dimension, both layouts), any formats, any legal
// accumulator; words and weights drawn from uniform, extreme or small numbers.
[[nodiscard]] BlockCase random_block(Random& random, const BlockLimits& limits);

// A convolution or dense layer with random geometry and these types; `weights` draws the parameters.
struct BlockTypes {
    Format input{}, weight{}, bias{};
    AccumulatorSpec spec{};
    bool has_bias = false;
    Draw weights = Draw::Uniform;
};
[[nodiscard]] BlockCase random_geometry(Random& random, const BlockLimits& limits, const BlockTypes& types);

[[nodiscard]] std::string describe_block(const BlockCase& c);

}  // namespace bittrue::testing
