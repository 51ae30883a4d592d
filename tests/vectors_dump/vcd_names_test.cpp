// Which bits a name of the map means, for every way that simulators declare signals.
#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// Two steps with a rising clock in the second; `vars` and `values` are of the test.
const std::string kBegin =
    "$timescale 1ns $end\n$scope module tb $end\n$var wire 1 ! clk $end\n$scope module dut $end\n";

VectorSet read(const std::string& vars, const std::string& values, std::vector<std::string> signals) {
    const Folder folder;
    spill(folder / "a.vcd",
          kBegin + vars + "$upscope $end $upscope $end $enddefinitions $end\n#0\n0!\n" + values + "#1\n1!\n");
    return read_dump(folder / "a.vcd", mapped("tb.clk", {source_of("l", std::move(signals))}));
}
std::string word(const std::string& vars, const std::string& values, std::vector<std::string> signals) {
    const VectorLayer layer = only_layer(read(vars, values, std::move(signals)));
    return std::to_string(layer.stored.width) + ":" + std::to_string(layer.words.at(0));
}
std::string error(const std::string& vars, std::vector<std::string> signals) {
    return error_of([&] { static_cast<void>(read(vars, "", std::move(signals))); });
}

}  // namespace

TEST_CASE("a vector is found with its range apart, attached, absent, or declared upwards") {
    const std::string values = "b10110010 a\n";
    for (const std::string reference : {"d [7:0]", "d[7:0]", "d", "d [0:7]", "d [ 7 : 0 ]", "d [15:8]"}) {
        CHECK(word("$var wire 8 a " + reference + " $end\n", values, {"tb.dut.d"}) == "8:178");
    }
}

TEST_CASE("part selects follow the declared range") {
    const std::string values = "b10110010 a\n";
    CHECK(word("$var wire 8 a d [7:0] $end\n", values, {"tb.dut.d[7:4]"}) == "4:11");
    CHECK(word("$var wire 8 a d [7:0] $end\n", values, {"tb.dut.d[1]"}) == "1:1");
    CHECK(word("$var wire 8 a d [15:8] $end\n", values, {"tb.dut.d[11:8]"}) == "4:2");
    CHECK(word("$var wire 8 a d [0:7] $end\n", values, {"tb.dut.d[0:3]"}) == "4:11");
    CHECK(word("$var wire 8 a d [0:7] $end\n", values, {"tb.dut.d[7]"}) == "1:0");
    CHECK(word("$var wire 8 a d $end\n", values, {"tb.dut.d[5:4]"}) == "2:3");
    CHECK(word("$var wire 8 a d [3:-4] $end\n", values, {"tb.dut.d[0:-2]"}) == "3:4");
    CHECK(error("$var wire 8 a d [7:0] $end\n", {"tb.dut.d[8:1]"}).find("'tb.dut.d' has the bits [7:0], not [8:1]") !=
          std::string::npos);
    CHECK(error("$var wire 8 a d [7:0] $end\n", {"tb.dut.d[0:3]"}).find("has the bits [7:0], not [0:3]") !=
          std::string::npos);
}

TEST_CASE("a vector that is written bit by bit is joined") {
    std::string apart, attached, values;
    for (int i = 0; i < 4; ++i) {
        const std::string code(1, static_cast<char>('a' + i));
        apart += "$var wire 1 " + code + " q [" + std::to_string(i) + "] $end\n";
        attached += "$var wire 1 " + code + " q[" + std::to_string(i) + "] $end\n";
        values += (i == 1 || i == 3 ? "1" : "0") + code + "\n";
    }
    CHECK(word(apart, values, {"tb.dut.q"}) == "4:10");
    CHECK(word(attached, values, {"tb.dut.q"}) == "4:10");
    CHECK(word(apart, values, {"tb.dut.q[3:2]"}) == "2:2");
    CHECK(word(attached, values, {"tb.dut.q[1]"}) == "1:1");
    CHECK(word(apart, values, {"tb.dut.q[1]"}) == "1:1");
}

TEST_CASE("slices of a vector are joined, and a missing one is an error") {
    const std::string low = "$var wire 4 a q [3:0] $end\n";
    CHECK(word(low + "$var wire 4 b q [7:4] $end\n", "b1 a\nb10 b\n", {"tb.dut.q"}) == "8:33");
    CHECK(word(low + "$var wire 4 b q [7:4] $end\n", "b1100 a\nb10 b\n", {"tb.dut.q[5:2]"}) == "4:11");
    CHECK(error(low + "$var wire 4 b q [8:5] $end\n", {"tb.dut.q"}).find("they leave out or repeat tb.dut.q[4]") !=
          std::string::npos);
}

TEST_CASE("elements of memories are named as the simulators name them") {
    CHECK(word("$var reg 8 a \\m[3] [7:0] $end\n", "b101 a\n", {"tb.dut.m[3]"}) == "8:5");
    CHECK(word("$var wire 8 a m[3] [7:0] $end\n$var wire 8 b m[2] [7:0] $end\n", "b101 a\nb110 b\n",
               {"tb.dut.m[2]", "tb.dut.m[3][3:0]"}) == "12:1286");
    CHECK(word("$var wire 8 a m[1][2] [7:0] $end\n", "b101 a\n", {"tb.dut.m[1][2][2:1]"}) == "2:2");
}

TEST_CASE("escaped names, generate scopes and aliases are found") {
    CHECK(word("$var wire 8 a \\odd.name+1 [7:0] $end\n", "b101 a\n", {"tb.dut.odd.name+1"}) == "8:5");
    CHECK(word("$scope begin gen[3] $end $var wire 2 a x [1:0] $end $upscope $end\n", "b10 a\n", {"tb.dut.gen[3].x"}) ==
          "2:2");
    CHECK(word("$var wire 8 a one [7:0] $end\n$var wire 8 a two [7:0] $end\n", "b101 a\n", {"tb.dut.two"}) == "8:5");
    // An alias as narrow as a port that takes the low bits only.
    CHECK(word("$var wire 4 a low [3:0] $end\n$var wire 8 a all [7:0] $end\n", "b10101010 a\n",
               {"tb.dut.low", "tb.dut.all"}) == "12:2730");
}

TEST_CASE("several signals are one word, the first in the low bits") {
    CHECK(word("$var wire 4 a x [3:0] $end\n$var wire 1 b y $end\n", "b0110 a\n1b\n", {"tb.dut.x", "tb.dut.y"}) ==
          "5:22");
    CHECK(word("$var wire 4 a x [3:0] $end\n$var wire 1 b y $end\n", "b0110 a\n1b\n", {"tb.dut.y", "tb.dut.x"}) ==
          "5:13");
}

TEST_CASE("the end of a name is enough where it is unique, in any case, and it is said") {
    const std::string vars =
        "$var wire 8 a Data [7:0] $end\n$scope module u1 $end $var wire 8 b x [7:0] $end $upscope $end\n"
        "$scope module u2 $end $var wire 8 c x [7:0] $end $upscope $end\n";
    const std::string values = "b1 a\nb10 b\nb11 c\n";
    CHECK(word(vars, values, {"dut.data"}) == "8:1");
    CHECK(word(vars, values, {"/tb/dut/Data"}) == "8:1");
    CHECK(word(vars, values, {"u2.x[1:0]"}) == "2:3");
    CHECK(has_note(read(vars, values, {"data"}), "'data' is taken as tb.dut.Data"));
    CHECK_FALSE(has_note(read(vars, values, {"tb.dut.Data"}), "taken as"));
    CHECK(error(vars, {"x"}).find("'x' may be tb.dut.u1.x or tb.dut.u2.x; write the whole name") != std::string::npos);
}

TEST_CASE("a name that is not there names those that are alike") {
    const std::string vars = "$var wire 8 a conv_data [7:0] $end\n$var wire 8 b pool_data [7:0] $end\n";
    CHECK(error(vars, {"tb.dut.conv_dta"})
              .find("layer 'l': has no signal 'tb.dut.conv_dta'; alike are tb.dut.conv_data") != std::string::npos);
    CHECK(error("$var real 64 a level $end\n", {"tb.dut.level"}).find("is a real, text or event, not a word") !=
          std::string::npos);
    CHECK(error("$var wire 2000000000 a wide $end\n$var wire 1 a low $end\n", {"tb.dut.low"})
              .find("the code 'a' has 2000000000 bits") != std::string::npos);
    CHECK(error("$var wire 70000 a wide $end\n", {"tb.dut.wide"}).find("has 70000 bits; words of 1 to 65536") !=
          std::string::npos);
}

TEST_CASE("a qualifier has one bit") {
    const Folder folder;
    spill(folder / "a.vcd",
          kBegin +
              "$var wire 2 a v [1:0] $end $upscope $end $upscope $end $enddefinitions $end\n#0\n0!\nb10 a\n#1\n1!\n");
    const auto read_with = [&](const std::string& valid) {
        return only_layer(read_dump(folder / "a.vcd", mapped("tb.clk", {source_of("l", {"tb.dut.v"}, valid)})));
    };
    CHECK(error_of([&] { static_cast<void>(read_with("tb.dut.v")); }).find("has 2 bits where one is needed") !=
          std::string::npos);
    CHECK(read_with("tb.dut.v[1]").words == Integers{2});
    CHECK(read_with("tb.dut.v[0]").words.empty());
}
