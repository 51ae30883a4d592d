// A testbench in Verilog, SystemVerilog or VHDL, compiled around a design of hdl/ with the commands of its README.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "testbench/cpp_bench.hpp"

namespace bittrue::test {

inline const std::string kDesigns = BITTRUE_SOURCE_DIR "/tests/testbench/hdl";
inline constexpr TestbenchLanguage kHdl[] = {TestbenchLanguage::SystemVerilog, TestbenchLanguage::Verilog,
                                             TestbenchLanguage::Vhdl};

inline std::string suffix_of(TestbenchLanguage language) {
    switch (language) {
        case TestbenchLanguage::SystemVerilog: return "sv";
        case TestbenchLanguage::Verilog: return "v";
        case TestbenchLanguage::Vhdl: return "vhd";
        case TestbenchLanguage::Verilator:
        case TestbenchLanguage::Hls: break;
    }
    throw std::logic_error("suffix_of: no HDL");
}

// A dump's word with x bits, read from digits, has four bits for each; the testbench shows those of the word.
inline LayerDiff cut_to_width(LayerDiff layer) {
    if (!layer.first || layer.first->actual_bits.empty()) return layer;
    std::string& bits = layer.first->actual_bits;
    const auto width = static_cast<std::size_t>(layer.type->format.width);
    if (bits.size() > width + 2) bits = "0b" + bits.substr(bits.size() - width);
    return layer;
}

class HdlBench {
public:
    HdlBench(const VectorSet& set, const TestbenchOptions& options) : set_(set), options_(options) {
        write_bench(vectors(), set_, options_);
        std::filesystem::create_directory(folder_ / "dump");
        compiled_ = shell(folder_.path(), is_vhdl() ? ghdl() : icarus());
    }

    // Says everything the compiler said: it has to be nothing.
    [[nodiscard]] const Outcome& compiled() const { return compiled_; }

    // `arguments`: plusargs, or generics with -g.
    [[nodiscard]] Outcome run(const std::string& arguments = {}) const {
        const std::string where = is_vhdl() ? "-gVECTORS=vectors -gDUMP=dump" : "+vectors=vectors +dump=dump";
        return run_as(where + " " + arguments);
    }
    [[nodiscard]] Outcome run_as(const std::string& arguments) const {
        const std::string start = is_vhdl() ? "ghdl -r --std=08 " + options_.module + "_tb" : "vvp -n tb.vvp";
        return shell(folder_.path(), start + " " + arguments);
    }

    [[nodiscard]] Outcome lint() const {
        return shell(folder_.path(),
                     fmt::format("verilator --lint-only --timing -Wall -I{0} -y {0} --top-module {1}_tb {2} {0}/{1}.v",
                                 kDesigns, options_.module, files()));
    }

    [[nodiscard]] std::map<std::string, LayerDiff> dumped() const { return compare_dump(set_, folder_ / "dump"); }
    [[nodiscard]] std::string vectors() const { return folder_ / "vectors"; }
    [[nodiscard]] std::string folder() const { return folder_.path(); }
    [[nodiscard]] const std::string& module() const { return options_.module; }
    [[nodiscard]] std::string files() const {
        return is_vhdl() ? "vectors/tb/bittrue_*.vhd vectors/tb/" + options_.module + "_tb.vhd"
                         : "vectors/tb/*." + suffix_of(options_.language);
    }

private:
    [[nodiscard]] bool is_vhdl() const { return options_.language == TestbenchLanguage::Vhdl; }
    [[nodiscard]] std::string icarus() const {
        const bool verilog = options_.language == TestbenchLanguage::Verilog;
        return "iverilog -g" + std::string(verilog ? "2001" : "2012") +
               fmt::format(" -Wall -I {0} -y {0} -o tb.vvp {1} {0}/{2}.v", kDesigns, files(), options_.module);
    }
    [[nodiscard]] std::string ghdl() const {
        const std::string other = options_.module.starts_with("pass") ? "pass" : "arithmetic";
        return fmt::format("ghdl -a --std=08 {0}/{1}.vhd {2} {3} && ghdl -e --std=08 {4}_tb", kDesigns, other,
                           options_.module == other ? "" : kDesigns + "/" + options_.module + ".vhd", files(),
                           options_.module);
    }

    Folder folder_{};
    VectorSet set_;
    TestbenchOptions options_;
    Outcome compiled_{};
};

}  // namespace bittrue::test
