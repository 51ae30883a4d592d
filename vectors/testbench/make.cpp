#include "cpp.hpp"
#include "hdl.hpp"
#include "plan.hpp"

namespace bittrue {
namespace {

std::vector<SetFile> files_of(const testbench::Plan& plan) {
    switch (plan.options.language) {
        case TestbenchLanguage::SystemVerilog:
        case TestbenchLanguage::Verilog:
        case TestbenchLanguage::Vhdl: return testbench::hdl_files(plan);
        case TestbenchLanguage::Verilator: return testbench::verilator_files(plan);
        case TestbenchLanguage::Hls: return testbench::hls_files(plan);
    }
    return {};
}

}  // namespace

Testbench make_testbench(const VectorSet& set, const TestbenchOptions& options) {
    const testbench::Plan plan = testbench::make_plan(set, options);
    Testbench made{.files = files_of(plan)};
    for (const testbench::Boundary& b : plan.boundaries) {
        if (b.is_input || b.is_checked) made.packings[b.original] = b.packing;
    }
    return made;
}

}  // namespace bittrue
