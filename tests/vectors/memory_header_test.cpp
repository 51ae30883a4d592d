// The comments of a .hex file say what its words are.
#include <catch2/catch.hpp>

#include "bittrue/vectors/vector_files.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;
namespace fs = std::filesystem;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error("no " + from);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("Hex header: a file that bittrue wrote is read alone with its type, shape and layout") {
    const Folder folder;
    VectorSet set = small_set();
    layer_of(set, "conv").type->rounding = Rounding::RndConv;
    layer_of(set, "conv").type->overflow = Overflow::Sat;
    layer_of(set, "side").layout = Layout::Chw;
    layer_of(set, "flatten").layout.reset();
    layer_of(set, "dense").type->format = {.width = 16, .integer = -3, .is_signed = true};
    layer_of(set, "dense").stored = layer_of(set, "dense").type->format;
    write_vector_set(folder / "v", set);
    for (const VectorLayer& layer : set.layers) {
        CAPTURE(layer.name);
        const VectorSet one = read_vector_set(folder / ("v/" + layer.name + ".hex"));
        REQUIRE(one.layers.size() == 1);
        CHECK(one.layers[0].type == layer.type);
        CHECK(one.layers[0].layout == layer.layout);
        CHECK(one.layers[0].dims == layer.dims);
        CHECK(one.layers[0].words == layer.words);
        CHECK_FALSE(one.layers[0].patterns);
        REQUIRE(one.notes.size() == 1);
        CHECK_THAT(one.notes[0], Catch::Contains(layer.name + ".hex") && Catch::Contains("comments"));
    }
    const VectorSet weights = read_vector_set(folder / "v/parameters/dense_weights.hex");
    CHECK(weights.layers[0].type->format == set.parameters[0].tensor.format);
    CHECK(weights.layers[0].dims == set.parameters[0].tensor.dims);
    CHECK(weights.layers[0].words == set.parameters[0].tensor.words);
}

TEST_CASE("Hex header: fewer or wider words than it says keep its format and lose its shape") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    std::string text = slurp(folder / "v/conv.hex");
    spill(folder / "cut.hex", text.substr(0, text.size() - 3));
    VectorLayer layer = read_vector_set(folder / "cut.hex").layers[0];
    CHECK(layer.type == small_set().layers[1].type);
    CHECK((layer.patterns && layer.dims == Dims{47} && !layer.layout));
    spill(folder / "wide.hex", text.substr(0, text.size() - 3) + "1ff\n");
    layer = read_vector_set(folder / "wide.hex").layers[0];
    CHECK(layer.type == small_set().layers[1].type);
    CHECK((layer.patterns && layer.dims == Dims{48} && layer.words[47] == 0x1ff));
}

TEST_CASE("Hex header: comments that are not as bittrue writes them are comments") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    const std::string text = slurp(folder / "v/conv.hex");
    const auto type_of = [&](const std::string& changed) {
        spill(folder / "x.hex", changed);
        const VectorSet set = read_vector_set(folder / "x.hex");
        CHECK(set.layers[0].patterns != set.layers[0].type.has_value());
        CHECK(set.notes.empty() != set.layers[0].type.has_value());
        return set.layers[0].type;
    };
    CHECK(type_of(text).has_value());
    std::string windows;
    for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(type_of(windows).has_value());
    CHECK_FALSE(type_of(replaced(text, "// layer", "// dump of layer")).has_value());
    CHECK_FALSE(type_of(replaced(text, "<8,3>", "<9,3>")).has_value());
    CHECK_FALSE(type_of(replaced(text, "<8,3>", "<0,3>")).has_value());
    CHECK_FALSE(type_of(replaced(text, "8 bits", "99999999999 bits")).has_value());
    CHECK_FALSE(type_of(replaced(text, "5 of them", "6 of them")).has_value());
    CHECK_FALSE(type_of(replaced(text, "2x3x4x2", "2x3x4x")).has_value());
    CHECK_FALSE(type_of(replaced(text, "2x3x4x2", "+2x3x4x2")).has_value());
    CHECK_FALSE(type_of(replaced(text, "row, column", "column, row")).has_value());
    CHECK_FALSE(type_of(replaced(text, "last axis", "first axis")).has_value());
    CHECK_FALSE(type_of("// layer \"x\"\n" + text).has_value());
    CHECK_FALSE(type_of("// one\n5\n").has_value());
}

TEST_CASE("Hex header: inside a set the manifest says what the words are") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(), {.kinds = {FileKind::Hex}});
    spill(folder / "v/conv.hex",
          replaced(slurp(folder / "v/conv.hex"), "ap_fixed<8,3>: 8 bits, 5", "ap_fixed<8,4>: 8 bits, 4"));
    const VectorSet set = read_vector_set(folder / "v", {.allow_edited = true});
    CHECK(set.find("conv")->type == small_set().layers[1].type);
    CHECK(set.find("conv")->words == small_set().layers[1].words);
}
