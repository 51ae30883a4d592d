// Packages of formats in the tools that read them, and what the whole network's RTL does with one.
#include <set>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/vectors/sv_package.hpp"
#include "bittrue/verify/report.hpp"
#include "exhaustive/random_graph.hpp"
#include "replay.hpp"

using namespace bittrue;
using namespace bittrue::test;
using bittrue::testing::Random;

namespace {

// What Icarus prints for an expression per line, in a module that sees all packages of the folder.
std::vector<std::string> printed(const Folder& folder, const std::string& files,
                                 const std::vector<std::string>& expressions) {
    std::string bench = "module values;\n  initial begin\n";
    for (const std::string& e : expressions) bench += fmt::format("    $display(\"%0d\", {});\n", e);
    spill(folder / "values.sv", bench + "  end\nendmodule\n");
    const Outcome outcome = shell(folder.path(), "iverilog -g2012 -Wall -Wno-timescale -s values -o values.vvp " +
                                                     files + " values.sv && vvp -n values.vvp");
    INFO(outcome.text);
    REQUIRE(outcome.status == 0);
    std::vector<std::string> lines;
    for (std::size_t at = 0, end = 0; (end = outcome.text.find('\n', at)) != std::string::npos; at = end + 1)
        lines.push_back(outcome.text.substr(at, end - at));
    return lines;
}

// The 8-bit network's package with another number for a constant.
SetFile changed(const std::string& constant, const std::string& value) {
    SetFile package = mnist_cnn_package();
    const std::string begin = " " + constant + " = ";
    const std::size_t at = package.bytes.find(begin);
    REQUIRE(at != std::string::npos);
    const std::size_t from = at + begin.size(), end = package.bytes.find(';', from);
    REQUIRE(package.bytes.substr(from, end - from) != value);
    package.bytes.replace(from, end - from, value);
    return package;
}

}  // namespace

TEST_CASE("modes have the codes of fixed_point.sv in every package") {
    const Folder folder;
    const SetFile package = mnist_cnn_package();
    spill(folder / package.path, package.bytes);
    std::vector<std::string> pairs;
    const char* const names[] = {"TRN",      "TRN_ZERO", "RND", "RND_ZERO", "RND_MIN_INF", "RND_INF",
                                 "RND_CONV", "WRAP",     "SAT", "SAT_SYM",  "SAT_ZERO"};
    for (const std::string name : names)
        for (const char* from : {"cnn::", "fixed_point::"}) pairs.push_back(from + name);
    const std::vector<std::string> numbers = printed(folder, package.path + " " + kRtl + "/sv/fixed_point.sv", pairs);
    REQUIRE(numbers.size() == pairs.size());
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
        INFO(pairs[i]);
        CHECK(numbers[i] == numbers[i + 1]);
    }
}

TEST_CASE("packages of networks of all operations are read without a word, and have every tensor's format") {
    const Folder folder;
    Random random(20);
    std::string files;
    std::set<std::string> ops;
    std::vector<std::string> asked, expected;
    const auto ask = [&](const std::string& expression, std::int64_t number) {
        asked.push_back(expression);
        expected.push_back(std::to_string(number));
    };
    const auto ask_tensor = [&](const std::string& prefix, const Shape& shape, const Format& format) {
        ask(prefix + "ELEMENTS", shape.count());
        ask(prefix + "WIDTH", format.width);
        ask(prefix + "FRAC", format.width - format.integer);
        ask(prefix + "SIGNED", format.is_signed ? 1 : 0);
    };
    for (int i = 0; i < 60; ++i) {
        Graph graph = testing::random_graph(random, 8);
        for (std::size_t n = 0; n < graph.nodes.size(); ++n) ops.insert(op_name(graph.nodes[n].op));
        const std::string name = fmt::format("random_{}", i);
        const SetFile package = make_sv_package(graph, name);
        spill(folder / package.path, package.bytes);
        files += package.path + " ";
        ask_tensor(name + "::INPUT_", graph.input.shape, graph.input.type.format);
        for (const Node& node : graph.nodes) {
            std::string prefix = node.name;
            for (char& c : prefix) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            ask_tensor(fmt::format("{}::{}_OUT_", name, prefix), node.shape, node.result.format);
            const std::string in = node.inputs.size() == 1 ? "IN_" : "IN0_";
            ask_tensor(fmt::format("{}::{}_{}", name, prefix, in), shape_of(graph, node.inputs.front()),
                       type_of(graph, node.inputs.front()).format);
        }
    }
    CHECK(ops.size() >= 21);
    const std::vector<std::string> numbers = printed(folder, files, asked);
    REQUIRE(numbers.size() == asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
        INFO(asked[i]);
        CHECK(numbers[i] == expected[i]);
    }
    spill(folder / "top.sv", "module top;\nendmodule\n");
    for (const std::string tool : {"verilator --lint-only -Wall --top-module top ", "yosys -q -p 'read_verilog -sv "}) {
        const bool yosys = tool[0] == 'y';
        const Outcome outcome = shell(folder.path(), tool + files + "top.sv" + (yosys ? "'" : ""));
        INFO(outcome.text);
        CHECK(outcome.status == 0);
        CHECK(outcome.text.empty());
    }
}

TEST_CASE("another number in the package is found out in the layer that it belongs to") {
    struct Change {
        const char *constant, *value, *layer;
    };
    const Change changes[] = {{"INPUT_SIGNED", "1", "conv2d"},
                              {"CONV2D_W_FRAC", "5", "conv2d"},
                              {"CONV2D_W_SIGNED", "0", "conv2d"},
                              {"CONV2D_B_FRAC", "6", "conv2d"},
                              {"CONV2D_ACC_WIDTH", "14", "conv2d"},
                              {"CONV2D_ACC_FRAC", "9", "conv2d"},
                              {"CONV2D_OUT_ROUND", "TRN", "conv2d"},
                              {"DENSE_W_FRAC", "6", "dense"},
                              {"DENSE_B_FRAC", "5", "dense"},
                              {"DENSE_ACC_WIDTH", "13", "dense"},
                              {"DENSE_OUT_ROUND", "TRN", "dense"},
                              {"DENSE_RELU_OUT_FRAC", "5", "dense_relu"},
                              {"DENSE_1_W_FRAC", "6", "dense_1"},
                              {"DENSE_1_ACC_FRAC", "6", "dense_1"},
                              {"DENSE_1_OUT_ROUND", "TRN_ZERO", "dense_1"},
                              {"DENSE_1_SOFTMAX_DIFF_FRAC", "0", "dense_1_softmax"},
                              {"DENSE_1_SOFTMAX_EXP_FRAC", "18", "dense_1_softmax"},
                              {"DENSE_1_SOFTMAX_INDEX_FRAC", "9", "dense_1_softmax"},
                              {"DENSE_1_SOFTMAX_INV_FRAC", "17", "dense_1_softmax"},
                              {"DENSE_1_SOFTMAX_OUT_OVERFLOW", "WRAP", "dense_1_softmax"}};
    const VectorSet golden = mnist_cnn_vectors(2);
    for (const Change& change : changes) {
        Design design = mnist_cnn_design();
        design.package = changed(change.constant, change.value);
        const Replay played = replay(Simulator::Icarus, golden, design);
        INFO(change.constant << " = " << change.value << "\n" << played.outcome.text);
        CHECK(played.outcome.status != 0);
        const bool found = played.report.has_value() && played.report->first_differing.has_value();
        CHECK(found);
        if (found) CHECK(played.report->layers[*played.report->first_differing].name == change.layer);
    }
}

TEST_CASE("a network that the RTL's blocks do not compute is refused with the reason when it is elaborated") {
    struct Change {
        const char *constant, *value, *reason;
    };
    const Change changes[] = {
        {"CONV2D_STRIDE_ROWS", "2", "conv2d_is_no_square_window_of_stride_1_without_padding"},
        {"CONV2D_OP", "OP_DENSE", "conv2d_is_no_square_window_of_stride_1_without_padding"},
        {"CONV2D_BIAS_POSITION", "BIAS_LAST", "conv2d_does_not_sum_term_by_term_with_the_bias_first"},
        {"DENSE_SCHEDULE", "SCHEDULE_TREE", "dense_does_not_sum_term_by_term_with_the_bias_first"},
        {"DENSE_1_QUANTIZE", "QUANTIZE_END", "dense_1_does_not_sum_term_by_term_with_the_bias_first"},
        {"DENSE_1_HAS_BIAS", "0", "dense_1_does_not_sum_term_by_term_with_the_bias_first"},
        {"DENSE_PRODUCT_CAST", "1", "dense_has_products_in_a_type_that_is_not_the_accumulators"},
        {"CONV2D_RELU_OP", "OP_LEAKY_RELU", "conv2d_relu_is_no_relu"},
        {"DENSE_RELU_OP", "OP_CLIPPED_RELU", "dense_relu_is_no_relu"},
        {"MAX_POOLING2D_STRIDE_COLUMNS", "1", "max_pooling2d_is_no_2x2_pool_without_padding_and_conversion"},
        {"MAX_POOLING2D_OUT_FRAC", "5", "max_pooling2d_is_no_2x2_pool_without_padding_and_conversion"},
        {"FLATTEN_REORDERS", "1", "flatten_is_no_flatten_in_storage_order_without_conversion"},
        {"DENSE_1_SOFTMAX_KIND", "SOFTMAX_LATENCY",
         "dense_1_softmax_is_no_stable_softmax_with_unsigned_tables_and_sums"},
        {"DENSE_1_SOFTMAX_ACC_SIGNED", "1", "dense_1_softmax_is_no_stable_softmax_with_unsigned_tables_and_sums"},
        {"DENSE_OUT_ROUND", "RND_CONV_ODD", "requantise_has_no_such_rounding_or_overflow"},
        {"DENSE_OUT_OVERFLOW", "WRAP_BITS", "requantise_has_no_such_rounding_or_overflow"}};
    const Folder folder;
    for (const Change& change : changes) {
        const SetFile package = changed(change.constant, change.value);
        spill(folder / package.path, package.bytes);
        for (const char* tool :
             {"iverilog -g2012 -t null -y {0} -Y .sv -s mnist_cnn {1} {0}/fixed_point.sv {0}/mnist_cnn.sv",
              "verilator --lint-only -Wno-fatal --top-module mnist_cnn -y {0} {1} {0}/fixed_point.sv "
              "{0}/mnist_cnn.sv"}) {
            const Outcome outcome = shell(folder.path(), fmt::format(fmt::runtime(tool), kRtl + "/sv", package.path));
            INFO(change.constant << " = " << change.value << "\n" << outcome.text);
            CHECK(outcome.status != 0);
            CHECK(outcome.text.find(change.reason) != std::string::npos);
        }
    }
}
