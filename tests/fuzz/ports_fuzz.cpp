// load_testbench_ports: what it takes makes a testbench, or is refused with a reason.
#include "bittrue/vectors/testbench.hpp"
#include "fuzz/scratch.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

std::vector<std::string> seeds() {
    return {
        "module = \"top\"\nclock = \"aclk\"\nreset = \"aresetn\"\nreset_low = true\n",
        "layers = [\"a\", \"b\"]\ntimeout = 100\nseed = 7\nstalls = false\noutput = \"b\"\n",
        "start = \"go\"\ndone = \"ok\"\nparameters = { A = 8, B = true, C = \"x::Y\" }\n",
        "[layer.in]\ndata = \"d\"\nvalid = \"v\"\nready = \"r\"\npacking = \"lanes=4\"\n",
        "[layer.a]\ndata = \"dut.u.d\"\nvalid = \"dut.u.v\"\n[layer.b]\npacking = \"lanes=2,axis\"\nkeep = \"-\"\n",
        "[layer.b]\naddress = \"q\"\nenable = \"w\"\naddress_bits = 12\n",
    };
}

std::vector<std::string> dictionary() {
    return {"module", "clock",   "reset",        "reset_low", "layers", "timeout", "seed",  "stalls",    "output",
            "start",  "done",    "parameters",   "[layer.",   "data",   "valid",   "ready", "last",      "keep",
            "enable", "address", "address_bits", "packing",   "lanes=", "axis",    "\"-\"", "\"dut.a\"", "]\n"};
}

}  // namespace bittrue::fuzz

namespace {

using namespace bittrue;

const fuzz::Scratch& folder() {
    static const fuzz::Scratch scratch;
    return scratch;
}

VectorSet small_set() {
    VectorSet set;
    set.network = "net";
    for (const char* const name : {"in", "a", "b"}) {
        VectorLayer layer;
        layer.name = name;
        if (!set.layers.empty()) layer.inputs = {set.layers.back().name};
        layer.type = FixedType{.format = {.width = 8, .integer = 3, .is_signed = true}};
        layer.stored = layer.type->format;
        layer.layout = Layout::Hwc;
        layer.dims = {1, 2, 2, 2};
        layer.words.assign(8, 0);
        set.layers.push_back(std::move(layer));
    }
    return set;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue::fuzz;
    static const VectorSet set = small_set();
    const std::string path = folder().write("ports.toml", view_of(data, size));
    TestbenchOptions options;
    if (!takes([&] { options = load_testbench_ports(path, {}); })) return 0;
    for (const auto language : {TestbenchLanguage::SystemVerilog, TestbenchLanguage::Verilog, TestbenchLanguage::Vhdl,
                                TestbenchLanguage::Verilator, TestbenchLanguage::Hls}) {
        for (const auto style : {PortStyle::Stream, PortStyle::Memory}) {
            options.language = language;
            options.style = style;
            takes([&] {
                const Testbench made = make_testbench(set, options);
                require(made.files.size() >= 4, "a testbench has its files");
                require(!made.packings.empty(), "the packings of its vectors are known");
            });
        }
    }
    return 0;
}
