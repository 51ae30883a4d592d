// The numbers of a certificate, from the network's own parameters (private to the checker).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "layer.hpp"

namespace bittrue::golden {

struct Interval {
    Integer low{}, high{};
};

// Of the network's input (first) and of every node's result: what its raws can be when those of `declared` lie within
// `range` (docs/bounds.md, ranges).
[[nodiscard]] std::vector<Interval> word_ranges(const Graph& graph, const std::string& declared, const Interval& range);

// As `explore` names them; raws at the accumulator's lsb, `product` at the product's.
struct ChannelNumbers {
    Interval product{};
    Integer l1{};
    Interval any_order{};
    Interval exact{};
    int width = 0;
    bool safe = false;
};

struct LayerNumbers {
    std::size_t terms = 0;
    Format weight{}, input{};
    std::optional<Format> bias{};
    std::string weights_sha256{}, bias_sha256{};
    AccumulatorSpec spec{};
    Interval data_type{};
    std::vector<ChannelNumbers> channels{};
};

// Of a dense or convolution node; empty for any other.
[[nodiscard]] std::optional<LayerNumbers> layer_numbers(const Graph& graph, const Node& node, const Interval& range);

}  // namespace bittrue::golden
