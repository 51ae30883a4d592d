// The parts of the page.
#pragma once

#include <string>
#include <vector>

#include "page/layer_facts.hpp"

namespace bittrue::cli {

// Links to the layers in order, each with its verdict.
[[nodiscard]] std::string pipeline(const std::vector<LayerFacts>& layers);
// A row per layer; its button opens the row with the detail. `open`: the one that is open at first, or nullptr.
[[nodiscard]] std::string layer_table(const std::vector<LayerFacts>& layers, const LayerFacts* open,
                                      const DiffPageFacts& facts);
[[nodiscard]] std::string layer_detail(const LayerFacts& layer, const DiffPageFacts& facts);
// The causes that were found, the best first, and the inputs that tell them apart.
[[nodiscard]] std::string hypotheses(const LayerFacts& layer);
[[nodiscard]] std::string trace_table(const PageTrace& trace);

// The symbols that icons refer to, and one of them.
[[nodiscard]] std::string icon_symbols();
[[nodiscard]] std::string icon(LayerState state);

[[nodiscard]] std::string page_style();
[[nodiscard]] std::string page_script();

}  // namespace bittrue::cli
