// The declarations of a VCD (IEEE 1364-2005, 18.2), as simulators write them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dump/chunks.hpp"
#include "dump/signals.hpp"

namespace bittrue::dump {

struct VcdHeader {
    std::vector<Variable> variables{};  // slot: place of the code in `codes`
    std::vector<std::string> codes{};   // identifier codes, each once
    std::vector<int> widths{};          // of the codes, the widest of their variables
    std::uint64_t time_factor = 1;      // times of the file are in time_factor * time_unit
    std::string time_unit{};            // "ps"; empty: the file does not say
    bool samples = false;               // an export of a Vivado logic analyser: the unit of time is a sample
};

// Reads up to and with $enddefinitions; `rest` is the text behind it. InputError with the line.
[[nodiscard]] VcdHeader read_vcd_header(Chunks& chunks, const char*& rest);

}  // namespace bittrue::dump
