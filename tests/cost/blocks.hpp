// Blocks of calibration.sv, synthesised by Yosys and priced by the model. A block is a line: "cast IN=24 DROP=8 WIDTH=8
// ROUND=6 OVERFLOW=1".
#pragma once

#include <string>
#include <vector>

#include "bittrue/explore/cost.hpp"

namespace bittrue::testing {

struct Block {
    std::string line{};
    explore::Area yosys{};
};

// False, with the line for `./check`, where there is no Yosys.
[[nodiscard]] bool yosys_is_there();

// The rows of a command that prints "LUT FF CARRY4 DSP48E1 block", in its order.
[[nodiscard]] std::vector<Block> synthesised(const std::string& command, const std::vector<std::string>& blocks = {});

// The same block by the formulas.
[[nodiscard]] explore::Area model_of(const std::string& block);

// All cells exactly, but for LUTs: those of accumulators with SAT_SYM or RND_MIN_INF within one, those of requantisers
// within three.
void check_model(const Block& block);

}  // namespace bittrue::testing
