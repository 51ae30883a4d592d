// read_dump and list_signals of a Vivado ILA export.
#include "bittrue/vectors/dump.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

const Scratch& folder() {
    static const Scratch one;
    return one;
}

void check(const VectorSet& set) {
    for (const VectorLayer& layer : set.layers) {
        require(layer.words.size() == layer.beat_times.size() * static_cast<std::size_t>(layer.lanes),
                "every beat has a sample");
        require(layer.undefined.size() == layer.undefined_bits.size(), "every undefined word has its bits");
        for (const std::int64_t word : layer.words) {
            require(word == word_from_pattern(pattern_from_word(word, layer.stored), layer.stored),
                    "a word fits its format");
        }
    }
}

DumpSource source(const std::string& layer, const std::string& signal, const std::string& valid) {
    DumpSource result;
    result.layer = layer;
    result.signals = {signal};
    result.valid = valid;
    return result;
}

}  // namespace

std::vector<std::string> seeds() {
    return {
        "Sample in Buffer,Sample in Window,TRIGGER,clk_IBUF_BUFG,en,data[31:0]\n"
        "Radix - "
        "UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX,HEX\n0,0,0,0,1,00000000\n1,1,0,1,1,000000ff\n2,2,1,0,1,0000010x\n3,0,0,1,0,"
        "deadbeef\n",
        "Sample in Buffer,Sample in Window,TRIGGER,GAP,en,data[99:0]\r\nRadix - "
        "UNSIGNED,UNSIGNED,UNSIGNED,BINARY,BINARY,SIGNED\r\n"
        "0,0,0,0,1,-79228162514264337593543950335\r\n1,1,0,1,1,12\r\n",
        "\"Sample in Buffer\",\"Sample in Window\",TRIGGER,en,\"data[3:0]\"\n0,0,0,1,a\n1,1,0,1,\"7\"\n2,2,0,0,0",
        "Sample in Buffer,Sample in Window,TRIGGER,en,data[0],data[1]\nRadix - "
        "UNSIGNED,UNSIGNED,UNSIGNED,UNSIGNED,HEX,HEX\n0,0,0,1,0,1\n1,1,0,1,1,1\n"};
}

std::vector<std::string> dictionary() {
    return {"Sample in Buffer,",
            "Sample in Window,",
            "TRIGGER,",
            "Radix - UNSIGNED,",
            "HEX,",
            "SIGNED,",
            "BINARY,",
            "UNSIGNED,",
            "ASCII,",
            "data[31:0]",
            "data[65535:0]",
            "data[65536:0]",
            "data[0:7]",
            "en",
            "clk",
            "GAP",
            "\"",
            "\"\"",
            ",,",
            "\n0,0,0,1,",
            "ffffffffffffffff",
            "-1",
            "x",
            "Z",
            "0x",
            "\r\n",
            "\xef\xbb\xbf"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string path = folder().write("dump.csv", view_of(data, size));
    DumpOptions options;
    options.as = "ila";
    options.map = DumpMap{.path = {}, .clock = {}, .falling = false, .sources = {source("data", "data", "en")}};
    options.map->sources[0].packing.lanes = 2;
    takes([&] { check(read_dump(path, options)); });
    options.map->sources[0].packing.lanes = 1;
    options.map->sources[0].signals = {"data[1:0]"};
    options.map->clock = "en";
    takes([&] { check(read_dump(path, options)); });
    DumpOptions plain;
    plain.as = "ila";
    takes([&] { static_cast<void>(list_signals(path, plain)); });
    return 0;
}
