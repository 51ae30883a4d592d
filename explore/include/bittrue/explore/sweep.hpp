// What a sweep over accumulators varies, as data: axes in, a grid of configurations out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

// A layer accumulates when it is dense or conv2d. Their accumulators are what a sweep changes; pools and softmax keep
// theirs. "Number k" below counts these layers in the order of graph.nodes.
[[nodiscard]] std::vector<std::size_t> accumulating_nodes(const Graph& graph);  // indices into graph.nodes
[[nodiscard]] const AccumulatorSpec& spec_of(const Node& node);                 // of dense or conv2d
[[nodiscard]] std::vector<AccumulatorSpec> specs_of(const Graph& graph);        // by number
[[nodiscard]] Graph with_specs(const Graph& graph, std::span<const AccumulatorSpec> specs);

// Accumulators so wide that nothing is lost: every bit of every product and bias is kept and no sum of any inputs
// leaves the range. A product type that is the accumulator's own goes with it, another one stays. The reference of
// every figure of a sweep. InputError where a layer's sums need more than 64 bits.
[[nodiscard]] std::vector<AccumulatorSpec> wide_specs(const Graph& graph);

// What a new width does to the format: the lsb stays and the integer bits change, or the other way round.
enum class Keep : std::uint8_t { Frac, Integer };

enum class ProductChoice : std::uint8_t { Exact, Accumulator };  // Accumulator: cast to the accumulator's type first

struct OrderChoice {
    Schedule schedule = Schedule::Sequential;
    int group = 1;
    QuantizeAt quantize = QuantizeAt::Step;
    friend bool operator==(const OrderChoice&, const OrderChoice&) = default;
};

// "sequential", "interleave:4", "fold:8", "cascade:4", "partial:4", "tree", each optionally with ":step", ":fold" or
// ":end"; without it fold and cascade quantise at folds, the others at steps. InputError.
[[nodiscard]] OrderChoice parse_order(const std::string& text);
[[nodiscard]] std::string print_order(const OrderChoice& order);

// An empty axis leaves every layer what the network file says.
struct SweepAxes {
    std::vector<int> widths{};  // 1..64, not empty
    std::vector<Overflow> overflows{};
    std::vector<Rounding> roundings{};
    std::vector<OrderChoice> orders{};
    std::vector<ProductChoice> products{};
    std::vector<std::string> layers{};  // each of these alone, the others as in the file; empty: all layers together
    Keep keep = Keep::Frac;
};

struct Configuration {
    std::string id{};  // "w12/SAT/RND/interleave:4/accumulator@conv2d": the parts of axes that vary, unique in a grid
    std::string layer{};  // the one that is swept; empty: all
    int width = 0;
    std::optional<Overflow> overflow{};  // empty: each layer's own
    std::optional<Rounding> rounding{};
    std::optional<OrderChoice> order{};
    std::optional<ProductChoice> product{};
    std::vector<AccumulatorSpec> specs{};  // of all accumulating layers, by number
};

// Layers outermost, then product, order, rounding, overflow, and the width innermost. InputError: an empty or repeated
// entry, a width out of range, an unknown layer or one that does not accumulate, a type its dialect does not have.
[[nodiscard]] std::vector<Configuration> make_grid(const Graph& graph, const SweepAxes& axes);

// One layer's spec after a change of width, by the same rules.
[[nodiscard]] AccumulatorSpec with_width(const AccumulatorSpec& spec, int width, Keep keep);

}  // namespace bittrue::explore
