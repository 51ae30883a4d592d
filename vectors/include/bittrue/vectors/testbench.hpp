// Self-checking testbenches that replay a vector set. docs/testbench.md is the contract with the design.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_files.hpp"
#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

enum class TestbenchLanguage : std::uint8_t {
    SystemVerilog,  // "sv"
    Verilog,        // "verilog": IEEE 1364-2001
    Vhdl,           // "vhdl": VHDL-2008
    Verilator,      // "verilator": C++ main over the verilated model
    Hls,            // "hls": C++ main that calls the top function, for csim and C/RTL co-simulation
};
enum class PortStyle : std::uint8_t {
    Stream,  // ready/valid
    Memory,  // the testbench is the memory: the design reads its input and writes its results by address
};
[[nodiscard]] TestbenchLanguage parse_testbench_language(const std::string& text);
[[nodiscard]] PortStyle parse_port_style(const std::string& text);

// The names a boundary has in the design. Empty: the default of docs/testbench.md; "-": the design has no such signal.
// An inner boundary may be a hierarchical path: "dut.u_conv.out_data".
struct BoundaryPorts {
    std::string data{}, valid{}, ready{}, last{};  // stream
    std::string keep{};                            // TKEEP, with `last` only where the packing is axis
    std::string address{}, enable{};               // memory: data, address and (write or read) enable
    int address_bits = 0;                          // of the address port; 0: as many as its word numbers need
    std::string packing{};                         // as parse_packing; lanes of a beat
};

struct TestbenchOptions {
    TestbenchLanguage language = TestbenchLanguage::SystemVerilog;
    PortStyle style = PortStyle::Stream;
    std::string module{};  // of the design; empty: file stem of the network's name
    std::string clock = "clk";
    std::string reset = "rst";
    bool reset_low = false;
    std::string start = "start", done = "done";       // memory style
    std::vector<std::string> layers{};                // boundaries to check; empty: all but the network's input
    std::string output{};                             // the network's output; empty: the last layer that no other reads
    std::map<std::string, BoundaryPorts> ports{};     // by layer; the network's input under its own name
    std::map<std::string, std::string> parameters{};  // of the design, by name: generics
    bool stalls = true;                               // random pauses of valid and ready, seeded
    std::uint64_t seed = 1;
    std::uint64_t timeout = 0;  // clock cycles without a beat before it gives up; 0: chosen from the set
};

// TOML for the fields above: module, clock, reset, parameters = {...}, [layer.NAME] data = "..." ...; docs/testbench.md
// has them all. What the file does not name stays as in `defaults`, which say the language, too. InputError with file
// and line.
[[nodiscard]] TestbenchOptions load_testbench_ports(const std::string& path, TestbenchOptions defaults);

// The files of the testbench, relative to the set's directory: "tb/...". They read the .mem files that the set must be
// written with (kinds Mem; packing of the boundary as in `options`), so the caller adds both to VectorOptions.
struct Testbench {
    std::vector<SetFile> files{};               // with a README of the commands for each simulator
    std::map<std::string, Packing> packings{};  // of the .mem files, to put into VectorOptions::packings
};
// InputError where the set or the options make no testbench: no images, no layer to check, a layer without format,
// names that are none in the language or twice the same, a packing that does not go with its layer, more than 2^31
// words.
[[nodiscard]] Testbench make_testbench(const VectorSet& set, const TestbenchOptions& options);

}  // namespace bittrue
