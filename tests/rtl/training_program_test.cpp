// The commands of examples/rtl/training/README.md: the last layer of the WAGE LeNet-5 trained on generated digits, its
// vectors, the RTL in both simulators, diff. Nothing but the program, the simulators and files.
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "simulation.hpp"

using namespace bittrue::test;

namespace {

const std::string kTraining = kRtl + "/training";
const std::string kLenet = BITTRUE_SOURCE_DIR "/examples/lenet5-wage/lenet5_wage.toml";

std::string must(const Folder& folder, const std::string& command) {
    const Outcome outcome = shell(folder.path(), command);
    INFO(command << "\n" << outcome.text);
    REQUIRE(outcome.status == 0);
    return outcome.text;
}

void make(const Folder& folder, const std::string& options) {
    must(folder,
         fmt::format(BITTRUE_PROGRAM " train-vectors {} --train digits:100 --layer qfc_2 --engine both --format mem "
                                     "--sv-package wage --out v {}",
                     kLenet, options));
}

const std::string kIcarus = fmt::format(
    "cd v && mkdir ../dump && iverilog -g2012 -y {0} -Y .sv -s wage_fc_tb -o ../tb.vvp wage.sv {0}/wage_fc_tb.sv && "
    "vvp -n ../tb.vvp +dump=../dump",
    kTraining);

}  // namespace

TEST_CASE("the last layer of the WAGE LeNet-5 trains in Icarus and in Verilator as diff expects it, word by word") {
    const Folder folder;
    make(folder, "--batch 4 --steps 2");
    must(folder, kIcarus);
    const std::string expected = "equal: 38 layers, 12434 words\n";
    std::string said = must(folder, BITTRUE_PROGRAM " diff v dump");
    CHECK(said.find(expected) != std::string::npos);
    std::filesystem::remove_all(folder / "dump");
    must(folder, fmt::format("cd v && mkdir ../dump && verilator --binary -j 1 -O1 -Wno-fatal -Mdir ../obj -y {0} "
                             "--top-module wage_fc_tb wage.sv {0}/wage_fc_tb.sv -MAKEFLAGS 'OBJCACHE=ccache "
                             "OPT_FAST=-O1' >../build.log 2>&1 || {{ cat ../build.log; exit 1; }}; "
                             "../obj/Vwage_fc_tb +dump=../dump",
                             kTraining));
    said = must(folder, BITTRUE_PROGRAM " diff v dump");
    CHECK(said.find(expected) != std::string::npos);
}

TEST_CASE("the training RTL continues a run from any step, and its dump may be compared in every kind of file") {
    const Folder folder;
    make(folder, "--batch 8 --steps 3 --skip 40");
    must(folder, kIcarus);
    for (const std::string& kind : {std::string("npy"), std::string("coe,csv")}) {
        must(folder,
             fmt::format(BITTRUE_PROGRAM " train-vectors {} --train digits:100 --layer qfc_2 --format {} --batch "
                                         "8 --steps 3 --skip 40 --out other",
                         kLenet, kind));
        CHECK(must(folder, BITTRUE_PROGRAM " diff other dump").find("equal: 57 layers") != std::string::npos);
    }
}
