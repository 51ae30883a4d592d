// A map proposed from names, widths and activity.
#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

SignalActivity signal(const std::string& name, int width, std::uint64_t changes) {
    SignalActivity activity;
    activity.name = name;
    activity.width = width;
    activity.changes = changes;
    return activity;
}

VectorSet net() {
    VectorSet set;
    set.layers = {expected_layer("input", bits(8, 8), {1, 16}), expected_layer("conv2d", bits(8, 3), {1, 16}),
                  expected_layer("max_pooling2d", bits(8, 3), {1, 4}), expected_layer("dense", bits(16, 6), {1, 10})};
    return set;
}

const DumpSource* source(const MapProposal& proposal, const std::string& layer) {
    for (const DumpSource& one : proposal.map.sources) {
        if (one.layer == layer) return &one;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("a map is proposed from names, widths and activity") {
    const VectorSet expected = net();
    const MapProposal proposal = propose_map(
        {signal("tb.rst", 1, 2), signal("tb.clk", 1, 2000), signal("tb.dut.clk", 1, 2000), signal("tb.in_data", 8, 90),
         signal("tb.in_valid", 1, 40), signal("tb.in_ready", 1, 30), signal("tb.dut.conv2d_data", 32, 50),
         signal("tb.dut.conv2d_valid", 1, 50), signal("tb.dut.conv2d_count", 5, 50),
         signal("tb.dut.m_axis_dense_tdata", 16, 10), signal("tb.dut.m_axis_dense_tvalid", 1, 10),
         signal("tb.dut.m_axis_dense_tready", 1, 10), signal("tb.dut.dense_acc", 24, 100)},
        &expected);
    CHECK(proposal.map.clock == "tb.clk");
    REQUIRE(source(proposal, "input") != nullptr);
    CHECK(source(proposal, "input")->signals == Texts{"tb.in_data"});
    CHECK(source(proposal, "input")->valid == "tb.in_valid");
    CHECK(source(proposal, "input")->ready == "tb.in_ready");
    REQUIRE(source(proposal, "conv2d") != nullptr);
    CHECK(source(proposal, "conv2d")->signals == Texts{"tb.dut.conv2d_data"});
    CHECK(source(proposal, "conv2d")->valid == "tb.dut.conv2d_valid");
    CHECK(source(proposal, "conv2d")->packing.lanes == 4);
    REQUIRE(source(proposal, "dense") != nullptr);
    CHECK(source(proposal, "dense")->signals == Texts{"tb.dut.m_axis_dense_tdata"});
    CHECK(source(proposal, "dense")->valid == "tb.dut.m_axis_dense_tvalid");
    CHECK(source(proposal, "dense")->ready == "tb.dut.m_axis_dense_tready");
    CHECK(source(proposal, "max_pooling2d") == nullptr);
    bool said = false;
    for (const std::string& note : proposal.notes) said = said || note.find("layer 'max_pooling2d': no signal") == 0;
    CHECK(said);
}

TEST_CASE("signals that never change, reals and other widths are not proposed") {
    VectorSet expected = net();
    expected.layers.resize(2);
    SignalActivity real = signal("tb.conv2d", 64, 100);
    real.real = true;
    const MapProposal proposal = propose_map(
        {signal("tb.clk", 1, 10), signal("tb.conv2d_data", 8, 0), signal("tb.conv2d_out", 9, 10), real}, &expected);
    CHECK(proposal.map.sources.empty());
    CHECK(propose_map({}, &expected).map.clock.empty());
    CHECK(propose_map({signal("tb.clk", 1, 10)}, nullptr).map.clock == "tb.clk");
}

TEST_CASE("a proposed map reads the dump it was proposed for") {
    const Folder folder;
    spill(folder / "a.vcd",
          "$timescale 1ns $end\n$scope module tb $end\n$var wire 1 ! clk $end\n$var wire 1 v conv_valid $end\n$var "
          "wire 8 d conv_data [7:0] $end\n"
          "$upscope $end\n$enddefinitions $end\n#0\n0!\n0v\nb0 d\n#1\n1!\n#2\n0!\n1v\nb11 d\n#3\n1!\n#4\n0!\nb11111111 "
          "d\n#5\n1!\n#6\n0!\n");
    VectorSet expected;
    expected.layers = {expected_layer("conv", bits(8, 3), {1, 2})};
    const MapProposal proposal = propose_map(list_signals(folder / "a.vcd"), &expected);
    spill(folder / "map.toml", print_dump_map(proposal.map));
    DumpOptions options;
    options.map = load_dump_map(folder / "map.toml");
    options.schema = &expected;
    CHECK(only_layer(read_dump(folder / "a.vcd", options)).words == Integers{3, -1});
}
