// load_dump_map: what it takes is printed and read back alike.
#include "bittrue/vectors/dump.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

const Scratch& folder() {
    static const Scratch one;
    return one;
}

bool equal(const DumpSource& a, const DumpSource& b) {
    return a.layer == b.layer && a.file == b.file && a.kind == b.kind && a.signals == b.signals && a.valid == b.valid &&
           a.ready == b.ready && a.valid_low == b.valid_low && a.ready_low == b.ready_low && a.clock == b.clock &&
           a.start_when == b.start_when && a.skip == b.skip && a.count == b.count && a.format == b.format &&
           a.packing == b.packing && a.pattern == b.pattern;
}

}  // namespace

std::vector<std::string> seeds() {
    return {
        "clock = \"tb.clk\"\nedge = \"falling\"\n[[layer]]\nname = \"conv\"\nsignals = [\"tb.a\", "
        "\"tb.b[3:0]\"]\nvalid = \"tb.v\"\nvalid_low = true\n"
        "ready = \"tb.r\"\nready_low = true\nclock = \"tb.clk2\"\nstart_when = \"tb.go\"\nskip = 3\ncount = 5\nformat "
        "= \"ap_fixed<8,3>\"\npacking = "
        "\"lanes=4,first=high\"\n",
        "[[layer]]\nname = \"a \\\"b\\\\\"\nfile = \"x/y.log\"\nas = \"text\"\npattern = \"{index:d} "
        "{word:x}\"\n[[layer]]\nname = \"c\"\nsignal = \"d\"\n",
        "layer = [{name = 'x', signal = 'tb.\\y', format = 's8.5'}]\n"};
}

std::vector<std::string> dictionary() {
    return {"[[layer]]\n",
            "name = \"",
            "signal = \"",
            "signals = [",
            "valid = ",
            "valid_low = true\n",
            "ready = ",
            "clock = ",
            "edge = \"rising\"\n",
            "skip = ",
            "count = ",
            "format = \"u8.0\"\n",
            "packing = \"axis\"\n",
            "as = \"vcd\"\n",
            "pattern = ",
            "start_when = ",
            "file = ",
            "\\u0000",
            "\"\"\"",
            "'''",
            "9223372036854775807",
            "-1",
            "lanes=65536",
            "\xf0\x9f\x98\x80",
            "\\U0001F600"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string path = folder().write("map.toml", view_of(data, size));
    DumpMap map;
    if (!takes([&] { map = load_dump_map(path); })) return 0;
    require(!map.sources.empty(), "a map has layers");
    const std::string printed = print_dump_map(map);
    must_take("a printed map is read", [&] {
        const DumpMap again = load_dump_map(folder().write("again.toml", printed));
        require(again.clock == map.clock && again.falling == map.falling && again.sources.size() == map.sources.size(),
                "a map is read back alike");
        for (std::size_t i = 0; i < map.sources.size(); ++i)
            require(equal(again.sources[i], map.sources[i]), "a layer is read back alike");
        require(print_dump_map(again) == printed, "a map is printed alike");
    });
    return 0;
}
