// The figures of one layer as SVG; each is empty where there is nothing to draw.
#pragma once

#include <string>

#include "page/layer_facts.hpp"

namespace bittrue::cli {

// Where the wrong words stand: a map per channel, wrong words summed over all images; of a vector a strip.
[[nodiscard]] std::string mismatch_maps(const PageWords& words, const Mismatch* first);
// How many words are wrong by how much.
[[nodiscard]] std::string distance_chart(const LayerFacts& layer);
// The values of both sides against what the format can hold.
[[nodiscard]] std::string value_chart(const PageWords& words);
// Wrong words of each image.
[[nodiscard]] std::string image_chart(const PageWords& words);

}  // namespace bittrue::cli
