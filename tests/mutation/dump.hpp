// Dumps of faulty designs: every layer is computed from the words of the layer before it, the faulty ones otherwise.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/verify/datapath.hpp"

namespace bittrue::mutation {

// A network with an accumulator, images, and the right words of every tensor (the network's input first).
struct Stand {
    std::string name{};
    std::string accumulator{};  // in words, for the table
    Graph graph{};
    std::map<std::string, TensorWords> right{};
    VectorSet expected{};
};
[[nodiscard]] Stand make_stand(const std::string& name, const std::string& accumulator, Graph graph,
                               std::size_t images);

// What a layer does with the words of its input (every layer here has one input). `node` is the right one.
using Stage = std::function<TensorWords(const Node& node, const TensorWords& input)>;

// The golden engine on one node, words in, words out.
[[nodiscard]] TensorWords golden_layer(const Node& node, const TensorWords& input);
// Weights, biases and tables as the golden engine holds them.
[[nodiscard]] std::vector<std::int64_t> golden_parameter(const Node& node, const TensorWords& input,
                                                         const std::string& role);

// Layers by name that compute otherwise.
using FaultyLayers = std::map<std::string, Stage>;

// Words of all tensors of the faulty network. A layer in `absent` has no words of its own in the design: what stands
// in its place keeps its type.
[[nodiscard]] std::map<std::string, TensorWords> run_faulty(const Stand& stand, const FaultyLayers& faulty,
                                                            const std::set<std::string>& absent);

// A dump of these tensors; the layers in `absent` were not dumped.
[[nodiscard]] VectorSet dump_of(const Stand& stand, const std::map<std::string, TensorWords>& tensors,
                                const std::set<std::string>& absent);

}  // namespace bittrue::mutation
