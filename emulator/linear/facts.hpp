// What the weights of one channel say about its products.
#pragma once

#include "bittrue/emulator/bounds.hpp"
#include "terms.hpp"

namespace bittrue::emulator::linear {

struct ChannelFacts {
    ChannelFacts(const LinearTerms& terms, int output_channel);

    int channel = 0;
    InputRange inputs{};                           // all words of the layer's input
    std::int64_t low_weight = 0, high_weight = 0;  // raws, 0 included
    i128 largest_input = 0, largest_weight = 0;    // absolute
    i128 largest_sum = 0;                          // of absolute products
    bool products_exact = true;                    // no product cast, or one that changes no product
    bool products_fit = true;                      // no product cast, or one that no product overflows
};

}  // namespace bittrue::emulator::linear
