// A graph written as a network file and the .npz of its numbers: what load_network reads back as the same graph.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/graph.hpp"
#include "bittrue/model/npz.hpp"

namespace bittrue {

// A comment above a layer of the network file; layer "" is the head of the file.
struct NetworkComment {
    std::string layer{};
    std::string text{};
};

// Writes `path` (TOML) and the numbers of all parameters into "<path without .toml>.npz" beside it, both whole or not
// at all. Every choice is spelled out; load_network(path) gives the same graph. Real parameters are stored as real
// numbers, raw ones as integers with `raw = true`.
void save_network(const Graph& graph, const std::string& path, const std::vector<NetworkComment>& comments = {});

// What the array of a layer's weights is called; all others are "<layer>/<role>".
enum class ArrayNames : std::uint8_t { LayerAndRole, Layer };

// The same as text and arrays; `weights` is the file of the arrays as the text names it.
struct NetworkText {
    std::string text{};
    std::vector<NamedArray> arrays{};
};
[[nodiscard]] NetworkText network_text(const Graph& graph, const std::string& weights, ArrayNames names,
                                       const std::vector<NetworkComment>& comments = {});

// A validated graph of a model's layers: where the model was trained for formats these, elsewhere `weight`, `result`,
// ... of the layer types below (layers that only move or select words keep the type of their input); sums are exact
// products added one by one; tables are made. InputError: the model has arrays only; a layer has a quantiser that is
// no fixed-point type (names the layer and what to do).
struct GraphTypes {
    FixedType input{}, weight{}, bias{}, accumulator{}, result{};
    double divide = 1;  // pixel to value, as in InputSpec
    bool float32 = true;
};
[[nodiscard]] Graph make_graph(const FloatModel& model, const GraphTypes& types);

}  // namespace bittrue
