// Ordered steps of a channel: which terms come one behind the other, and which of them share an instruction.
#pragma once

#include "cells.hpp"
#include "facts.hpp"

namespace bittrue::emulator::linear {

// The terms in the order of a schedule that quantises at each (sequential, interleave, fold).
[[nodiscard]] std::vector<std::int64_t> term_order(const LinearTerms& terms);

// Whether one register takes the terms one after the other and is quantised at each.
[[nodiscard]] bool is_sequence(const AccumulatorSpec& spec);

// A cell with the weight of each of its elements.
struct OrderedStep {
    CellElements elements{};
    std::array<std::int64_t, kMaxCellElements> weights{};
    bool negative = false;
};

// The steps of a channel without its zero weights. Weights of one sign share a step of up to `count` elements where
// their elements are neighbours and their absolute sum is at most `most`.
[[nodiscard]] std::vector<OrderedStep> ordered_steps(const LinearTerms& terms, int channel, std::size_t count,
                                                     i128 most);

}  // namespace bittrue::emulator::linear
