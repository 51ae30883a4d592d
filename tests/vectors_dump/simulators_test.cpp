// VCDs that simulators write at this moment. The testbench prints what a flip-flop behind the stream takes; the reader
// must find exactly that in the dump. A reader that looks at the values after the edge finds other words.
#include <cstdlib>
#include <sstream>

#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kHdl = BITTRUE_SOURCE_DIR "/tests/vectors_dump/hdl/";

// Runs a shell command in the folder; its output is in the message when it fails.
void run(const Folder& folder, const std::string& command) {
    const std::string line = "cd '" + folder / "" + "' && ( " + command + " ) > log.txt 2>&1";
    const int status = std::system(line.c_str());
    INFO(command << "\n" << slurp(folder / "log.txt"));
    REQUIRE(status == 0);
}

// "45000 0000x011" per line: time in ps and bits.
struct Taken {
    Times times{};  // ns
    Texts bits{};
};
Taken taken_of(const Folder& folder) {
    std::istringstream text(slurp(folder / "taken.txt"));
    Taken taken;
    std::uint64_t time = 0;
    std::string word;
    while (text >> time >> word) {
        taken.times.push_back(time / 1000);
        for (char& c : word) {
            if (c == 'X' || c == 'U' || c == 'W' || c == '-') c = 'x';
            if (c == 'Z') c = 'z';
            if (c == 'L') c = '0';
            if (c == 'H') c = '1';
        }
        taken.bits.push_back(word);
    }
    return taken;
}

std::int64_t number(const std::string& bits) {
    return std::stoll(bits, nullptr, 2);
}
bool known(const std::string& bits) {
    return bits.find_first_not_of("01") == std::string::npos;
}
std::string part(const std::string& word, int high, int low) {
    return word.substr(static_cast<std::size_t>(7 - high), static_cast<std::size_t>(high - low + 1));
}
std::string inverted(std::string word) {
    for (char& c : word) c = c == '0' ? '1' : c == '1' ? '0' : 'x';  // the inverse of z is x
    return word;
}
void check_words(const VectorLayer& layer, const Texts& words) {
    Integers numbers, places;
    Texts undefined;
    for (std::size_t i = 0; i < words.size(); ++i) {
        numbers.push_back(known(words[i]) ? number(words[i]) : 0);
        if (known(words[i])) continue;
        places.push_back(static_cast<std::int64_t>(i));
        undefined.push_back("0b" + words[i]);
    }
    CHECK(layer.words == numbers);
    CHECK(layer.undefined == places);
    CHECK(layer.undefined_bits == undefined);
    CHECK(layer.dims == Dims{static_cast<std::int64_t>(words.size())});
}

void check_dump(const Folder& folder, const std::string& top, std::size_t undefined_words, bool memory) {
    const Taken taken = taken_of(folder);
    REQUIRE(taken.bits.size() >= 50);
    CHECK(std::count_if(taken.bits.begin(), taken.bits.end(), [](const std::string& word) { return !known(word); }) ==
          static_cast<std::ptrdiff_t>(undefined_words));

    const std::string dut = top + "tb.dut.";
    DumpSource narrow = source_of("narrow", {dut + "data[6:3]"}, dut + "valid", dut + "ready");
    narrow.skip = 2;
    narrow.count = 20;
    DumpSource released = source_of("released", {dut + "data[3:0]", dut + "data[7]"}, dut + "valid", dut + "ready");
    released.start_when = dut + "valid";
    DumpSource pair = source_of("pair", {dut + "pair"}, dut + "valid", dut + "ready");
    pair.packing.lanes = 2;
    DumpOptions options =
        mapped(top + "tb.clk", {source_of("data", {dut + "data"}, dut + "valid", dut + "ready"), narrow, released, pair,
                                source_of("down", {dut + "down"}, dut + "valid", dut + "ready"),
                                source_of("swapped", {dut + "down[2:4]"}, dut + "valid", dut + "ready")});
    VectorSet schema;
    for (const char* name : {"data", "down"}) {
        const auto count = static_cast<std::int64_t>(taken.bits.size());
        schema.layers.push_back(expected_layer(name, bits(8, 8, false), {1, count}));
    }
    schema.layers.push_back(
        expected_layer("pair", bits(8, 8, false), {2 * static_cast<std::int64_t>(taken.bits.size())}));
    options.schema = &schema;
    const VectorSet dump = read_dump(folder / "tb.vcd", options);
    REQUIRE(dump.layers.size() == 6);

    const VectorLayer& data = dump.layers[0];
    VectorLayer flat = data;
    flat.dims = {data.word_count()};
    check_words(flat, taken.bits);
    CHECK(data.dims == Dims{1, static_cast<std::int64_t>(taken.bits.size())});
    CHECK(data.beat_times == taken.times);
    CHECK(data.time_unit == "ns");
    CHECK(data.type == schema.layers[0].type);

    Texts expected;
    for (std::size_t i = 2; i < 22; ++i) expected.push_back(part(taken.bits[i], 6, 3));
    check_words(dump.layers[1], expected);
    CHECK(dump.layers[1].beat_times == Times(taken.times.begin() + 2, taken.times.begin() + 22));

    expected.clear();
    for (const std::string& word : taken.bits) expected.push_back(part(word, 7, 7) + part(word, 3, 0));
    check_words(dump.layers[2], expected);

    // Lanes: the word, then its complement.
    const VectorLayer& lanes = dump.layers[3];
    CHECK(lanes.lanes == 2);
    expected.clear();
    for (const std::string& word : taken.bits) {
        expected.push_back(word);
        expected.push_back(inverted(word));
    }
    check_words(lanes, expected);
    CHECK(lanes.beat_times == taken.times);

    // down[0] is the bit on the left: the same word, and down[2:4] are its bits 5 to 3.
    VectorLayer down = dump.layers[4];
    down.dims = {down.word_count()};
    check_words(down, taken.bits);
    expected.clear();
    for (const std::string& word : taken.bits) expected.push_back(part(word, 5, 3));
    check_words(dump.layers[5], expected);

    if (!memory) return;
    // Element 3 holds, from the edge behind it on, each word that was taken while the index of the next one was 3
    // modulo 4: words 2, 6, 10 and so on.
    const DumpSource element = source_of("element", {dut + "memory[3]"}, dut + "valid", dut + "ready");
    const VectorLayer cell = only_layer(read_dump(folder / "tb.vcd", mapped(top + "tb.clk", {element})));
    REQUIRE(cell.words.size() == taken.bits.size());
    for (std::size_t i = 3; i < taken.bits.size(); ++i) {
        const std::string& last = taken.bits[i - 1 - (i - 3) % 4];
        if (known(last)) CHECK(cell.words[i] == number(last));
    }
}

}  // namespace

TEST_CASE("a VCD of Icarus Verilog gives the words that the simulation took") {
    const Folder folder;
    run(folder,
        "iverilog -g2012 -DUNDEFINED -o tb.vvp '" + kHdl + "tb.sv' '" + kHdl + "counter_stream.sv' && vvp -n tb.vvp");
    check_dump(folder, "", 2, true);
}

TEST_CASE("a VCD of Verilator gives the words that the simulation took") {
    const Folder folder;
    run(folder, "verilator --binary --trace -Wno-fatal --top-module tb '" + kHdl + "tb.sv' '" + kHdl +
                    "counter_stream.sv' && ./obj_dir/Vtb");
    check_dump(folder, "TOP.", 0, true);
    check_dump(folder, "", 0, true);  // names without the scope that Verilator adds
}

TEST_CASE("a VCD of GHDL gives the words that the simulation took") {
    const Folder folder;
    run(folder, "ghdl -a --std=08 '" + kHdl + "counter_stream.vhd' '" + kHdl + "tb.vhd' && ghdl -e --std=08 tb && " +
                    "ghdl -r --std=08 tb --vcd=tb.vcd");
    check_dump(folder, "", 3, false);
}

TEST_CASE("list_signals counts the changes that a simulator wrote") {
    const Folder folder;
    run(folder,
        "iverilog -g2012 -DUNDEFINED -o tb.vvp '" + kHdl + "tb.sv' '" + kHdl + "counter_stream.sv' && vvp -n tb.vvp");
    bool data = false, clock = false, real = false;
    for (const SignalActivity& signal : list_signals(folder / "tb.vcd")) {
        if (signal.name == "tb.dut.data") {
            data = true;
            CHECK(signal.width == 8);
            CHECK(signal.undefined_changes == 2);
            CHECK(signal.changes > 50);
        }
        if (signal.name == "tb.clk") {
            clock = true;
            CHECK(signal.changes == 204);  // an edge every 5 ns up to 1020 ns
        }
        if (signal.name == "tb.level") {
            real = true;
            CHECK(signal.real);
        }
    }
    CHECK((data && clock && real));
}

TEST_CASE("a dump that a killed simulation left behind is read as far as it goes") {
    const Folder folder;
    run(folder, "iverilog -g2012 -o tb.vvp '" + kHdl + "tb.sv' '" + kHdl + "counter_stream.sv' && vvp -n tb.vvp");
    const std::string whole = slurp(folder / "tb.vcd");
    const Taken taken = taken_of(folder);
    const DumpOptions options = mapped("tb.clk", {source_of("data", {"tb.dut.data"}, "tb.dut.valid", "tb.ready")});
    const std::size_t begin = whole.find("$enddefinitions $end") + 20;
    std::size_t last = 0;
    for (std::size_t size = begin; size <= whole.size(); size += 97) {
        spill(folder / "cut.vcd", whole.substr(0, size));
        const VectorLayer layer = only_layer(read_dump(folder / "cut.vcd", options));
        REQUIRE(layer.words.size() >= last);
        last = layer.words.size();
        REQUIRE(last <= taken.bits.size());
        for (std::size_t i = 0; i < last; ++i) {
            REQUIRE(layer.words[i] == number(taken.bits[i]));
            REQUIRE(layer.beat_times[i] == taken.times[i]);
        }
    }
    CHECK(last + 1 >= taken.bits.size());
}
