// What simulators, logic analysers and HLS tools leave behind, as a vector set. docs/dumps.md describes every kind.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/packing.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/vectors/word_file.hpp"

namespace bittrue {

enum class DumpKind : std::uint8_t {
    Words,        // a vector set or a file of words (FileKind)
    Vcd,          // "vcd"
    IlaCsv,       // "ila"         Vivado ILA export
    Hls4mlLog,    // "hls4ml-log"  csim_results.log, rtl_cosim_results.log, <layer>_output.log
    Decimals,     // "decimals"    white space or commas between decimal numbers, which are values
    Integers,     // "integers"    the same, but each is a raw word
    HexWords,     // "hexwords"    white space or commas between hexadecimal words, 0x or not
    PatternText,  // "text"        lines of a user's $fwrite, by DumpOptions::pattern
};

// How the words of one layer are found. Empty texts: not used.
struct DumpSource {
    std::string layer{};  // name on the expected side
    std::string file{};   // relative to the map; empty: the dump itself
    std::string kind{};   // as DumpOptions::as
    // VCD: hierarchical names "tb.dut.out[3]" or "tb.dut.out[7:0]"; ILA: probe names. Several are concatenated, the
    // first in the low bits.
    std::vector<std::string> signals{};
    // A beat is taken at an active clock edge where both are 1 before the time step of the edge (absent: always 1).
    std::string valid{}, ready{};
    bool valid_low = false, ready_low = false;  // active low
    std::string clock{};                        // overrides the map's
    std::string start_when{};        // signal that must have been 1 in an earlier time step (a reset released), once
    std::int64_t skip = 0;           // beats (in texts and files of words: words) to leave out at the beginning
    std::int64_t count = -1;         // to take; -1: all
    std::optional<Format> format{};  // overrides the expected side's
    Packing packing{};
    std::string pattern{};  // of a text, see DumpOptions
};

struct DumpMap {
    std::string path{};  // for messages and relative files
    std::string clock{};
    bool falling = false;  // sample at falling edges
    std::vector<DumpSource> sources{};
};

// TOML:
//   clock = "tb.clk"            edge = "rising"
//   [[layer]]
//   name = "conv2d"  signal = "tb.dut.conv_data" (or signals = [...])  valid = "..."  ready = "..."  valid_low = true
//   ready_low = true  clock = "..."  start_when = "..."  file = "..."  as = "vcd"  packing = "lanes=4"  format = "s8.5"
//   skip = 0  count = 1352  pattern = "..."
// InputError with the line; an unknown key names the nearest known one.
[[nodiscard]] DumpMap load_dump_map(const std::string& path);
[[nodiscard]] std::string print_dump_map(const DumpMap& map);

struct DumpOptions {
    std::string as{};  // a DumpKind's or FileKind's name; empty: detected from the name and the first bytes
    std::optional<DumpMap> map{};
    Packing packing{};    // of a bare file, and of the map's layers that have none
    std::string layer{};  // that a bare file holds; empty: from the file's name, or the only candidate by size
    // One line of a text dump: literal text with {word:d}, {word:u}, {word:x}, {word:b} (the word, signed or unsigned
    // decimal, hexadecimal, binary), {value} (a decimal value), {index:d}, {layer}, {*} (anything); lines that do not
    // match are counted and said. "conv out[{index:d}] = {word:x}".
    std::string pattern{};
    bool allow_edited = true;
    const VectorSet* schema = nullptr;  // the expected side: formats and shapes by layer
    std::function<void(std::uint64_t bytes_done, std::uint64_t bytes)> progress{};
    const std::atomic<bool>* cancel = nullptr;  // becomes true: Interrupted soon
};

// Any dump. Memory is bounded by the words of the mapped layers, never by the size of the file. Files ending in .gz are
// not read. InputError names file, line and remedy.
[[nodiscard]] VectorSet read_dump(const std::string& path, const DumpOptions& options = {});
// "vcd", "mem", ...: the names `as` knows.
[[nodiscard]] std::vector<std::string> dump_kind_names();

// A signal of a VCD or a column of an ILA export, with what it did.
struct SignalActivity {
    std::string name{};  // hierarchical
    int width = 1;
    std::uint64_t changes = 0;
    std::uint64_t undefined_changes = 0;  // to a value with x or z
    bool real = false;                    // not a word
};
[[nodiscard]] std::vector<SignalActivity> list_signals(const std::string& path, const DumpOptions& options = {});

// A map for these signals: the clock is the 1-bit signal with most changes; a layer of `expected` gets the signal whose
// name is most like its own and whose width is a multiple of the layer's, with the valid and ready beside it. Layers
// without a candidate are left out.
struct MapProposal {
    DumpMap map{};
    std::vector<std::string> notes{};  // why, per layer; layers without a candidate
};
[[nodiscard]] MapProposal propose_map(const std::vector<SignalActivity>& signals, const VectorSet* expected);

}  // namespace bittrue
