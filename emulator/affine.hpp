// L17 in exact integers: raw * factor + offset of the channel at one frac.
#pragma once

#include <vector>

#include "layer.hpp"

namespace bittrue::emulator {

struct AffineNumbers {
    std::vector<i128> factors{}, offsets{};  // one, or one per channel
    int frac = 0;                            // of every result
    int bits = 0;                            // two's complement bits that hold every result
};

// `scale` and `bias` (null: none) as words.
[[nodiscard]] AffineNumbers affine_numbers(Format in, const Tensor& scale, const Tensor* bias);

}  // namespace bittrue::emulator
