// Lines of a user's $fwrite or printf, described by a pattern.
#include <catch2/catch.hpp>

#include "vectors_dump/dumps.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

VectorSet read_text(const std::string& pattern, const std::string& text, const VectorSet* schema = nullptr,
                    const std::string& layer = "l") {
    const Folder folder;
    spill(folder / "sim.log", text);
    DumpOptions options;
    options.pattern = pattern;
    options.schema = schema;
    options.layer = layer;
    return read_dump(folder / "sim.log", options);
}
VectorLayer layer(const std::string& pattern, const std::string& text, const VectorSet* schema = nullptr) {
    return only_layer(read_text(pattern, text, schema));
}
std::string error(const std::string& pattern, const std::string& text, const VectorSet* schema = nullptr) {
    return error_of([&] { static_cast<void>(read_text(pattern, text, schema)); });
}
VectorSet schema_of(Format format, Dims dims) {
    VectorSet set;
    set.layers = {expected_layer("l", format, std::move(dims))};
    return set;
}

}  // namespace

TEST_CASE("words are read in hexadecimal, binary, signed and unsigned decimal") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 3});
    CHECK(layer("w={word:x}", "w=01\nw=0xff\nw=80\n", &schema).words == Integers{1, -1, -128});
    CHECK(layer("w={word:b};", "w=1;\nw=11111111;\nw=1000_0000;\n", &schema).words == Integers{1, -1, -128});
    CHECK(layer("{word:d}", "  1\n -1\n-128\n", &schema).words == Integers{1, -1, -128});
    CHECK(layer("{word:u} ok", "1 ok\r\n7 ok\r\n127 ok\r\n", &schema).words == Integers{1, 7, 127});
    const VectorLayer values = layer("y: {value}", "y: 1.5\ny: -2e-3\ny:7\n", &schema);
    CHECK(values.decimals == std::vector<Decimal>{{15, -1}, {-2, -3}, {7, 0}});
    CHECK(values.type == schema.layers[0].type);
}

TEST_CASE("x and z digits are undefined words") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 2});
    const VectorLayer hex = layer("{word:x}", "1x\nZ3\n", &schema);
    CHECK(hex.undefined_bits == Texts{"0b0001xxxx", "0bzzzz0011"});
    const VectorLayer binary = layer("{word:b}", "1010x01z\n00000001\n", &schema);
    CHECK(binary.words == Integers{0, 1});
    CHECK(binary.undefined_bits == Texts{"0b1010x01z"});
    const VectorLayer decimal = layer("{word:d}", "   x\n-5\n", &schema);
    CHECK(decimal.words == Integers{0, -5});
    CHECK(decimal.undefined_bits == Texts{"0bxxxxxxxx"});
}

TEST_CASE("blanks match any blanks, and numbers may be padded") {
    CHECK(layer("out [{index:d}] = {word:d}", "out [  1] =    7\n  out\t[0] = 5  \n").words == Integers{5, 7});
    CHECK(layer("{*}out {word:d}", "# 12 ns: out 3\n# out 4\n").words == Integers{3, 4});
    CHECK(layer("{word:d} {word:d} {word:d}", "1 2 3\n4 5 6\n").words == Integers{1, 2, 3, 4, 5, 6});
    CHECK(layer("t={*} w={word:d} {*}", "t=1 w=w=2 w=3 x\n").words == Integers{3});
}

TEST_CASE("lines that do not match are counted with the first") {
    const VectorSet set = read_text("w {word:d}", "begin\nw 1\nw one\n\nw 2\nend\n");
    CHECK(only_layer(set).words == Integers{1, 2});
    CHECK(has_note(set, "3 of 6 lines do not match the pattern, the first is line 1"));
    CHECK(error("w {word:d}", "begin\nend\n").find("no line matches the pattern \"w {word:d}\"") != std::string::npos);
}

TEST_CASE("one log holds all layers by {layer}") {
    VectorSet schema;
    schema.layers = {expected_layer("conv", bits(8, 8), {1, 2}), expected_layer("block/dense", bits(8, 8), {1, 1})};
    const VectorSet set =
        read_text("{layer}[{index:d}] {word:x}", "conv[1] 02\nblock_dense[0] ff\nconv[0] 01\n", &schema, "");
    REQUIRE(set.layers.size() == 2);
    CHECK(set.layers[0].name == "conv");
    CHECK(set.layers[0].words == Integers{1, 2});
    CHECK(set.layers[1].name == "block/dense");
    CHECK(set.layers[1].words == Integers{-1});
    CHECK(only_layer(read_text("{layer}[{index:d}] {word:x}", "conv[1] 02\nother[0] ff\nconv[0] 01\n", &schema, "conv"))
              .words == Integers{1, 2});
}

TEST_CASE("an index places its word, a missing one is x, a second one must be equal") {
    const VectorSet schema = schema_of(bits(8, 8), {1, 4});
    const VectorSet holes = read_text("{index:d}: {word:d}", "3: 30\n0: 0\n1: 10\n", &schema);
    CHECK(only_layer(holes).words == Integers{0, 10, 0, 30});
    CHECK(only_layer(holes).undefined == Integers{2});
    CHECK(only_layer(holes).undefined_bits == Texts{"0bxxxxxxxx"});
    CHECK(only_layer(holes).dims == Dims{1, 4});
    CHECK(has_note(holes, "1 words are missing, the first has index 2; they count as x"));
    const VectorLayer hex = layer("{index:d}: {word:x}", "3: 1e\n0: 00\n1: 0a\n", &schema);
    CHECK(hex.words == Integers{0, 10, 0, 30});
    CHECK(hex.undefined_bits == Texts{"0bxxxxxxxx"});
    const VectorSet longer = schema_of(bits(8, 8), {2, 2});
    CHECK(has_note(read_text("{index:d}: {word:d}", "3: 3\n0: 0\n1: 1\n2: 2\n2: 2\n", &longer),
                   "1 words come twice and are equal"));
    CHECK(error("{index:d}: {word:d}", "3: 3\n0: 0\n1: 1\n2: 2\n2: 4\n", &longer)
              .find("sim.log:5: index 2 comes a second time with another "
                    "word; the first is in ") != std::string::npos);
    CHECK(error("{index:d}: {value}", "1: 3\n", &schema).find("1 words are missing, the first has index 0") !=
          std::string::npos);
    CHECK(error("{index:d}: {word:d}", "0: 1\n900000000: 3\n", &schema)
              .find("sim.log:2: index 900000000 is none of a layer with 4 words") != std::string::npos);
}

TEST_CASE("indices that begin again with each image fill one image after the other") {
    const VectorSet schema = schema_of(bits(8, 8), {2, 3});
    const VectorSet set = read_text("{index:d}: {word:d}", "0: 1\n1: 2\n2: 3\n0: 4\n2: 6\n1: 5\n", &schema);
    CHECK(only_layer(set).words == Integers{1, 2, 3, 4, 5, 6});
    CHECK(only_layer(set).dims == Dims{2, 3});
    CHECK(has_note(set, "its indices begin again, up to 2 times; each time is an image of 3 words"));
    CHECK(layer("{index:d}: {word:d}", "0: 1\n1: 2\n0: 3\n1: 4\n").words == Integers{1, 2, 3, 4});
}

TEST_CASE("a pattern that cannot work says why") {
    CHECK(error("out = 5", "out = 5\n").find("the pattern says nowhere where the word is") != std::string::npos);
    CHECK(error("{word:o}", "5\n").find("the pattern has {word:o}; known are {word:d}") != std::string::npos);
    CHECK(error("{word:x", "5\n").find("has a { without its }") != std::string::npos);
    CHECK(error("{index:d}{word:x}", "5\n").find("follows another placeholder at once") != std::string::npos);
    CHECK(error("{index:d} {word:x} {word:x}", "5\n").find("an index places one word") != std::string::npos);
    CHECK(error("{word:x} {word:d}", "5\n").find("words of two kinds") != std::string::npos);
    CHECK(error("{index:d} {index:d} {word:d}", "5\n").find("has {index:d} twice") != std::string::npos);
    DumpOptions options;
    options.as = "text";
    const Folder folder;
    spill(folder / "a", "1\n");
    CHECK(error_of([&] {
              static_cast<void>(read_dump(folder / "a", options));
          }).find("needs the pattern of its lines") != std::string::npos);
}

TEST_CASE("a line that would need endless tries does not match") {
    const std::string line(2000, 'a');
    const VectorSet set = read_text("{*}a{*}a{*}a{*}a{*}b {word:d}", line + "\nab a ab 5\naaaab 6\n");
    CHECK(only_layer(set).words == Integers{6});
    CHECK(has_note(set, "2 of 3 lines do not match"));
}
