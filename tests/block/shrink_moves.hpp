// The moves of shrink(): each changes a case a little, maybe into one that is not valid. Every chain of moves ends.
#pragma once

#include <vector>

#include "block/shrink.hpp"

namespace bittrue::testing {

// Returns whether the change was kept.
using Attempt = std::function<bool(const std::function<void(Failing&)>&)>;

// Each makes all its attempts once, largest first; `now` is the case as the attempts have left it.
void fewer_images(const Failing& now, const Attempt& attempt);
void fewer_layers(const Failing& now, const Attempt& attempt);
void fewer_channels(const Failing& now, const Attempt& attempt);
void smaller_inputs(const Failing& now, const Attempt& attempt);
void plainer_operations(const Failing& now, const Attempt& attempt);
void plainer_types(const Failing& now, const Attempt& attempt);
void smaller_numbers(const Failing& now, const Attempt& attempt);

// Weights and accumulator of a dense or conv2d layer; null for others.
[[nodiscard]] Parameter* weights_of(Operation& op);
[[nodiscard]] std::optional<Parameter>* bias_of(Operation& op);
[[nodiscard]] AccumulatorSpec* accumulator_of(Operation& op);

}  // namespace bittrue::testing
