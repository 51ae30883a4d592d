// The only place where the two engines meet: chosen by --engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/engine.hpp"

namespace bittrue::cli {

enum class EngineChoice { Emulator, Golden, Both };

void add_engine_option(CLI::App& command, std::string& value);  // --engine emulator|golden|both
// The same, or "float": no bit-true engine, which parse_engine does not know.
void add_run_engine_option(CLI::App& command, std::string& value);
[[nodiscard]] EngineChoice parse_engine(const std::string& value);

// --isa scalar|sse4|avx2|avx512|avx512-vnni|neon, those that this machine has; empty: the best.
void add_isa_option(CLI::App& command, std::string& value);
[[nodiscard]] emulator::Isa parse_isa_option(const std::string& value);

// With Both the emulator's answer is returned after checking that golden's is the same; if it is not, that is our own
// bug and std::logic_error carries both.
[[nodiscard]] Converted quantize(EngineChoice engine, i128 raw, int frac, const FixedType& to);
[[nodiscard]] Converted quantize_real(EngineChoice engine, double value, const FixedType& to);
[[nodiscard]] std::vector<MacStep> mac(EngineChoice engine, const MacOperands& operands, const AccumulatorSpec& spec);

}  // namespace bittrue::cli
