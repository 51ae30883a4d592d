// The reference RTL is clean: every module by itself, in the simulators' strictest reading.
#include <algorithm>
#include <filesystem>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "designs.hpp"
#include "simulation.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::vector<std::string> modules() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(kRtl + "/sv")) {
        const std::string name = entry.path().stem().string();
        if (name != "fixed_point") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("verilator -Wall and iverilog -Wall have nothing to say about any module of the reference RTL") {
    const Folder folder;
    const std::vector<std::string> names = modules();
    CHECK(names.size() == 14);
    const SetFile package = mnist_cnn_package();
    spill(folder / package.path, package.bytes);
    for (const std::string& name : names) {
        CAPTURE(name);
        for (const char* tool :
             {"verilator --lint-only -Wall --top-module {1} -y {0} {2} {0}/fixed_point.sv {0}/{1}.sv",
              "iverilog -g2012 -Wall -t null -y {0} -Y .sv -s {1} {2} {0}/fixed_point.sv {0}/{1}.sv"}) {
            const Outcome outcome =
                shell(folder.path(), fmt::format(fmt::runtime(tool), kRtl + "/sv", name, package.path));
            CHECK(outcome.status == 0);
            CHECK(outcome.text.empty());
        }
    }
}
