// Streams of several words a beat, and buses that are wider than their words.
#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// One beat per clock, each a value of `width` bits.
VectorSet read(int width, const Texts& beats, DumpSource source, const VectorSet* schema = nullptr) {
    std::string text = "$timescale 1ns $end\n$var wire 1 ! clk $end\n$var wire " + std::to_string(width) +
                       " $ d $end\n$enddefinitions $end\n";
    for (std::size_t i = 0; i < beats.size(); ++i) {
        text += "#" + std::to_string(10 * i) + "\n0!\nb" + beats[i] + " $\n#" + std::to_string(10 * i + 5) + "\n1!\n";
    }
    const Folder folder;
    spill(folder / "a.vcd", text);
    source.layer = "l";
    source.signals = {"d"};
    DumpOptions options = mapped("clk", {source});
    options.schema = schema;
    return read_dump(folder / "a.vcd", options);
}
DumpSource packed(const std::string& packing) {
    DumpSource source;
    source.packing = parse_packing(packing);
    return source;
}
VectorSet schema_of(Format format, Dims dims, std::optional<Layout> layout = std::nullopt) {
    VectorSet set;
    set.layers = {expected_layer("l", format, std::move(dims), layout)};
    return set;
}
std::string byte(int value) {
    std::string digits;
    for (int bit = 7; bit >= 0; --bit) digits += (value >> bit & 1) != 0 ? '1' : '0';
    return digits;
}
std::string beat(std::initializer_list<int> high_to_low) {
    std::string digits;
    for (const int value : high_to_low) digits += byte(value);
    return digits;
}

}  // namespace

TEST_CASE("lanes of a beat are its words, and each has its own x") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 4});
    const VectorSet set = read(16, {beat({2, 1}), "0000x011" + byte(255)}, packed("lanes=2"), &schema);
    const VectorLayer layer = only_layer(set);
    CHECK(layer.words == Integers{1, 2, -1, 0});
    CHECK(layer.undefined == Integers{3});
    CHECK(layer.undefined_bits == Texts{"0b0000x011"});
    CHECK(layer.lanes == 2);
    CHECK(layer.beat_times == Times{5, 15});
    CHECK(layer.dims == Dims{1, 4});
    CHECK(only_layer(read(16, {beat({1, 2})}, packed("lanes=2,first=high"))).words == Integers{1, 2});
    CHECK(only_layer(read(16, {"1x000000" + byte(4)}, packed("lanes=2,bits=reversed"))).undefined_bits ==
          Texts{"0b000000x1"});
}

TEST_CASE("images that end within a beat leave its other lanes empty") {
    const VectorSet schema = schema_of(bits(8, 8), {2, 3});
    const VectorLayer layer =
        only_layer(read(16, {beat({2, 1}), beat({0, 3}), beat({5, 4}), beat({0, 6})}, packed("lanes=2"), &schema));
    CHECK(layer.words == Integers{1, 2, 3, 4, 5, 6});
    CHECK(layer.dims == Dims{2, 3});
    CHECK(layer.lanes == 1);  // the words do not follow the beats
    CHECK(layer.beat_times == Times{5, 5, 15, 25, 25, 35});
    // The same words without a break between the images.
    const VectorLayer dense =
        only_layer(read(16, {beat({2, 1}), beat({4, 3}), beat({6, 5})}, packed("lanes=2"), &schema));
    CHECK(dense.words == Integers{1, 2, 3, 4, 5, 6});
    CHECK(dense.lanes == 2);
}

TEST_CASE("a stream with channels first is put in the order of the layer") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 2, 1, 2}, Layout::Hwc);
    // Rows of channel 0, then of channel 1.
    const VectorLayer layer = only_layer(read(8, {byte(1), byte(3), "1x", byte(4)}, packed("order=chw"), &schema));
    CHECK(layer.words == Integers{1, 0, 3, 4});
    CHECK(layer.undefined == Integers{1});
    CHECK(layer.beat_times == Times{5, 25, 15, 35});
    CHECK(layer.layout == Layout::Hwc);
    const VectorSet part = read(8, {byte(1), byte(3), byte(2)}, packed("order=chw"), &schema);
    CHECK(only_layer(part).words == Integers{1, 3, 2});
    CHECK(has_note(part, "its beats are no whole number of images; its words stay in the order of the stream"));
}

TEST_CASE("AXI4-Stream beats drop the lanes that TKEEP leaves out") {
    DumpSource source = packed("lanes=2,axis");
    source.format = bits(8, 8);
    // {TLAST, TKEEP, TDATA}
    const VectorLayer layer =
        only_layer(read(19, {"011" + beat({2, 1}), "101" + std::string("xxxxxxxx") + "000000z0"}, source));
    CHECK(layer.words == Integers{1, 2, 0});
    CHECK(layer.undefined == Integers{2});
    CHECK(layer.undefined_bits == Texts{"0b000000z0"});
    const VectorSet lost = read(19, {"01x" + beat({2, 1})}, source);
    CHECK(has_note(lost, "TKEEP or TLAST is x or z in 1 beats"));
}

TEST_CASE("words in the low bits of a wider bus lose nothing, or it is an error") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 2});
    const VectorSet set = read(12, {"000000000001", "111111111110"}, {}, &schema);
    CHECK(only_layer(set).words == Integers{1, -2});
    CHECK(has_note(set, "its signals have 12 bits; the low 8 are its words"));
    CHECK(only_layer(read(12, {"1", "xxxx00000010"}, {}, &schema)).words == Integers{1, 2});
    CHECK(error_of([&] {
              static_cast<void>(read(12, {"1", "000100000000"}, {}, &schema));
          })
              .find("beat 1 has more bits than that; give its packing, or "
                    "name the bits that hold the word, as in \"bus[7:0]\"") != std::string::npos);
    const VectorSet lanes = read(16, {beat({2, 1})}, {}, &schema);
    CHECK(only_layer(lanes).words == Integers{1, 2});
    CHECK(has_note(lanes, "beats of 16 bits are read as 2 words, the first in the low bits"));
}

TEST_CASE("signals that do not fit the packing are an error that names both widths") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 2});
    CHECK(error_of([&] {
              static_cast<void>(read(7, {"1"}, {}, &schema));
          }).find("its signals have 7 bits together, its words as packed 8") != std::string::npos);
    CHECK(error_of([&] {
              static_cast<void>(read(17, {"1"}, packed("lanes=2"), &schema));
          }).find("its signals have 17 bits, its words as packed 16") != std::string::npos);
    CHECK(error_of([&] {
              static_cast<void>(read(100, {"1"}, {}));
          }).find("100 bits are more than one word; give packing and format") != std::string::npos);
}

TEST_CASE("a format of the map stands in front of that of the expected side") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 1});
    DumpSource source;
    source.format = bits(8, 3, false);
    const VectorLayer layer = only_layer(read(8, {byte(255)}, source, &schema));
    CHECK(layer.words == Integers{255});
    CHECK(layer.stored == bits(8, 3, false));
    CHECK(layer.type == FixedType{.format = bits(8, 3, false)});
    source.format = bits(8, 8);
    CHECK(only_layer(read(8, {byte(255)}, source, &schema)).type == schema.layers[0].type);
}
