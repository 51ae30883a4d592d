// A design of examples/rtl in its own generated testbench: vectors written, simulated, and the dump compared.
#pragma once

#include <optional>
#include <string>

#include "bittrue/verify/diff.hpp"
#include "designs.hpp"
#include "simulation.hpp"

namespace bittrue::test {

struct Replay {
    Outcome outcome{};                   // of the simulation
    std::optional<VectorSet> dump{};     // what it dumped
    std::optional<DiffReport> report{};  // of that against the golden words
    // What the testbench says that it checked; -1 where it does not say so once.
    std::int64_t checked = -1;
};

// `rtl` as in simulate(). The testbench is SystemVerilog for Icarus, C++ for Verilator, VHDL for GHDL.
[[nodiscard]] Replay replay(Simulator simulator, const VectorSet& golden, const Design& design,
                            const std::string& rtl = kRtl);

// Words of all layers but the input: what a testbench has to check.
[[nodiscard]] std::int64_t words_to_check(const VectorSet& golden);

}  // namespace bittrue::test
