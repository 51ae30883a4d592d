// A comparison for people and for programs. docs/reading_a_mismatch.md explains the text.
#pragma once

#include <string>

#include "bittrue/verify/diff.hpp"

namespace bittrue {

// The one line of a wrong word; testbenches print the same:
//   conv2d[image 3, row 5, column 7, channel 1] (flat 4242): expected 17 (0x11, 0.53125), got 19 (0x13, 0.59375), +2
//   lsb
// In brackets the index by the names of its axes (numbers alone where the layout is unknown); behind each raw integer
// the bit pattern and the value (neither where the format is unknown; "does not fit ..." for a raw outside it). A word
// with x or z bits is "0b10xx01zz (undefined)", without a distance; where the time of the beat is known, ", at 1250 ns"
// ends the line; a decimal that is no word is "0.1 (no word of ap_fixed<8,3>, nearest 3 (0x03, 0.09375))".
[[nodiscard]] std::string mismatch_line(const LayerDiff& layer, const Mismatch& mismatch);

// A table of the layers, then what differs in words, then the verdict; lines end with '\n'. `color` adds ANSI colours.
[[nodiscard]] std::string print_report(const DiffReport& report, bool color = false);

// The same as a JSON object, ending with '\n'. Integers beyond 64 bits are strings.
[[nodiscard]] std::string report_json(const DiffReport& report);

}  // namespace bittrue
