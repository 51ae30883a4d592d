// The dump map: a TOML file, its errors, and maps over several files.
#include <filesystem>

#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

DumpMap load(const std::string& text) {
    const Folder folder;
    spill(folder / "map.toml", text);
    return load_dump_map(folder / "map.toml");
}
std::string error(const std::string& text) {
    const std::string message = error_of([&] { static_cast<void>(load(text)); });
    const std::size_t at = message.find("map.toml");
    return at == std::string::npos ? message : message.substr(at);
}

const std::string kFull =
    "clock = \"tb.clk\"\nedge = \"falling\"\n\n[[layer]]\nname = \"conv\"\nsignals = [\"tb.a\", \"tb.b[3:0]\"]\nvalid "
    "= \"tb.v\"\n"
    "valid_low = true\nready = \"tb.r\"\nready_low = true\nclock = \"tb.clk2\"\nstart_when = \"tb.go\"\nskip = "
    "3\ncount = 5\n"
    "format = \"ap_fixed<8,3>\"\npacking = \"lanes=4\"\n\n[[layer]]\nname = \"a \\\"b\\\\\"\nfile = \"x/y.log\"\nas = "
    "\"text\"\n"
    "pattern = \"{index:d} {word:x}\"\n";

}  // namespace

TEST_CASE("every key of a map is read, and the map is printed as it was") {
    const DumpMap map = load(kFull);
    CHECK(map.clock == "tb.clk");
    CHECK(map.falling);
    REQUIRE(map.sources.size() == 2);
    const DumpSource& conv = map.sources[0];
    CHECK(conv.signals == Texts{"tb.a", "tb.b[3:0]"});
    CHECK((conv.valid == "tb.v" && conv.valid_low && conv.ready == "tb.r" && conv.ready_low));
    CHECK((conv.clock == "tb.clk2" && conv.start_when == "tb.go" && conv.skip == 3 && conv.count == 5));
    CHECK(conv.format == bits(8, 3));
    CHECK(conv.packing.lanes == 4);
    const DumpSource& text = map.sources[1];
    CHECK((text.layer == "a \"b\\" && text.file == "x/y.log" && text.kind == "text" &&
           text.pattern == "{index:d} {word:x}"));
    CHECK((text.skip == 0 && text.count == -1 && !text.format && text.packing == Packing{}));
    CHECK(print_dump_map(map) == kFull);
}

TEST_CASE("errors of a map have the line and what would be right") {
    const std::string layer = "[[layer]]\nname = \"a\"\n";
    CHECK(error("clok = \"x\"\n" + layer) ==
          "map.toml:1: the key 'clok' is not known here; the nearest known key is 'clock'");
    CHECK(error(layer + "sginal = \"x\"\n") ==
          "map.toml:3: the key 'sginal' is not known here; the nearest known key is 'signal'");
    CHECK(error("edge = \"both\"\n" + layer) == "map.toml:1: edge: must be \"rising\" or \"falling\"");
    CHECK(error(layer + "skip = -1\n") == "map.toml:3: skip: must be an integer from 0");
    CHECK(error(layer + "valid_low = 1\n") == "map.toml:3: valid_low: must be true or false");
    CHECK(error(layer + "signals = [1]\n") == "map.toml:3: signals: must be a list of texts");
    CHECK(error(layer + "signals = []\n") ==
          "map.toml:3: signals: must be a text or a list of texts, none of them empty");
    CHECK(error(layer + "signal = \"\"\n") ==
          "map.toml:3: signal: must be a text or a list of texts, none of them empty");
    CHECK(error(layer + "signal = \"x\"\nsignals = [\"y\"]\n") ==
          "map.toml:1: signal and signals are the same; write one of them");
    CHECK(error(layer + "packing = \"lane=4\"\n").find("map.toml:3: packing: ") == 0);
    CHECK(error(layer + "format = \"s999.1\"\n").find("map.toml:3: format: ") == 0);
    CHECK(error(layer + "as = \"waves\"\n").find("map.toml:3: as: 'waves' is no kind of dump") == 0);
    CHECK(error("[[layer]]\nsignal = \"x\"\n") == "map.toml:1: a [[layer]] without its name; write name = \"conv2d\"");
    CHECK(error(layer + layer) == "map.toml:3: the layer 'a' comes twice");
    CHECK(error("layer = 3\n") == "map.toml:1: layer: must be tables: [[layer]]");
    CHECK(error("clock = \"x\"\n").find("map.toml: names no layer") == 0);
    CHECK(error("clock = \n").find("map.toml:1: is not valid TOML") == 0);
    CHECK(error_of([] { static_cast<void>(load_dump_map("/nowhere/map.toml")); }).find("/nowhere/map.toml") == 0);
}

TEST_CASE("the layers of a map may be in several files beside it") {
    const Folder folder;
    std::filesystem::create_directory(folder / "run");
    spill(folder / "run/a.vcd",
          "$timescale 1ns $end\n$var wire 1 ! clk $end\n$var wire 8 $ d [7:0] $end\n$enddefinitions $end\n#0\n0!\nb11 "
          "$\n#1\n1!\n");
    spill(folder / "b.log", "w 5\nw 6\n");
    spill(folder / "c.txt", "01 ff\n");
    spill(folder / "map.toml",
          "clock = \"clk\"\n[[layer]]\nname = \"a\"\nfile = \"run/a.vcd\"\nsignal = \"d\"\n[[layer]]\nname = "
          "\"b\"\nfile = "
          "\"b.log\"\npattern = \"w {word:d}\"\nskip = 1\n[[layer]]\nname = \"c\"\n[[layer]]\nname = \"a2\"\nfile = "
          "\"run/a.vcd\"\nsignal = \"d[1:0]\"\n");
    DumpOptions options;
    options.map = load_dump_map(folder / "map.toml");
    const VectorSet set = read_dump(folder / "c.txt", options);
    REQUIRE(set.layers.size() == 4);
    CHECK(set.find("a")->words == Integers{3});
    CHECK(set.find("a2")->stored.width == 2);
    CHECK(set.find("b")->words == Integers{6});
    CHECK(set.find("c")->words == Integers{1, 255});
    CHECK(set.source == folder / "c.txt");
}
