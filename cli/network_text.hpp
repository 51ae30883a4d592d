// A network file as text: what a search changes in it, everything else left as people wrote it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bittrue/model/graph.hpp"

namespace bittrue::cli {

// The text of a network file with other accumulators: each line of an accumulator in a [[layer]] is replaced or added,
// all other lines stay.
[[nodiscard]] std::string with_accumulators(const std::string& text, const Graph& graph,
                                            std::span<const AccumulatorSpec> specs);

// The text of the network file `from` as it has to stand in `to`: relative paths, those of `weights` and of the
// parameters of layers, lead to the same files from there.
[[nodiscard]] std::string with_weights_found(const std::string& text, const std::string& from, const std::string& to);

// The files that the network file `from` names.
[[nodiscard]] std::vector<std::string> weights_files(const std::string& text, const std::string& from);

}  // namespace bittrue::cli
