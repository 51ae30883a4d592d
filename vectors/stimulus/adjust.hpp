// Solves sums exactly: changes a few terms so that the whole grows by a wanted number.
#pragma once

#include <vector>

#include "random.hpp"
#include "strided.hpp"

namespace bittrue::corner {

// One thing that can be turned: 0 <= position <= last; each step adds `weight` to the sum.
struct Knob {
    i128 weight = 0;
    i128 position = 0;
    i128 last = 0;
};

// Turns knobs until their sum has grown by `difference`; false, with the knobs anywhere, where it found no way. Large
// steps first; what is left is smaller than the smallest weight and is made of single steps, found by a breadth-first
// search over the remainders modulo that weight.
[[nodiscard]] bool adjust(std::vector<Knob>& knobs, i128 difference, SplitMix64& random);

}  // namespace bittrue::corner
