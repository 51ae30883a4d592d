// VCDs written by hand: sampling, edges, qualifiers, values.
#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kHeader =
    "$timescale 1ns $end\n$scope module tb $end\n$var wire 1 ! clk $end\n$var wire 1 \" v $end\n"
    "$var wire 1 # r $end\n$var wire 8 $ d [7:0] $end\n$var wire 1 % go $end\n$upscope $end\n$enddefinitions $end\n";

struct Read {
    VectorSet set{};
    VectorLayer layer{};
};
Read read(const std::string& body, DumpOptions options, const std::string& header = kHeader) {
    const Folder folder;
    spill(folder / "a.vcd", header + body);
    Read result;
    result.set = read_dump(folder / "a.vcd", options);
    result.layer = only_layer(result.set);
    return result;
}
DumpOptions plain(const std::string& valid = "", const std::string& ready = "") {
    return mapped("tb.clk", {source_of("l", {"tb.d"}, valid, ready)});
}

}  // namespace

TEST_CASE("a word is the value before the time step of the edge, whatever the order of the changes within it") {
    const std::string start = "#0\n0!\nb1 $\n";
    CHECK(read(start + "#5\n1!\nb10 $\n#10\n0!\n#15\n1!\n", plain()).layer.words == Integers{1, 2});
    CHECK(read(start + "#5\nb10 $\n1!\n#10\n0!\n#15\n1!\n", plain()).layer.words == Integers{1, 2});
    CHECK(read(start + "#5\nb10 $\n1!\n#10\n0!\n#15\n1!\n", plain()).layer.beat_times == Times{5, 15});
    // The same time twice is one step.
    CHECK(read(start + "#5\nb10 $\n#5\n1!\n#10\n0!\n#15\n1!\n", plain()).layer.words == Integers{1, 2});
}

TEST_CASE("only 0 to 1 is a rising edge, and a clock of x or z is said") {
    const auto [set, layer] =
        read("#0\nx!\nb1 $\n#1\n1!\n#2\n0!\n#3\nx!\n#4\n1!\n#5\n0!\n#6\n1!\n#7\nz!\n#8\n0!\n#9\n1!\n", plain());
    CHECK(layer.beat_times == Times{6, 9});
    CHECK(has_note(set, "the clock 'tb.clk' becomes x or z 2 times; only 0 to 1 is an edge"));
    DumpOptions falling = plain();
    falling.map->falling = true;
    CHECK(read("#0\n1!\nb1 $\n#1\n0!\n#2\nx!\n#3\n0!\n#4\n1!\n#5\n0!\n", falling).layer.beat_times == Times{1, 5});
}

TEST_CASE("an edge within a step counts though the clock falls back in it") {
    CHECK(read("#0\n0!\nb1 $\n#1\n1!\n0!\n#2\n1!\n", plain()).layer.beat_times == Times{1, 2});
}

TEST_CASE("a beat needs valid and ready, each of its own polarity") {
    std::string body = "#0\n0!\nb0 $\n0\"\n0#\n";
    int time = 1;
    for (int v = 0; v < 2; ++v) {
        for (int r = 0; r < 2; ++r) {
            body += "#" + std::to_string(time) + "\n" + std::to_string(v) + "\"\n" + std::to_string(r) + "#\nb" +
                    std::to_string(v) + std::to_string(r) + " $\n";
            body += "#" + std::to_string(time + 1) + "\n1!\n#" + std::to_string(time + 2) + "\n0!\n";
            time += 3;
        }
    }
    CHECK(read(body, plain()).layer.words == Integers{0, 1, 2, 3});
    CHECK(read(body, plain("tb.v")).layer.words == Integers{2, 3});
    CHECK(read(body, plain("tb.v", "tb.r")).layer.words == Integers{3});
    DumpOptions low = plain("tb.v", "tb.r");
    low.map->sources[0].valid_low = true;
    CHECK(read(body, low).layer.words == Integers{1});
    low.map->sources[0].ready_low = true;
    CHECK(read(body, low).layer.words == Integers{0});
    low.map->sources[0].valid_low = false;
    CHECK(read(body, low).layer.words == Integers{2});
}

TEST_CASE("valid of x takes no beat and is counted, unless ready is 0 anyway") {
    const auto [set, layer] =
        read("#0\n0!\nb1 $\nx\"\n1#\n#5\n1!\n#6\n0!\n0#\n#7\n1!\n#8\n0!\n1#\nz\"\n#9\n1!\n#10\n0!\n1\"\n#11\n1!\n",
             plain("tb.v", "tb.r"));
    CHECK(layer.beat_times == Times{11});
    CHECK(has_note(set, "valid or ready is x or z at 2 of 4 clock edges, first at 5 ns; no beat is taken there"));
}

TEST_CASE("x and z in a valid word are kept with their places, at other edges they do not matter") {
    const auto [set, layer] = read(
        "#0\n0!\nbx $\n0\"\n#1\n1!\n#2\n0!\n1\"\nb101x01 $\n#3\n1!\n#4\n0!\nb1 $\n#5\n1!\n#6\n0!\nbz10 $\n#7\n1!\n",
        plain("tb.v"));
    CHECK(layer.words == Integers{0, 1, 0});
    CHECK(layer.undefined == Integers{0, 2});
    CHECK(layer.undefined_bits == Texts{"0b00101x01", "0bzzzzzz10"});
}

TEST_CASE("a short value is extended by its first digit: 0 and 1 with 0, x with x, z with z") {
    const auto word = [](const std::string& digits) {
        const auto [set, layer] = read("#0\n0!\nb" + digits + " $\n#1\n1!\n", plain());
        return layer.undefined.empty() ? std::to_string(layer.words.at(0)) : layer.undefined_bits.at(0);
    };
    CHECK(word("0") == "0");
    CHECK(word("1") == "1");
    CHECK(word("10000000") == "128");
    CHECK(word("x") == "0bxxxxxxxx");
    CHECK(word("z1") == "0bzzzzzzz1");
    CHECK(word("1x") == "0b0000001x");
    CHECK(word("0x") == "0b0000000x");
    CHECK(word("0000000011") == "3");  // longer than the signal, but nothing is lost
    CHECK(word("UW-LH") == "0bxxxxxx01");
    CHECK(word("X0Z1") == "0bxxxxx0z1");
}

TEST_CASE("words of any width have every bit in its place") {
    for (const int width : {1, 7, 8, 9, 31, 32, 33, 63, 64}) {
        Words random(static_cast<std::uint64_t>(width));
        std::string body = "#0\n0!\n";
        Integers words;
        const Format format = bits(width, width, false);
        for (int i = 0; i < 50; ++i) {
            words.push_back(random.next(format));
            std::string digits;
            for (int bit = width - 1; bit >= 0; --bit) digits += (words.back() >> bit & 1) != 0 ? '1' : '0';
            if (i % 2 == 0) digits.erase(0, std::min(digits.find('1'), digits.size() - 1));
            body +=
                "#" + std::to_string(2 * i + 1) + "\n0!\nb" + digits + " $\n#" + std::to_string(2 * i + 2) + "\n1!\n";
        }
        const std::string header = "$timescale 1ns $end\n$var wire 1 ! tb.clk $end\n$var wire " +
                                   std::to_string(width) + " $ tb.d $end\n$enddefinitions $end\n";
        CHECK(read(body, plain(), header).layer.words == words);
    }
}

TEST_CASE("beats begin after start_when was 1, then skip and count apply") {
    std::string body = "#0\n0!\n0%\nb0 $\n";
    for (int i = 1; i <= 8; ++i) {
        body += "#" + std::to_string(10 * i) + "\n1!\nb" + (i % 2 == 1 ? "1" : "") +
                std::string(static_cast<std::size_t>(i / 2), '0') + "1 $\n";
        if (i == 3) body += "1%\n";  // with the third edge: that edge does not count
        if (i == 5) body += "0%\n";
        body += "#" + std::to_string(10 * i + 5) + "\n0!\n";
    }
    DumpOptions options = plain();
    options.map->sources[0].start_when = "tb.go";
    CHECK(read(body, options).layer.beat_times == Times{40, 50, 60, 70, 80});
    options.map->sources[0].skip = 2;
    CHECK(read(body, options).layer.beat_times == Times{60, 70, 80});
    options.map->sources[0].count = 1;
    CHECK(read(body, options).layer.beat_times == Times{60});
    options.map->sources[0].count = 0;
    CHECK(read(body, options).layer.beat_times.empty());
    options = plain();
    options.map->sources[0].start_when = "tb.r";
    CHECK(has_note(read(body, options).set, "'tb.r' is never 1, so there is no beat"));
}

TEST_CASE("layers may have clocks of their own") {
    const Folder folder;
    spill(folder / "a.vcd", kHeader + "#0\n0!\n0%\nb1 $\n#1\n1!\nb10 $\n#2\n1%\nb11 $\n#3\n0!\n0%\n#4\n1!\n1%\n");
    DumpOptions options = mapped("tb.clk", {source_of("a", {"tb.d"}), source_of("b", {"tb.d"})});
    options.map->sources[1].clock = "tb.go";
    const VectorSet set = read_dump(folder / "a.vcd", options);
    CHECK(set.layers.at(0).words == Integers{1, 3});
    CHECK(set.layers.at(1).words == Integers{2, 3});
    CHECK(set.layers.at(1).beat_times == Times{2, 4});
}

TEST_CASE("dumpoff makes values x until dumpon, which is no edge") {
    const auto [set, layer] = read(
        "#0\n$dumpvars\n0!\nb1 $\n$end\n#1\n1!\n#2\n0!\n#3\n$dumpoff\nx!\nbx $\n$end\n#9\n$dumpon\n1!\nb111 "
        "$\n$end\n#10\n0!\n"
        "#11\n1!\n$dumpall\n1!\nb111 $\n$end\n",
        plain());
    CHECK(layer.beat_times == Times{1, 11});
    CHECK(layer.words == Integers{1, 7});
    CHECK(has_note(set, "the dump is switched off once"));
}

TEST_CASE("reals, texts and comments between the changes are passed over") {
    const std::string header =
        "$date today $end $version 1 $end\n$comment made\nby hand $end $timescale 10 ps $end\n$scope begin tb $end\n"
        "$var real 64 R level $end $var string 1 S state $end $var event 1 E hit $end\n$var reg 1 ! clk $end $var reg "
        "8 $ d $end\n"
        "$upscope $end $enddefinitions $end";
    const auto [set, layer] = read(
        "\r\n#0\r\n0!\r\nr1.5e-3 R\r\nsIDLE S\r\n1E\r\nb1 $\r\n$comment 1! is no change $end\r\n#7\r\n1!\r\nr-2 R\r\n",
        plain(), header);
    CHECK(layer.words == Integers{1});
    CHECK(layer.beat_times == Times{70});
    CHECK(layer.time_unit == "ps");
}

TEST_CASE("blanks of any kind stand between the parts of a change") {
    CHECK(read("  #0 0! b1\n$ #1\t1!\n\n\nb11   $ #2 0! #3 1!", plain()).layer.words == Integers{1, 3});
}

TEST_CASE("identifier codes of any length are told apart") {
    std::string header = "$timescale 1ns $end\n$scope module tb $end\n$var wire 1 ! clk $end\n";
    const Texts codes{"a", "aa", "aaa", "aaaaaaa", "aaaaaaaa", "aaaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaa", "b"};
    std::string body = "#0\n0!\n";
    std::vector<DumpSource> sources;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::string name = "s" + std::to_string(i);
        header += "$var wire 8 " + codes[i] + " " + name + " $end\n";
        body += "b" + std::string(i + 1, '1') + " " + codes[i] + "\n";
        sources.push_back(source_of(name, {"tb." + name}));
    }
    const Folder folder;
    spill(folder / "a.vcd", header + "$upscope $end $enddefinitions $end\n" + body + "#1\n1!\n");
    const VectorSet set = read_dump(folder / "a.vcd", mapped("tb.clk", sources));
    for (std::size_t i = 0; i < codes.size(); ++i) {
        CHECK(set.layers.at(i).words == Integers{(std::int64_t{1} << (i + 1)) - 1});
    }
}

TEST_CASE("a change that the end of the file cuts off is left out and said, a whole one without a line end is not") {
    CHECK(read("#0\n0!\nb1 $\n#1\n1!", plain()).layer.words == Integers{1});
    const std::string header =
        kHeader.substr(0, kHeader.find("$upscope")) + "$var wire 1 !! other $end $upscope $end $enddefinitions $end\n";
    const auto [set, layer] = read("#0\n0!\nb1 $\n#1\n1!", plain(), header);
    CHECK(layer.words.empty());
    CHECK(has_note(set, "ends within a value change; read as far as 1 ns"));
    CHECK(
        has_note(read("#0\n0!\nb1 $\n#3\n1!\n#4\nb1", plain()).set, "ends within a value change; read as far as 4 ns"));
    CHECK(read("#0\n0!\nb1 $\n#3\n1!\n#4", plain()).set.notes.empty());
}

TEST_CASE("a layer without a beat is said with what its clock did") {
    CHECK(has_note(read("#0\n0!\n0\"\n#1\n1!\n#2\n0!\n#3\n1!\n", plain("tb.v")).set,
                   "layer 'l': no beat in 2 clock edges; the dump ends at 3 ns"));
    CHECK(has_note(read("#0\n0!\n#3000\n", plain()).set, "the clock 'tb.clk' has no rising edge up to 3000 ns"));
}

TEST_CASE("the export of a logic analyser as VCD is sampled at every unit of time") {
    const std::string header =
        "$version Vivado v2019.1 (64-bit) $end\n$timescale 1ps $end\n$scope module dut $end\n$var reg 1 v valid $end\n"
        "$var reg 8 ) d [7:0] $end\n$var reg 1 i _TRIGGER $end\n$var reg 1 j _WINDOW $end\n$upscope "
        "$end\n$enddefinitions $end\n";
    const auto [set, layer] = read("#0\n$dumpvars\n1v\nb0 )\n0i\n1j\n$end\n#2\nb101 )\n#3\n0v\n#5\n1v\n#6\n1i\n",
                                   mapped("", {source_of("l", {"dut.d"}, "dut.valid")}), header);
    CHECK(layer.words == Integers{0, 0, 5, 5, 5});
    CHECK(layer.beat_times == Times{0, 1, 2, 5, 6});
    CHECK(layer.time_unit == "sample");
    CHECK(has_note(set, "every unit of time is a sample, up to the last change at sample 6"));
}
