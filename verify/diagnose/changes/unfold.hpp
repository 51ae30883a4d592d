// A convolution or a pool whose windows are read from other places than the network says: the words are gathered window
// by window, and the layer becomes one without overlapping windows that computes on them in the same order.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "search/variant.hpp"

namespace bittrue::diagnose_detail {

// Row and column of the input for element (r, s) of the window of output (y, x); outside of the map: padding.
using Address =
    std::function<std::array<std::int64_t, 2>(std::int64_t y, std::int64_t x, std::int64_t r, std::int64_t s)>;

struct Windows {
    Address address{};
    // The word of padding; empty: zero for a convolution, as the pool's rule has it for a pool.
    std::optional<std::int64_t> padding{};
    std::array<std::int64_t, 2> size{0, 0};  // of a pool's window in place of its own; 0: its own
};

// Words of a tensor of the chain for the sample's images: given ones, or computed.
[[nodiscard]] TensorWords words_in(const Variant& variant, const std::string& tensor, const Datapath& datapath);

// Puts words in place of what a node reads as its only input, under a name of their own.
void give(Variant& variant, int index, TensorWords words);

// Nodes that nobody reads any more and that are not the last one leave the chain.
void drop_unread(Variant& variant);

// The node at `index` is a conv2d, max_pool or average_pool. false: it cannot be said so.
[[nodiscard]] bool unfold(Variant& variant, int index, const Datapath& datapath, const Windows& windows);

}  // namespace bittrue::diagnose_detail
