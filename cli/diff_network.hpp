// The network behind a comparison: what diff --diagnose computes with, and what it expects where EXPECTED is a network.
#pragma once

#include <string>

#include "bittrue/model/graph.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "inputs.hpp"

namespace bittrue::cli {

// EXPECTED is a network file, not words.
[[nodiscard]] bool is_network_file(const std::string& path);

// The words of all layers of a network, computed now.
struct ComputedVectors {
    Graph graph{};
    VectorSet set{};
};
[[nodiscard]] ComputedVectors compute_vectors(const std::string& network, const InputOptions& input);

// The network that `expected` was written from: `given` (--network), or what the set's manifest names. Of a set of one
// layer alone it is that layer as a network of its own. InputError where there is none, and where it is another network
// than the set's by the manifest's sha256. Of a set of training steps that is left to training_setup().
struct DiffNetwork {
    Graph graph{};
    std::string file{};
};
[[nodiscard]] DiffNetwork network_of(const VectorSet& expected, const std::string& given);

}  // namespace bittrue::cli
