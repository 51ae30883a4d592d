// L19 to L21 as data: where each element of the result comes from.
#pragma once

#include <vector>

#include "layer.hpp"

namespace bittrue::emulator {

struct Moved {
    std::size_t input = 0;
    std::int64_t element = 0;  // in storage order; -1: zero
};

// In the storage order of the result.
[[nodiscard]] std::vector<Moved> moves_of(const LayerSetup& setup, const Concat& op);
[[nodiscard]] std::vector<Moved> moves_of(const LayerSetup& setup, const Transpose& op);
[[nodiscard]] std::vector<Moved> moves_of(const LayerSetup& setup, const Pad& op);

}  // namespace bittrue::emulator
