// Logs of hls4ml and bare numbers in texts.
#include <filesystem>

#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

VectorSet read_text(const std::string& name, const std::string& text, DumpOptions options = {}) {
    const Folder folder;
    spill(folder / name, text);
    return read_dump(folder / name, options);
}
std::string error(const std::string& name, const std::string& text, DumpOptions options = {}) {
    return error_of([&] { static_cast<void>(read_text(name, text, std::move(options))); });
}
DumpOptions with(const VectorSet& schema, const std::string& as = "", const std::string& layer = "") {
    DumpOptions options;
    options.schema = &schema;
    options.as = as;
    options.layer = layer;
    return options;
}
Texts texts(const VectorLayer& layer) {
    Texts result;
    for (const Decimal& value : layer.decimals) result.push_back(print_decimal(value));
    return result;
}

VectorSet net() {
    VectorSet set;
    set.layers = {expected_layer("input", bits(8, 4), {2, 3}),
                  expected_layer("conv", bits(16, 6), {2, 2, 1, 2}, Layout::Hwc),
                  expected_layer("dense", bits(16, 14), {2, 2}, Layout::Vector)};
    return set;
}

}  // namespace

TEST_CASE("a log of results is the last layer: values with six digits") {
    const VectorSet schema = net();
    const VectorSet set = read_text("csim_results.log", "1.25 -0.333333 \n3e-05 1000\n", with(schema));
    const VectorLayer layer = only_layer(set);
    CHECK(layer.name == "dense");
    CHECK(texts(layer) == Texts{"1.25", "-0.333333", "0.00003", "1000"});
    CHECK(layer.precision == 6);
    CHECK(layer.words.empty());
    CHECK(layer.dims == Dims{2, 2});
    CHECK(layer.layout == Layout::Vector);
    CHECK(layer.type == schema.layers[2].type);
    CHECK(layer.word_count() == 4);
}

TEST_CASE("more digits than six raise the precision to as many, up to seventeen") {
    CHECK(only_layer(read_text("a_output.log", "1.2345678 2\n")).precision == 8);
    CHECK(only_layer(read_text("a_output.log", "0.10000000000000001 2\n")).precision == 17);
    CHECK(only_layer(read_text("a_output.log", "123456 2\n")).precision == 6);
}

TEST_CASE("a trace log is the layer of its name, and appended runs are said") {
    const VectorSet schema = net();
    const std::string run = "1 2 3 4\n5 6 7 8\n";
    const VectorSet once = read_text("conv_output.log", run, with(schema));
    CHECK(only_layer(once).name == "conv");
    CHECK(only_layer(once).dims == Dims{2, 2, 1, 2});
    CHECK(once.notes.empty());
    const VectorSet twice = read_text("conv_output.log", run + run, with(schema));
    CHECK(only_layer(twice).decimals == only_layer(once).decimals);
    CHECK(has_note(twice,
                   "holds 4 samples, 2 times the 2 that are expected: each run appends to such a log. The last run is "
                   "taken; the others equal it"));
    const VectorSet changed = read_text("conv_output.log", "1 2 3 4\n5 6 7 9\n" + run, with(schema));
    CHECK(only_layer(changed).decimals == only_layer(once).decimals);
    CHECK(has_note(changed, "The last run is taken; the others differ from it"));
    // skip and count choose another run.
    DumpSource first = source_of("conv", {});
    first.count = 8;
    DumpOptions options = with(schema);
    options.map = DumpMap{.path = {}, .clock = {}, .falling = false, .sources = {first}};
    CHECK(texts(only_layer(read_text("conv_output.log", "1 2 3 4\n5 6 7 9\n" + run, options))).back() == "9");
}

TEST_CASE("a log of another number of samples keeps its own") {
    const VectorSet schema = net();
    CHECK(only_layer(read_text("conv_output.log", "1 2 3 4\n5 6 7 8\n9 10 11 12\n", with(schema))).dims ==
          Dims{3, 2, 1, 2});
    CHECK(only_layer(read_text("conv_output.log", "1 2 3\n5 6\n", with(schema))).dims == Dims{5});
    CHECK(only_layer(read_text("any_output.log", "1 2 3\n4 5 6\n")).dims == Dims{2, 3});
    // One sample over several lines.
    CHECK(only_layer(read_text("conv_output.log", "1 2\n3 4\n5 6\n7 8\n", with(schema))).dims == Dims{2, 2, 1, 2});
}

TEST_CASE("a folder of logs is all their layers, the simulation of the RTL in front of the C") {
    const Folder folder;
    spill(folder / "conv_output.log", "1 2 3 4\n5 6 7 8\n");
    spill(folder / "csim_results.log", "1 2\n3 4\n");
    spill(folder / "rtl_cosim_results.log", "1 2\n3 5\n");
    const VectorSet schema = net();
    const VectorSet set = read_dump(folder / "", with(schema));
    REQUIRE(set.layers.size() == 2);
    CHECK(set.find("conv") != nullptr);
    REQUIRE(set.find("dense") != nullptr);
    CHECK(texts(*set.find("dense")).back() == "5");
    CHECK(has_note(set, "csim_results.log is left out beside rtl_cosim_results.log"));
}

TEST_CASE("integers are raw words, --as decimals makes them values, and it is said") {
    const VectorSet schema = net();
    const VectorSet raws = read_text("dense.txt", "1, -2\n3, 4\n", with(schema));
    CHECK(only_layer(raws).words == Integers{1, -2, 3, 4});
    CHECK(only_layer(raws).stored == bits(16, 14));
    CHECK(only_layer(raws).dims == Dims{2, 2});
    CHECK(has_note(raws, "holds integers, which are taken as raw words; --as decimals takes them as values"));
    const VectorSet values = read_text("dense.txt", "1, -2\n3, 4\n", with(schema, "decimals"));
    CHECK(texts(only_layer(values)) == Texts{"1", "-2", "3", "4"});
    CHECK(values.notes.empty());
    CHECK(read_text("dense.txt", "1, -2\n3, 4\n", with(schema, "integers")).notes.empty());
    CHECK(texts(only_layer(read_text("dense.txt", "1 -2.0 3 4\n", with(schema)))) == Texts{"1", "-2", "3", "4"});
    CHECK(only_layer(read_text("x.txt", "[1 2]\n# a comment\n{3; 4}\n")).dims == Dims{2, 2});
}

TEST_CASE("integers beyond their format keep a format of their own") {
    const VectorSet schema = net();
    const VectorLayer layer = only_layer(read_text("dense.txt", "1 65535 3 4\n", with(schema)));
    CHECK(layer.words == Integers{1, 65535, 3, 4});
    CHECK(layer.stored == bits(64, 64));
    CHECK_FALSE(layer.type);
    const VectorLayer huge = only_layer(read_text("dense.txt", "1 18446744073709551615 3 4\n", with(schema)));
    CHECK(raw_from_word(huge.words[1], huge.stored) == (i128{1} << 64) - 1);
    CHECK(error("dense.txt", "1 18446744073709551616\n", with(schema, "integers"))
              .find("dense.txt:1: '18446744073709551616' is no integer") != std::string::npos);
}

TEST_CASE("hexadecimal words take the layer's width, sign extension and x digits") {
    const VectorSet schema = net();
    const VectorLayer layer = only_layer(read_text("input.txt", "0x01 0xff\n7f 80\n00 0a\n", with(schema)));
    CHECK(layer.words == Integers{1, -1, 127, -128, 0, 10});
    CHECK(layer.type == schema.layers[0].type);
    CHECK(layer.dims == Dims{2, 3});
    const VectorSet wide = read_text("input.txt", "00000001 ffffffff 0000007f ffffff80 0 a\n", with(schema));
    CHECK(only_layer(wide).words == Integers{1, -1, 127, -128, 0, 10});
    CHECK(has_note(wide, "its signals have 32 bits; the low 8 are its words"));
    const VectorLayer x = only_layer(read_text("input.txt", "01 fx zz 80 00 0a\n", with(schema)));
    CHECK(x.words == Integers{1, 0, 0, -128, 0, 10});
    CHECK(x.undefined == Integers{1, 2});
    CHECK(x.undefined_bits == Texts{"0b1111xxxx", "0bzzzzzzzz"});
    CHECK(error("input.txt", "001 1ff 02 03 04 05\n", with(schema)).find("beat 1 has more bits than that") !=
          std::string::npos);
    const VectorLayer bare = only_layer(read_text("any.txt", "01 ff\n0a 1b\n"));
    CHECK(bare.patterns);
    CHECK(bare.stored == bits(8, 8, false));
    CHECK(bare.words == Integers{1, 255, 10, 27});
}

TEST_CASE("hexadecimal words of several lanes are unpacked") {
    const VectorSet schema = net();
    const VectorSet lanes = read_text("input.txt", "03ff01\n0a0080\n", with(schema));
    CHECK(only_layer(lanes).words == Integers{1, -1, 3, -128, 0, 10});
    CHECK(has_note(lanes, "beats of 24 bits are read as 3 words, the first in the low bits"));
    DumpOptions options = with(schema);
    options.packing = parse_packing("lanes=3,first=high");
    CHECK(only_layer(read_text("input.txt", "01ff03\n80000a\n", options)).words == Integers{1, -1, 3, -128, 0, 10});
}

TEST_CASE("a file with another name is the only layer that its words fit, and it is said") {
    const VectorSet schema = net();
    const VectorSet set = read_text("what.txt", "1.5 2 3 4 5 6\n", with(schema));
    CHECK(only_layer(set).name == "input");
    CHECK(has_note(set, "is taken as layer 'input', the only one that its 6 words fit"));
    CHECK(only_layer(read_text("what.txt", "1.5 2 3 4 5\n", with(schema))).name == "what");
    CHECK(only_layer(read_text("what.txt", "1.5 2 3 4\n", with(schema, "", "dense"))).name == "dense");
}

TEST_CASE("files of words go to their own readers, under the name of the layer") {
    const VectorSet schema = net();
    const VectorLayer mem = only_layer(read_text("dense.mem", "0001 fffe\n0003 00x4\n", with(schema)));
    CHECK(mem.name == "dense");
    CHECK(mem.words == Integers{1, 65534, 3, 0});
    CHECK(mem.patterns);  // whose sign is the comparison's to find
    CHECK(mem.undefined == Integers{3});
    CHECK(mem.undefined_bits == Texts{"0b00000000xxxx0100"});
    const std::string tv =
        "[[[runtime]]]\n[[transaction]] 0\n0x0001\n0xfffe\n[[/transaction]]\n[[transaction]] 1\n0x0003\n0x0004\n"
        "[[/transaction]]\n[[[/runtime]]]\n";
    const VectorSet named = read_text("rtl.top.autotvout_dense_V.dat", tv, with(schema));
    CHECK(only_layer(named).name == "dense");
    CHECK(only_layer(named).words == Integers{1, 65534, 3, 4});
    CHECK(has_note(named, "is taken as layer 'dense', which its name holds"));
    CHECK(only_layer(read_text("out.tv.dat", tv, with(schema, "tv", "dense"))).words == Integers{1, 65534, 3, 4});
    DumpSource source = source_of("dense", {});
    source.skip = 1;
    source.count = 2;
    DumpOptions options = with(schema);
    options.map = DumpMap{.path = {}, .clock = {}, .falling = false, .sources = {source}};
    CHECK(only_layer(read_text("any.tv.dat", tv, options)).words == Integers{65534, 3});
}

TEST_CASE("a text that is none of its kind is an error with the line") {
    CHECK(error("a_output.log", "1 2\n3 nan\n",
                [] {
                    DumpOptions o;
                    o.as = "hls4ml-log";
                    return o;
                }())
              .find("a_output.log:2: 'nan' is no decimal number") != std::string::npos);
    CHECK(error("a.txt", "\n\n",
                [] {
                    DumpOptions o;
                    o.as = "decimals";
                    return o;
                }())
              .find("holds no numbers") != std::string::npos);
    CHECK(error("a.txt", "1 2 g\n",
                [] {
                    DumpOptions o;
                    o.as = "hexwords";
                    return o;
                }())
              .find("'g' is no hexadecimal word") != std::string::npos);
}

TEST_CASE("logs of a Vivado HLS co-simulation are read") {
    const std::string folder = BITTRUE_SOURCE_DIR "/../shared/hwdumps/vivado_hls_cosim_format/";
    if (!std::filesystem::exists(folder)) {
        WARN("SKIPPED: " << folder << " absent");
        return;
    }
    VectorSet schema;
    schema.layers = {expected_layer("input_1", bits(16, 14), {1, 3, 3, 8}, Layout::Hwc),
                     expected_layer("layer2_out", bits(16, 14), {1, 3, 3, 8}, Layout::Hwc)};
    for (const char* name : {"csim_results.log", "rtl_cosim_results.log"}) {
        const VectorLayer layer = only_layer(read_dump(folder + name, with(schema)));
        CHECK(layer.name == "layer2_out");
        CHECK(layer.dims == Dims{1, 3, 3, 8});
        REQUIRE(layer.decimals.size() == 72);
        CHECK(layer.decimals[0] == Decimal{.digits = 32, .exponent = 0});
        CHECK(layer.decimals[32] == Decimal{.digits = 72, .exponent = 0});
        CHECK(raws_printed_as(layer.decimals[32], layer.precision, bits(16, 14)).low == 288);
    }
    // The same words as Vitis' files, of 16 and, as the C side writes them, of 20 bits.
    for (const char* name :
         {"rtl.myproject.autotvout_layer2_out_V_V.dat", "c.myproject.autotvout_layer2_out_V_V.dat"}) {
        const VectorLayer layer = only_layer(read_dump(folder + name, with(schema)));
        CHECK(layer.name == "layer2_out");
        REQUIRE(layer.words.size() == 72);
        CHECK(layer.words[0] == 128);
        CHECK(layer.words[32] == 288);
    }
}
