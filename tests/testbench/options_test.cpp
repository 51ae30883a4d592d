// What users can get wrong about a testbench: options, ports files, names.
#include <catch2/catch.hpp>

#include "bittrue/vectors/testbench.hpp"
#include "testbench/network.hpp"
#include "vectors/support.hpp"

namespace {

using namespace bittrue;
using namespace bittrue::test;

std::string failure(const TestbenchOptions& options, const VectorSet& set = small_vectors(1)) {
    return error_of([&] { (void)make_testbench(set, options); });
}

std::string failure_of_file(const std::string& text) {
    const bittrue::test::Folder folder;
    spill(folder / "ports.toml", text);
    std::string message = error_of([&] { (void)load_testbench_ports(folder / "ports.toml", {}); });
    const std::string path = folder / "ports.toml";
    if (message.rfind(path, 0) == 0) message = "ports.toml" + message.substr(path.size());
    return message;
}

const SetFile& file_of(const Testbench& made, const std::string& path) {
    for (const SetFile& file : made.files) {
        if (file.path == path) return file;
    }
    throw std::runtime_error("no file " + path);
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("Testbench options: languages and styles are known by name") {
    CHECK(parse_testbench_language("sv") == TestbenchLanguage::SystemVerilog);
    CHECK(parse_testbench_language("verilog") == TestbenchLanguage::Verilog);
    CHECK(parse_testbench_language("vhdl") == TestbenchLanguage::Vhdl);
    CHECK(parse_testbench_language("verilator") == TestbenchLanguage::Verilator);
    CHECK(parse_testbench_language("hls") == TestbenchLanguage::Hls);
    CHECK(parse_port_style("stream") == PortStyle::Stream);
    CHECK(parse_port_style("memory") == PortStyle::Memory);
    CHECK(error_of([] { (void)parse_testbench_language("SV"); }) ==
          "'SV': the languages of a testbench are sv, verilog, vhdl, verilator and hls");
    CHECK(error_of([] { (void)parse_port_style("axi"); }) ==
          "'axi': the port styles of a design are stream and memory");
}

TEST_CASE("Testbench options: a ports file fills in what it names and leaves the rest") {
    const bittrue::test::Folder folder;
    spill(folder / "ports.toml", R"(module = "cnn_top"
clock = "aclk"
reset = "aresetn"
reset_low = true
layers = ["scale", "relu"]
timeout = 1234
seed = 7
stalls = false
parameters = { PARALLEL = 8, FAST = true, MODE = "fast_mode::ON" }

[layer.image]
data = "s_axis_tdata"
valid = "s_axis_tvalid"
ready = "s_axis_tready"
packing = "lanes=4"

[layer."scale"]
data = "dut.u_scale.q"
valid = "dut.u_scale.q_valid"
address_bits = 9
)");
    TestbenchOptions defaults;
    defaults.start = "go";
    const TestbenchOptions options = load_testbench_ports(folder / "ports.toml", defaults);
    CHECK(options.module == "cnn_top");
    CHECK(options.clock == "aclk");
    CHECK(options.reset == "aresetn");
    CHECK(options.reset_low);
    CHECK(options.start == "go");
    CHECK(options.layers == std::vector<std::string>{"scale", "relu"});
    CHECK(options.timeout == 1234);
    CHECK(options.seed == 7);
    CHECK_FALSE(options.stalls);
    CHECK(options.parameters ==
          std::map<std::string, std::string>{{"PARALLEL", "8"}, {"FAST", "1"}, {"MODE", "fast_mode::ON"}});
    CHECK(load_testbench_ports(folder / "ports.toml", {.language = TestbenchLanguage::Vhdl}).parameters.at("FAST") ==
          "true");
    REQUIRE(options.ports.size() == 2);
    CHECK(options.ports.at("image").data == "s_axis_tdata");
    CHECK(options.ports.at("image").packing == "lanes=4");
    CHECK(options.ports.at("scale").valid == "dut.u_scale.q_valid");
    CHECK(options.ports.at("scale").address_bits == 9);
    CHECK(options.ports.at("scale").ready.empty());
}

TEST_CASE("Testbench options: a ports file that is wrong is refused with its line") {
    CHECK(holds(failure_of_file("module = \n"), "ports.toml:1: is not TOML: "));
    CHECK(failure_of_file("\nmodul = \"x\"\n") ==
          "ports.toml:2: 'modul' is not known in a ports file; known are clock, done, layer, layers, module, output, "
          "parameters, reset, reset_low, seed, stalls, start, timeout");
    CHECK(failure_of_file("[layer.a]\nvaild = \"x\"\n") ==
          "ports.toml:2: 'vaild' is not known in [layer.a]; known are address, address_bits, data, enable, keep, last, "
          "packing, ready, valid");
    CHECK(failure_of_file("clock = 3\n") == "ports.toml:1: clock is a name in quotes");
    CHECK(failure_of_file("reset_low = 1\n") == "ports.toml:1: reset_low is true or false");
    CHECK(failure_of_file("timeout = 0\n") == "ports.toml:1: timeout is an integer from 1 to 1000000000");
    CHECK(failure_of_file("layers = []\n") == "ports.toml:1: layers is a list of names in quotes");
    CHECK(failure_of_file("layers = [\"a\", 2]\n") == "ports.toml:1: layers is a list of names in quotes");
    CHECK(failure_of_file("[layer]\na = 1\n") == "ports.toml:2: layer.a is a table");
    CHECK(failure_of_file("layer = 1\n") == "ports.toml:1: layer is a table");
    CHECK(failure_of_file("[parameters]\nA = 1.5\n") ==
          "ports.toml:2: a parameter is an integer, true, false, or a text that is copied as it is");
    CHECK_FALSE(error_of([] { (void)load_testbench_ports("/no/such/ports.toml", {}); }).empty());
}

TEST_CASE("Testbench options: layers that cannot be checked are refused") {
    CHECK(failure({.layers = {"conv"}}) == "testbench: there is no layer 'conv'; the set has image, scale, relu");
    CHECK(failure({.layers = {"image"}}) == "testbench: 'image' is what the testbench feeds in; it cannot be checked");
    CHECK(failure({.ports = {{"conv", {}}}}) == "testbench: there is no layer 'conv'; the set has image, scale, relu");
    CHECK(failure({.ports = {{"scale", {.data = "-"}}, {"relu", {.data = "-"}}}}) ==
          "testbench: no boundary is left to check: name at least one that the design has");
    CHECK(failure({.ports = {{"image", {.data = "-"}}}}) == "layer 'image': is fed in: it needs a data port");
    CHECK(failure({.layers = {"scale"}, .ports = {{"scale", {.data = "-"}}}}) ==
          "layer 'scale': is to be checked and has no data port");
    CHECK(failure({}, small_vectors(0)) == "testbench: there are no images: nothing would be checked");
    VectorSet alone = small_vectors(1);
    alone.layers.resize(1);
    CHECK(failure({}, alone) == "testbench: there is no layer to check behind the input");
}

TEST_CASE("Testbench options: names that are none, or twice the same, are refused") {
    CHECK(holds(failure({.module = "two words"}), "'two words' is not a name"));
    CHECK(holds(failure({.clock = "-"}), "'-' is not a name"));
    CHECK(failure({.clock = "dut.clk"}) ==
          "testbench: 'dut.clk' is a path; the design's module, ports and parameters have names");
    CHECK(holds(failure({.parameters = {{"a b", "1"}}}), "'a b' is not a name"));
    CHECK(failure({.parameters = {{"A", "1\n2"}}}) == "testbench: the value of parameter 'A' has more than one line");
    CHECK(holds(failure({.style = PortStyle::Memory, .done = "-"}), "'-' is not a name"));
    CHECK(holds(failure({.ports = {{"scale", {.data = "a;b"}}}}), "layer 'scale': 'a;b' is not a name"));
    CHECK(failure({.ports = {{"relu", {.data = "dut.q"}}}}) ==
          "layer 'relu': 'dut.q' is no port: input and output cannot be hierarchical paths");
    CHECK(failure({.ports = {{"scale", {.data = "OUT_data"}}}}) ==
          "layer 'relu': the design's port 'out_data' is used twice; name the layer's ports in a ports file");
    CHECK(failure({.reset = "clk"}) == "testbench: two ports of the design are called 'clk'");
    CHECK(failure({.ports = {{"scale", {.valid = "-"}}}}) == "layer 'scale': a stream needs a valid");
    CHECK(failure({.style = PortStyle::Memory, .ports = {{"scale", {.enable = "-"}}}}) ==
          "layer 'scale': a memory that is written needs an enable");
    CHECK(failure({.style = PortStyle::Memory, .ports = {{"scale", {.address_bits = 4}}}}) ==
          "layer 'scale': address_bits = 4 cannot number 32 words");
    VectorSet similar = small_vectors(1);
    similar.layers[1].name = "a.b";
    similar.layers[2].name = "a-b";
    similar.layers[2].inputs = {"a.b"};
    CHECK(holds(failure({}, similar), "is too much like another layer's name: both become 'a_b'"));
    VectorSet nameless = small_vectors(1);
    nameless.network.clear();
    CHECK(holds(failure({}, nameless), "the network has no name"));
}

TEST_CASE("Testbench options: packings that do not go with a boundary are refused") {
    CHECK(holds(failure({.ports = {{"scale", {.packing = "lanes=0"}}}}), "layer 'scale': "));
    CHECK(holds(failure({.ports = {{"scale", {.packing = "lane_bits=4"}}}}), "layer 'scale': "));
    CHECK(failure({.ports = {{"scale", {.packing = "pe=2,simd=2,lanes=4"}}}}) ==
          "layer 'scale': pe and simd fold weights; lanes pack the words of a layer");
    CHECK(failure({.style = PortStyle::Memory, .ports = {{"scale", {.packing = "axis"}}}}) ==
          "layer 'scale': packing axis is for streams; a memory has no TKEEP and TLAST");
    CHECK(failure({.ports = {{"scale", {.last = "x"}}}}) == "layer 'scale': last and keep need packing = \"axis\"");
}

TEST_CASE("Testbench options: the packings to write the vectors with are those of the boundaries") {
    TestbenchOptions options{.layers = {"relu"}};
    options.ports["image"].packing = "lanes=2";
    options.ports["scale"].packing = "lanes=4";  // not checked: not written so
    options.ports["relu"].packing = "lanes=8";
    const Testbench made = make_testbench(small_vectors(1), options);
    CHECK(made.packings.size() == 2);
    CHECK(made.packings.at("image").lanes == 2);
    CHECK(made.packings.at("relu").lanes == 8);
}

TEST_CASE("Testbench options: the output is the last layer that nobody reads, or the one that is named") {
    VectorSet set = small_vectors(1);
    const auto top = [&](const TestbenchOptions& options) {
        return file_of(make_testbench(set, options), "tb/pipe_tb.sv").bytes;
    };
    CHECK(holds(top({}), ".out_data(relu_data)"));
    CHECK(holds(top({}), ".scale_data(scale_data)"));
    CHECK(holds(top({.output = "scale"}), ".out_data(scale_data)"));
    CHECK(holds(top({.output = "scale"}), ".relu_data(relu_data)"));
    set.layers[2].inputs = {"image"};
    set.layers[1].inputs = {"relu"};
    CHECK(holds(top({}), ".out_data(scale_data)"));
    CHECK(failure({.output = "image"}) == "testbench: 'image' is the network's input, not its output");
}

TEST_CASE("Testbench options: names of layers become names of every language") {
    VectorSet set = small_vectors(1);
    set.layers[1].name = "1st__conv.";
    set.layers[2].inputs = {"1st__conv."};
    CHECK(holds(file_of(make_testbench(set, {}), "tb/pipe_tb.sv").bytes, ".n1st__conv__data(n1st__conv__data)"));
    const Testbench vhdl = make_testbench(set, {.language = TestbenchLanguage::Vhdl});
    CHECK(holds(file_of(vhdl, "tb/pipe_tb.vhd").bytes, "n1st_conv_data => n1st_conv_data"));
}

TEST_CASE("Testbench options: a design without reset or with an active-low one is connected so") {
    const auto top = [](const TestbenchOptions& options) {
        return file_of(make_testbench(small_vectors(1), options), "tb/pipe_tb.sv").bytes;
    };
    CHECK(holds(top({}), ".rst(rst)"));
    CHECK(holds(top({.reset = "aresetn", .reset_low = true}), ".aresetn(rst_n)"));
    CHECK_FALSE(holds(top({.reset = "-", .reset_low = true}), "rst_n"));
    CHECK(holds(top({.reset = "-"}), "rst = 1"));
}

TEST_CASE("Testbench options: no template leaves a directive behind") {
    for (const auto language : {TestbenchLanguage::SystemVerilog, TestbenchLanguage::Verilog, TestbenchLanguage::Vhdl,
                                TestbenchLanguage::Verilator, TestbenchLanguage::Hls}) {
        for (const auto style : {PortStyle::Stream, PortStyle::Memory}) {
            const Testbench made = make_testbench(small_vectors(1), {.language = language, .style = style});
            CHECK(made.files.size() >= 4);
            for (const SetFile& file : made.files) {
                CAPTURE(file.path);
                CHECK(file.path.starts_with("tb/"));
                CHECK_FALSE(holds(file.bytes, "@end@"));
                CHECK_FALSE(holds(file.bytes, "@if"));
                CHECK_FALSE(holds(file.bytes, "\n\n\n"));
                CHECK_FALSE(holds(file.bytes, " \n"));
                CHECK(file.bytes.ends_with("\n"));
            }
            CHECK(holds(file_of(made, "tb/README.md").bytes, "# Testbench of pipe"));
        }
    }
}
