#include "bittrue/model/error.hpp"
#include "bittrue/vectors/testbench.hpp"

namespace bittrue {

TestbenchLanguage parse_testbench_language(const std::string& text) {
    if (text == "sv") return TestbenchLanguage::SystemVerilog;
    if (text == "verilog") return TestbenchLanguage::Verilog;
    if (text == "vhdl") return TestbenchLanguage::Vhdl;
    if (text == "verilator") return TestbenchLanguage::Verilator;
    if (text == "hls") return TestbenchLanguage::Hls;
    throw InputError("'" + text + "'", "the languages of a testbench are sv, verilog, vhdl, verilator and hls");
}

PortStyle parse_port_style(const std::string& text) {
    if (text == "stream") return PortStyle::Stream;
    if (text == "memory") return PortStyle::Memory;
    throw InputError("'" + text + "'", "the port styles of a design are stream and memory");
}

}  // namespace bittrue
