#include "replay.hpp"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/vectors/vector_files.hpp"

namespace bittrue::test {

namespace {

TestbenchLanguage language_for(Simulator simulator) {
    switch (simulator) {
        case Simulator::Icarus: return TestbenchLanguage::SystemVerilog;
        case Simulator::Verilator: return TestbenchLanguage::Verilator;
        case Simulator::Ghdl: return TestbenchLanguage::Vhdl;
    }
    throw std::logic_error("simulator");
}

void write_vectors(const std::string& folder, const VectorSet& golden, const Design& design, Simulator simulator) {
    TestbenchOptions bench{.language = language_for(simulator), .style = design.style, .module = design.module};
    bench.parameters = design.parameters;
    bench.timeout = 20000;
    VectorOptions options{.kinds = {FileKind::Npy, FileKind::Mem}};
    for (const auto& [name, packing] : design.packings) {
        if (golden.find(name) != nullptr) bench.ports[name].packing = packing;
        options.packings[name] = parse_packing(packing);
    }
    Testbench made = make_testbench(golden, bench);
    options.extra = std::move(made.files);
    if (design.package) options.extra.push_back(*design.package);
    for (const auto& [name, packing] : made.packings) options.packings[name] = packing;
    write_vector_set(folder, golden, options);
}

// The commands of the testbench's README, with the design's files and the folder of the dump.
std::string commands(Simulator simulator, const Design& design, const std::string& rtl) {
    const std::string sv = rtl + "/sv", vhdl = rtl + "/vhdl", module = design.module;
    const std::string packages = (design.package ? design.package->path + " " : "") + sv + "/fixed_point.sv";
    switch (simulator) {
        case Simulator::Icarus:
            return fmt::format(
                "iverilog -g2012 -y {0} -Y .sv -s {1}_tb -o tb.vvp {2} "
                "tb/*.sv && vvp -n tb.vvp +dump=dump",
                sv, module, packages);
        case Simulator::Verilator:
            return fmt::format(
                "verilator --cc --exe --build -j 1 -O3 -y {0} --top-module bittrue_top {2} "
                "tb/bittrue_top.sv tb/{1}_tb.cpp -MAKEFLAGS 'OBJCACHE=ccache OPT_FAST=-O1 OPT_SLOW=-O0 "
                "OPT_GLOBAL=-O1' >build.log 2>&1 || {{ cat build.log; exit 1; }}; "
                "obj_dir/Vbittrue_top +dump=dump",
                sv, module, packages);
        case Simulator::Ghdl:
            return fmt::format(
                "mkdir work && ghdl -a --std=08 --workdir=work {0}/fixed_datapath.vhd {0}/requantise.vhd "
                "{0}/mac.vhd {0}/{1}.vhd tb/bittrue_*.vhd tb/{1}_tb.vhd && ghdl -r --std=08 "
                "--workdir=work {1}_tb -gDUMP=dump --ieee-asserts=disable-at-0",
                vhdl, module);
    }
    throw std::logic_error("simulator");
}

// What the testbench knew of lanes, diff shall know.
VectorSet read_dumped(const VectorSet& golden, const std::string& dump, const Design& design) {
    VectorSet actual = read_vector_set(dump, {.schema = &golden});
    for (VectorLayer& layer : actual.layers) {
        const auto packing = design.packings.find(layer.name);
        if (packing != design.packings.end()) layer.lanes = parse_packing(packing->second).lanes;
    }
    return actual;
}

}  // namespace

Replay replay(Simulator simulator, const VectorSet& golden, const Design& design, const std::string& rtl) {
    const Folder folder;
    const std::string set = folder / "vectors", dump = set + "/dump";
    write_vectors(set, golden, design, simulator);
    std::filesystem::create_directory(dump);
    Replay result{.outcome = shell(set, commands(simulator, design, rtl))};
    result.checked = count_before(result.outcome.text, "words checked\n");
    if (!std::filesystem::is_empty(dump)) {
        result.dump = read_dumped(golden, dump, design);
        result.report = diff(golden, *result.dump, {});
    }
    return result;
}

std::int64_t words_to_check(const VectorSet& golden) {
    std::int64_t words = 0;
    for (const VectorLayer& layer : golden.layers)
        if (&layer != &golden.layers.front()) words += layer.word_count();
    return words;
}

}  // namespace bittrue::test
