// Which way, and about how much, each input element moves a sum deep inside the network. A guide for the search only:
// what an image does is always asked from the engine.
#pragma once

#include "network_probe.hpp"

namespace bittrue::corner {

// d(exact sum of products of `output` of accumulating layer `node`) / d(raw of each element of the network's input), at
// the words the probe holds; casts count as if they were exact. Zero through tables.
[[nodiscard]] std::vector<double> gradient_of(NetworkProbe& probe, std::size_t node, std::int64_t output);

}  // namespace bittrue::corner
