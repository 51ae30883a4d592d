// The modes of the reference RTL: those of examples/rtl/sv/fixed_point.sv, and the four that IEEE's fixed_pkg has.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/fixed_type.hpp"

namespace bittrue::test {

struct Mode {
    Rounding rounding{};
    Overflow overflow{};
    std::string rounding_name{}, overflow_name{};  // in fixed_point.sv
};

inline std::vector<Mode> verilog_modes() {
    std::vector<Mode> modes;
    const std::vector<std::pair<Rounding, std::string>> roundings{
        {Rounding::Trn, "TRN"},          {Rounding::TrnZero, "TRN_ZERO"},      {Rounding::Rnd, "RND"},
        {Rounding::RndZero, "RND_ZERO"}, {Rounding::RndMinInf, "RND_MIN_INF"}, {Rounding::RndInf, "RND_INF"},
        {Rounding::RndConv, "RND_CONV"}};
    const std::vector<std::pair<Overflow, std::string>> overflows{{Overflow::Wrap, "WRAP"},
                                                                  {Overflow::Sat, "SAT"},
                                                                  {Overflow::SatSym, "SAT_SYM"},
                                                                  {Overflow::SatZero, "SAT_ZERO"}};
    for (const auto& [rounding, rounding_name] : roundings)
        for (const auto& [overflow, overflow_name] : overflows)
            modes.push_back({rounding, overflow, "fixed_point::" + rounding_name, "fixed_point::" + overflow_name});
    return modes;
}

inline std::vector<Mode> fixed_pkg_modes() {
    std::vector<Mode> modes;
    for (const Mode& mode : verilog_modes())
        if ((mode.rounding == Rounding::Trn || mode.rounding == Rounding::RndConv) &&
            (mode.overflow == Overflow::Wrap || mode.overflow == Overflow::Sat))
            modes.push_back(mode);
    return modes;
}

inline std::string verilog_bit(bool b) {
    return b ? "1'b1" : "1'b0";
}

}  // namespace bittrue::test
