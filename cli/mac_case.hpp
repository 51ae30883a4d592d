// One dot product as a file: operands, datapath and the accumulator that comes out, as the network says and as it was
// found. docs/reading_a_mismatch.md describes the format; `bittrue mac --case` runs it.
#pragma once

#include <optional>
#include <string>

#include "bittrue/emulator/single.hpp"
#include "bittrue/model/engine.hpp"

namespace bittrue::cli {

struct MacSide {
    MacOperands operands{};
    AccumulatorSpec spec{};
    std::optional<emulator::AccumulationFault> fault{};
    i128 accumulator_raw = 0;
    std::optional<FixedType> result{};  // of the layer, whose word it becomes
};

struct MacCase {
    std::string word{};  // which it is: free text
    MacSide expected{};
    std::optional<MacSide> found{};
};

// TOML. parse_case(case_text(c)) is c.
[[nodiscard]] std::string case_text(const MacCase& c);
// `where` names the text in messages. InputError with file, line and remedy.
[[nodiscard]] MacCase parse_case(const std::string& text, const std::string& where);

// SystemVerilog, module `dot_product`: computes the expected accumulators itself, step by step, or feeds the operands
// to a multiply-accumulate unit where the macro MAC names one, and checks them. Ends with "PASS" or with "FAIL".
[[nodiscard]] std::string case_sv(const MacCase& c);

// All steps of a side, a fault included.
[[nodiscard]] std::vector<MacStep> steps_of(const MacSide& side);

}  // namespace bittrue::cli
