// The names and numbers of a SystemVerilog package of formats. tests/rtl gives packages to the tools that read them.
#include "bittrue/vectors/sv_package.hpp"

#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

using namespace bittrue;

namespace {

Graph network(std::vector<Node> nodes, const std::string& input = "in") {
    Graph graph;
    graph.name = "net";
    graph.input = {.name = input, .shape = {.dims = {4}}, .type = parse_type("ap_ufixed<8,0,AP_RND,AP_SAT>")};
    std::string from = input;
    for (Node& node : nodes) {
        if (node.inputs.empty()) node.inputs = {from};
        from = node.name;
    }
    graph.nodes = std::move(nodes);
    validate(graph);
    return graph;
}

Node layer(const std::string& name, Operation op, const std::string& type = "ap_fixed<6,8,AP_RND_CONV,AP_SAT_SYM>") {
    return {.name = name, .op = std::move(op), .result = parse_type(type)};
}

std::string text_of(const Graph& graph) {
    return make_sv_package(graph, "formats").bytes;
}

// `line` is one of the package's lines, its comment left out.
bool has(const std::string& text, const std::string& line) {
    return text.find("\n    localparam " + line + ";") != std::string::npos;
}

std::string reason(const std::string& name) {
    try {
        (void)make_sv_package(network({layer("a", Relu{})}), name);
    } catch (const InputError& e) {
        return e.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a package is named and placed as asked, and the same every time") {
    const Graph graph = network({layer("a", Relu{})});
    const SetFile file = make_sv_package(graph, "cnn_formats");
    CHECK(file.path == "cnn_formats.sv");
    CHECK(file.bytes.find("\npackage cnn_formats;\n") != std::string::npos);
    CHECK(file.bytes == make_sv_package(graph, "cnn_formats").bytes);
}

TEST_CASE("a name that SystemVerilog does not take is refused with the remedy") {
    for (const char* name : {"", "8bit", "my-net", "a b", "caf\xc3\xa9", "a\nb", "package", "logic", "a.sv", "../a"}) {
        INFO(name);
        CHECK(reason(name).find("is no name of a SystemVerilog package") != std::string::npos);
    }
    for (const char* name : {"_", "net", "Package", "logic_", "a8"}) CHECK(reason(name).empty());
}

TEST_CASE("formats are told with their fraction bits, be they negative or more than the width") {
    const std::string text = text_of(network({layer("a", Relu{}), layer("b", Relu{}, "ap_ufixed<3,-2>")}));
    CHECK(has(text, "int INPUT_WIDTH = 8"));
    CHECK(has(text, "int INPUT_FRAC = 8"));
    CHECK(has(text, "bit INPUT_SIGNED = 0"));
    CHECK(has(text, "int INPUT_ROUND = RND"));
    CHECK(has(text, "int A_IN_FRAC = INPUT_FRAC"));
    CHECK(has(text, "int A_OUT_WIDTH = 6"));
    CHECK(has(text, "int A_OUT_FRAC = -2"));
    CHECK(has(text, "bit A_OUT_SIGNED = 1"));
    CHECK(has(text, "int A_OUT_ROUND = RND_CONV"));
    CHECK(has(text, "int A_OUT_OVERFLOW = SAT_SYM"));
    CHECK(has(text, "int B_IN_WIDTH = A_OUT_WIDTH"));
    CHECK(has(text, "int B_OUT_FRAC = 5"));
    CHECK(has(text, "int B_OUT_OVERFLOW = WRAP"));
}

TEST_CASE("wrapping with saturated bits has a code of its own") {
    const std::string text = text_of(network(
        {layer("a", Relu{}, "ap_fixed<6,3,AP_TRN,AP_WRAP,2>"), layer("b", Relu{}, "ap_fixed<6,3,AP_TRN,AP_WRAP_SM>")}));
    CHECK(has(text, "int A_OUT_OVERFLOW = WRAP_BITS"));
    CHECK(has(text, "int A_OUT_SATURATED_BITS = 2"));
    CHECK(has(text, "int B_OUT_OVERFLOW = WRAP_SM"));
    CHECK(text.find("B_OUT_SATURATED_BITS") == std::string::npos);
}

TEST_CASE("names of layers become prefixes, and those that would give a name twice get a number") {
    const std::string text = text_of(network({layer("conv/2d", Relu{}), layer("conv-2d", Relu{}), layer("1st", Relu{}),
                                              layer("input", Relu{}), layer("b\"b\xc3\xa9", Relu{})}));
    CHECK(has(text, "int CONV_2D_OP = OP_RELU"));
    CHECK(has(text, "int CONV_2D_2_OP = OP_RELU"));
    CHECK(has(text, "int N1ST_IN_WIDTH = CONV_2D_2_OUT_WIDTH"));
    CHECK(has(text, "int INPUT_IN_WIDTH = N1ST_OUT_WIDTH"));
    CHECK(has(text, "int B_B___IN_WIDTH = INPUT_OUT_WIDTH"));
}

TEST_CASE("a layer that is named as another one's constants begin keeps its own apart") {
    const Node sum{.name = "a_out", .inputs = {"a", "in"}, .op = Add{}, .result = parse_type("ap_fixed<9,4>")};
    const std::string text =
        text_of(network({layer("a", Quantize{}), sum, layer("bias", Relu{}), layer("op", Relu{})}));
    CHECK(has(text, "int A_OUT_OP = OP_ADD"));
    CHECK(has(text, "int A_OUT_IN0_WIDTH = A_OUT_WIDTH"));
    CHECK(has(text, "int A_OUT_IN1_WIDTH = INPUT_WIDTH"));
    CHECK(has(text, "int A_OUT_OUT_WIDTH = 9"));
    CHECK(has(text, "int OP_OP = OP_RELU"));
}

TEST_CASE("a dense layer without a bias has one bit of it, and exact products their exact format") {
    Dense dense{.weights = {.dims = {4, 2}, .raw = {1, 2, 3, 4, 5, 6, 7, -8}, .type = parse_type("ap_fixed<4,1>")}};
    dense.accumulator.type = parse_type("ap_fixed<20,9,AP_TRN,AP_SAT>");
    const std::string text = text_of(network({layer("d", dense)}));
    CHECK(has(text, "int D_IN_ELEMENTS = INPUT_ELEMENTS"));
    CHECK(has(text, "int D_OUT_ELEMENTS = 2"));
    CHECK(has(text, "int D_W_WIDTH = 4"));
    CHECK(has(text, "int D_W_FRAC = 3"));
    CHECK(has(text, "bit D_HAS_BIAS = 0"));
    CHECK(has(text, "int D_B_WIDTH = 1"));
    CHECK(has(text, "bit D_PRODUCT_CAST = 0"));
    CHECK(has(text, "int D_PRODUCT_WIDTH = 12"));
    CHECK(has(text, "int D_PRODUCT_FRAC = 11"));
    CHECK(has(text, "bit D_PRODUCT_SIGNED = 1"));
    CHECK(has(text, "int D_ACC_WIDTH = 20"));
    CHECK(has(text, "int D_ACC_FRAC = 11"));
    CHECK(has(text, "int D_SCHEDULE = SCHEDULE_SEQUENTIAL"));
    dense.accumulator.product = parse_type("ap_fixed<10,9,AP_RND_INF,AP_SAT_ZERO>");
    dense.accumulator.schedule = Schedule::Cascade;
    dense.accumulator.group = 2;
    dense.accumulator.quantize = QuantizeAt::Fold;
    dense.accumulator.bias = BiasPosition::Last;
    const std::string other = text_of(network({layer("d", dense)}));
    CHECK(has(other, "bit D_PRODUCT_CAST = 1"));
    CHECK(has(other, "int D_PRODUCT_FRAC = 1"));
    CHECK(has(other, "int D_PRODUCT_ROUND = RND_INF"));
    CHECK(has(other, "int D_PRODUCT_OVERFLOW = SAT_ZERO"));
    CHECK(has(other, "int D_SCHEDULE = SCHEDULE_CASCADE"));
    CHECK(has(other, "int D_GROUP = 2"));
    CHECK(has(other, "int D_QUANTIZE = QUANTIZE_FOLD"));
    CHECK(has(other, "int D_BIAS_POSITION = BIAS_LAST"));
}

TEST_CASE("real numbers and shifts are told exactly") {
    Requantize op{.multiplier = {.dims = {1}, .raw = {3}, .type = parse_type("ap_int<8>")}, .shift = {-2}};
    op.zero_point = -5;
    const std::string text =
        text_of(network({layer("c", ClippedRelu{.max = 0.375}), layer("k", Clip{.min = -6, .max = 0.1}),
                         layer("i", Quantize{}, "ap_int<8>"), layer("r", op, "ap_int<8>")}));
    CHECK(has(text, "longint C_MAX_RAW = 64'sd3"));
    CHECK(has(text, "int C_MAX_FRAC = 3"));
    CHECK(has(text, "longint K_MIN_RAW = -64'sd3"));
    CHECK(has(text, "int K_MIN_FRAC = -1"));
    CHECK(has(text, "longint K_MAX_RAW = 64'sd3602879701896397"));
    CHECK(has(text, "int K_MAX_FRAC = 55"));
    CHECK(has(text, "int R_SHIFTS = 1"));
    CHECK(has(text, "bit [7:0] R_SHIFT = {8'hfe}"));
    CHECK(has(text, "longint R_ZERO_POINT = -64'sd5"));
    CHECK(has(text, "int R_RULE = RULE_EXACT"));
}
