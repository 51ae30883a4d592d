// Layers that become a source of exact numbers and operations on each: sums, products and thresholds of channels, and
// elements elsewhere (L17 to L21, L23, L24).
#pragma once

#include "preparation.hpp"
#include "rows_step.hpp"

namespace bittrue::emulator {

struct LayerRows {
    RowSourcePointer source{};
    std::vector<RowOpPointer> ops{};
};

// Nothing for every other operation, and where an exact number may need more than 62 bits. `node` of a requantisation
// whose rule or rounding is no cast of an exact number gives nothing, either.
[[nodiscard]] std::optional<LayerRows> layer_rows(const Preparation& preparation, std::size_t node);

// factor * x + offset, of all channels or of each; every number lies in `range`.
struct ChannelNumbers {
    std::vector<i128> factors{}, offsets{};
    RawRange range{};
    int frac = 0;
};
[[nodiscard]] RowSourcePointer make_channel_source(const LayerSetup& setup, ChannelNumbers numbers, std::size_t input);
// How many of the ascending raws `firsts` (of all channels or of each) the number has reached.
[[nodiscard]] RowSourcePointer make_reached_source(const LayerSetup& setup, std::vector<std::vector<i128>> firsts,
                                                   std::size_t input);

}  // namespace bittrue::emulator
