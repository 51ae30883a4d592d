// Makes a failing network small: fewer layers, images, channels, terms and bits, plainer numbers and modes, as long as
// it still fails. What is left is printed completely, so that it can become a case of tests/regressions/.
#pragma once

#include <functional>
#include <string>

#include "bittrue/model/engine.hpp"

namespace bittrue::testing {

struct Failing {
    Graph graph{};
    InputBatch batch{};
    std::string why{};
};
// Why a validated network fails on a batch; empty: it does not.
using Fails = std::function<std::string(const Graph&, const InputBatch&)>;

// No single move makes the result smaller, unless `most_tries` were used up. `from` must fail.
[[nodiscard]] Failing shrink(Failing from, const Fails& fails, int most_tries = 4000);

// The reason, every field of the network, and the values of all images.
[[nodiscard]] std::string print(const Failing& failing);

}  // namespace bittrue::testing
