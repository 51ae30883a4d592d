// Vivado ILA exports: radices, windows, ranges, clocks.
#include <filesystem>

#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

VectorSet read_text(const std::string& text, DumpOptions options) {
    const Folder folder;
    spill(folder / "a.csv", text);
    return read_dump(folder / "a.csv", options);
}
VectorLayer layer(const std::string& text, DumpOptions options) {
    return only_layer(read_text(text, std::move(options)));
}
std::string error(const std::string& text, DumpOptions options) {
    return error_of([&] { static_cast<void>(read_text(text, std::move(options))); });
}

const std::string kHead = "Sample in Buffer,Sample in Window,TRIGGER,";

}  // namespace

TEST_CASE("each column has its own radix") {
    const std::string text =
        kHead +
        "h[7:0],s[7:0],u[7:0],b[7:0]\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,SIGNED,UNSIGNED,BINARY\n"
        "0,0,0,8f,-113,143,10001111\n1,1,1,0,-128,0,0\n2,2,0,7f,127,127,1111111\n";
    for (const char* name : {"h", "s", "u", "b"}) {
        const VectorLayer read = layer(text, mapped("", {source_of("l", {name})}));
        CHECK(read.words == (std::string(name) == "s" ? Integers{143, 128, 127} : Integers{143, 0, 127}));
        CHECK(read.beat_times == Times{0, 1, 2});
        CHECK(read.time_unit == "sample");
    }
}

TEST_CASE("a file without a row of radices is hexadecimal, and it is said") {
    const VectorSet set = read_text(kHead + "p[7:0]\n0,0,0,10\n1,1,0,ff\n", mapped("", {source_of("l", {"p[7:0]"})}));
    CHECK(only_layer(set).words == Integers{16, 255});
    CHECK(has_note(set, "has no row of radices; its values are taken as hexadecimal"));
}

TEST_CASE("probes of more than 64 bits are read in every radix") {
    const std::string head =
        kHead + "p[99:0],u[99:0],s[99:0]\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,UNSIGNED,SIGNED\n";
    const std::string row =
        "0,0,0,f000000000000000000000001,1188422437713965063903159255041,-79228162514264337593543950335\n";
    DumpOptions options = mapped("", {source_of("p", {"p"}), source_of("u", {"u"}), source_of("s", {"s"})});
    for (DumpSource& source : options.map->sources) source.packing.lanes = 2;
    const VectorSet set = read_text(head + row, options);
    // 100 bits as two words of 50: 1 in the low one, 0xf << 46 in the high one.
    for (const VectorLayer& read : set.layers) CHECK(read.words == Integers{1, std::int64_t{15} << 46});
}

TEST_CASE("valid and ready choose the samples") {
    const std::string text = kHead +
                             "d[7:0],v,r\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX,HEX\n"
                             "0,0,0,01,0,1\n1,1,0,02,1,1\n2,2,0,03,1,0\n3,3,0,04,1,1\n";
    const VectorLayer read = layer(text, mapped("", {source_of("l", {"d"}, "v", "r")}));
    CHECK(read.words == Integers{2, 4});
    CHECK(read.beat_times == Times{1, 3});
}

TEST_CASE("a clock among the probes is sampled before its edges") {
    const std::string text = kHead +
                             "clk,d[7:0]\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX\n"
                             "0,0,0,1,01\n1,1,0,0,02\n2,2,0,0,03\n3,3,0,1,04\n4,4,0,1,05\n5,5,0,0,06\n6,6,0,1,07\n";
    const VectorLayer read = layer(text, mapped("clk", {source_of("l", {"d"})}));
    CHECK(read.words == Integers{3, 6});
    CHECK(read.beat_times == Times{3, 6});
}

TEST_CASE("several windows follow each other, an edge between two of them is none, and it is said") {
    const std::string text = kHead +
                             "clk,d[7:0]\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX\n"
                             "0,0,1,0,01\n1,1,0,1,02\n2,2,0,0,03\n3,0,1,1,04\n4,1,0,0,05\n5,2,0,1,06\n";
    const VectorSet set = read_text(text, mapped("clk", {source_of("l", {"d"})}));
    CHECK(only_layer(set).words == Integers{1, 5});
    CHECK(has_note(set, "holds 2 capture windows"));
    CHECK(only_layer(read_text(text, mapped("", {source_of("l", {"d"})}))).words == Integers{1, 2, 3, 4, 5, 6});
}

TEST_CASE("a gap between samples is said") {
    const VectorSet set =
        read_text(kHead + "d[3:0],GAP\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX\n0,0,0,1,0\n1,1,0,2,1\n2,2,0,3,0\n",
                  mapped("", {source_of("l", {"d"})}));
    CHECK(only_layer(set).words == Integers{1, 2, 3});
    CHECK(has_note(set, "marks 1 gaps between samples"));
}

TEST_CASE("names may be quoted, hold blanks and slashes, and have their bits apart") {
    const std::string text =
        "\xef\xbb\xbf\"Sample in Buffer\",Sample in Window,TRIGGER,\"u/a, b [3:0]\",u/q[0],u/q[1]\r\n"
        "Radix - UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX,HEX\r\n\"0\",0,0,\"a\",0,1\r\n";
    CHECK(layer(text, mapped("", {source_of("l", {"u/a, b"})})).words == Integers{10});
    CHECK(layer(text, mapped("", {source_of("l", {"u/a, b[3:2]"})})).words == Integers{2});
    CHECK(layer(text, mapped("", {source_of("l", {"u/q"})})).words == Integers{2});
}

TEST_CASE("x and z of a hexadecimal probe are four undefined bits") {
    const VectorLayer read = layer(kHead + "d[7:0]\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX\n0,0,0,1x\n1,1,0,z3\n",
                                   mapped("", {source_of("l", {"d"})}));
    CHECK(read.undefined == Integers{0, 1});
    CHECK(read.undefined_bits == Texts{"0b0001xxxx", "0bzzzz0011"});
}

TEST_CASE("rows that do not fit their header are errors with the line, a cut last row is left out") {
    const DumpOptions options = mapped("", {source_of("l", {"d"})});
    const std::string head = kHead + "d[7:0]\nRadix - UNSIGNED,UNSIGNED,UNSIGNED,HEX\n0,0,0,11\n";
    CHECK(error(head + "1,1,0\n2,2,0,22\n", options).find("a.csv:4: has 3 cells, its header 4") != std::string::npos);
    CHECK(error(head + "1,1,0,100\n", options).find("a.csv:4: '100' is no value of 8 bits for the probe 'd[7:0]'") !=
          std::string::npos);
    CHECK(error(head + "1,1,0,q\n", options).find("'q' is no value") != std::string::npos);
    CHECK(error(kHead + "d\n0,0,0,1\n1,1,0,3\n", options).find("write its range into the header, as in 'probe[7:0]'") !=
          std::string::npos);
    CHECK(error(head, mapped("", {source_of("l", {"e"})})).find("has no signal 'e'; alike are d") != std::string::npos);
    DumpOptions as = options;
    as.as = "ila";
    CHECK(error("a,b\n1,2\n", as).find("is no ILA export") != std::string::npos);
    const VectorSet cut = read_text(head + "1,1,0,22\n2,2", options);
    CHECK(only_layer(cut).words == Integers{17, 34});
    CHECK(has_note(cut, "ends within a row, which is left out; the last whole one is sample 1"));
}

TEST_CASE("the capture of a running Zynq is read from both of its exports") {
    const std::string folder = BITTRUE_SOURCE_DIR "/../shared/hwdumps/vivado_ila_capture/";
    if (!std::filesystem::exists(folder)) {
        WARN("SKIPPED: " << folder << " absent");
        return;
    }
    const DumpOptions csv =
        mapped("", {source_of("y", {"y_buf_data"}), source_of("led", {"done_led_o_OBUF", "p_0_in"})});
    const VectorSet rows = read_dump(folder + "waveform.csv", csv);
    CHECK(rows.layers.at(0).words == Integers(1024, 0));
    CHECK(rows.layers.at(0).stored.width == 32);
    CHECK(rows.layers.at(0).beat_times.back() == 1023);
    CHECK(rows.layers.at(1).words == Integers(1024, 2));
    const VectorSet changes =
        read_dump(folder + "waveform.vcd", mapped("", {source_of("led", {"dut.done_led_o_OBUF", "dut.p_0_in"})}));
    CHECK(only_layer(changes).words == Integers(513, 2));
    CHECK(has_note(changes, "up to the last change at sample 512; the end of the capture is not in such a file"));
    CHECK(list_signals(folder + "waveform.csv").size() == 9);
    CHECK(list_signals(folder + "waveform.vcd").size() == 12);
}
