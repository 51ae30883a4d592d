// From a network file's graph to what training works on, and back to a graph with the trained weights.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"
#include "bittrue/model/training.hpp"

namespace bittrue::explore {

/// A graph as a chain that chapter H trains: conv2d (valid, stride 1) or dense, max_pool (windows that do not overlap),
/// relu or a threshold at 0, flatten or reshape, at the end dense and clipped_relu up to 1.
struct TrainableNetwork {
    TrainingNetwork network{};
    std::vector<std::size_t> nodes{};  // of the layers, in graph.nodes
    bool channels_last = false;        // images are stored row, column, channel; training reads channel, row, column
};

/// `settings` overrule graph.training. InputError(place) names the first layer that cannot be trained, why, and what to
/// do. A layer's own accumulator is taken over where it may overflow and its types are those of the bits; elsewhere
/// sums have the bits they need.
[[nodiscard]] TrainableNetwork trainable_network(const Graph& graph, const TrainingSettings& settings,
                                                 const std::string& place);

/// The numbers that a weights file holds (float32, order of H13): for 1 bit w / S(G), whose sign is the word, else
/// w / S(G) / 2^s, of which a cast (RND_CONV, SAT_SYM) makes q of H2. One list per layer.
[[nodiscard]] std::vector<std::vector<double>> weight_values(const TrainingNetwork& network,
                                                             const TrainingState& state);

/// The graph with these weights, everything else as it is.
[[nodiscard]] Graph with_weights(const Graph& graph, const TrainableNetwork& trainable,
                                 const std::vector<std::vector<double>>& weights);

/// The same with all types as the bits ask (H2 to H5): a run of it is the forward pass of training, bit for bit.
[[nodiscard]] Graph trained_graph(const Graph& graph, const TrainableNetwork& trainable,
                                  const TrainingSettings& settings, const std::vector<std::vector<double>>& weights);

/// Images as training reads them.
[[nodiscard]] std::vector<std::uint8_t> channels_first(std::span<const std::uint8_t> pixels, MapShape shape);

}  // namespace bittrue::explore
