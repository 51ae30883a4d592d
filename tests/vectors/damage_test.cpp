// Damaged and edited vector directories.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/model/error.hpp"
#include "bittrue/model/npy.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr VectorReadOptions kEdited{.allow_edited = true};

std::string refusal(const std::string& path, const VectorReadOptions& options = {}) {
    return error_of([&] { (void)read_vector_set(path, options); });
}

void edit_line(const std::string& path, std::size_t line, const std::string& text) {
    std::string bytes = slurp(path);
    std::size_t at = 0;
    for (std::size_t i = 0; i < line; ++i) at = bytes.find('\n', at) + 1;
    bytes.replace(at, bytes.find('\n', at) - at, text);
    spill(path, bytes);
}

}  // namespace

TEST_CASE("Vector sets: a changed file is refused by its name, or allowed and read") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    edit_line(folder / "v/conv.hex", 4, "5a");
    CHECK_THAT(refusal(folder / "v"), Catch::Contains("conv.hex") && Catch::Contains("SHA-256"));
    VectorSet set = read_vector_set(folder / "v", kEdited);
    CHECK(set.find("conv")->words[1] == 0x5a);
    CHECK(set.find("conv")->words[2] == small_set().layers[1].words[2]);
    CHECK(set.find("conv")->stored == small_set().layers[1].type->format);
    REQUIRE(set.notes.size() == 1);
    CHECK_THAT(set.notes[0], Catch::Contains("conv.hex") && Catch::Contains("changed"));

    // The other file changed alike is fine, changed otherwise is a contradiction.
    NpyArray array = read_npy(folder / "v/conv.npy");
    array.integers[1] = 0x5a;
    write_npy(folder / "v/conv.npy", array);
    CHECK(read_vector_set(folder / "v", kEdited).find("conv")->words[1] == 0x5a);
    array.integers[7] ^= 1;
    write_npy(folder / "v/conv.npy", array);
    CHECK_THAT(refusal(folder / "v", kEdited), Catch::Contains("conv.npy") && Catch::Contains("different words"));

    // A file that is no longer readable is refused even where edits are allowed.
    fs::remove(folder / "v/conv.npy");
    edit_line(folder / "v/conv.hex", 5, "xx");
    CHECK_THAT(refusal(folder / "v", kEdited), Catch::Contains("conv.hex:6") && Catch::Contains("unknown bits"));
}

TEST_CASE("Vector sets: a removed file is refused, or its layer is absent") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    fs::remove(folder / "v/side.npy");
    CHECK_THAT(refusal(folder / "v"), Catch::Contains("side.npy") && Catch::Contains("missing"));
    CHECK(read_vector_set(folder / "v", kEdited).find("side") != nullptr);
    fs::remove(folder / "v/side.hex");
    const VectorSet set = read_vector_set(folder / "v", kEdited);
    CHECK(set.find("side") == nullptr);
    CHECK(set.layers.size() == 4);
}

TEST_CASE("Vector sets: an edited file with other words than the manifest's is kept as it is") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(), {.kinds = {FileKind::Hex}});
    spill(folder / "v/conv.hex", "1\n2\n1ff\n");
    VectorSet set = read_vector_set(folder / "v", kEdited);
    CHECK(set.find("conv")->patterns);
    CHECK(set.find("conv")->dims == Dims{3});
    CHECK(set.find("conv")->words == std::vector<std::int64_t>{1, 2, 0x1ff});
    CHECK(set.find("conv")->type.has_value());
}

TEST_CASE("Vector sets: prefixes of the manifest and every truncation of a file is refused in words") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    const std::string manifest = slurp(folder / "v/manifest.json");
    // Every length near the end, elsewhere every 7th: with sanitizers all of them take minutes.
    for (std::size_t length = 0; length + 2 <= manifest.size(); length += length + 100 < manifest.size() ? 7U : 1U) {
        spill(folder / "v/manifest.json", manifest.substr(0, length));
        const std::string message = refusal(folder / "v", kEdited);
        if (message.find("manifest.json") == std::string::npos) {
            CAPTURE(length, message);
            FAIL("a prefix of the manifest was accepted");
        }
    }
    spill(folder / "v/manifest.json", manifest);
    CHECK(refusal(folder / "v").empty());
    for (const char* file : {"dense.npy", "dense.hex", "parameters/dense_weights.npy"}) {
        const std::string path = folder / (std::string("v/") + file);
        const std::string bytes = slurp(path);
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            spill(path, bytes.substr(0, length));
            if (refusal(folder / "v").find(file) == std::string::npos) {
                CAPTURE(file, length);
                FAIL("a truncated file was accepted");
            }
            // Allowed edits: either a sentence, or fewer words, never a crash.
            (void)refusal(folder / "v", kEdited);
        }
        spill(path, bytes);
    }
}

TEST_CASE("Vector sets: a manifest of the right form but with wrong content is refused at its place") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    const Json good = Json::parse(slurp(folder / "v/manifest.json"));
    const auto with = [&](auto&& change) {
        Json manifest = good;
        change(manifest);
        spill(folder / "v/manifest.json", manifest.dump());
        return refusal(folder / "v");
    };
    CHECK(with([](Json&) {}).empty());
    CHECK_THAT(with([](Json& m) { m["format"] = "x"; }), Catch::Contains("not the manifest"));
    CHECK_THAT(with([](Json& m) { m["format_version"] = 3; }), Catch::Contains("format_version"));
    CHECK_THAT(with([](Json& m) { m.erase("layers"); }), Catch::Contains("\"layers\" is missing"));
    CHECK_THAT(with([](Json& m) { m["layers"] = 5; }), Catch::Contains("list"));
    CHECK_THAT(with([](Json& m) { m["layers"][2] = 5; }), Catch::Contains("layer 3") && Catch::Contains("object"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["name"] = "input"; }), Catch::Contains("doubled"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["name"] = 7; }), Catch::Contains("text"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["type"] = "ap_fixed<0,0>"; }), Catch::Contains("ap_fixed"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["width"] = 9; }), Catch::Contains("contradicts"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["frac"] = 4; }),
               Catch::Contains("layer 2") && Catch::Contains("\"frac\" is not"));
    CHECK_THAT(with([](Json& m) { m["layers"][1].erase("frac"); }), Catch::Contains("\"frac\" is missing"));
    CHECK_THAT(with([](Json& m) { m["parameters"][0]["frac"] = -5; }),
               Catch::Contains("parameter 1") && Catch::Contains("\"frac\" is not"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["width"] = 1e300; }), Catch::Contains("integer from 1 to 64"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["signed"] = "yes"; }), Catch::Contains("true or false"));
    CHECK_THAT(with([](Json& m) {
                   m["layers"][1]["shape"] = {2, 3, 4, 3};
               }),
               Catch::Contains("48") || Catch::Contains("72"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["shape"] = {2, 2, 6, 2}; }), Catch::Contains("2x2x6x2"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["shape"] = {3, 3, 4, 2}; }), Catch::Contains("layer 2"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["shape"] = {2, -3, -4, 2}; }), Catch::Contains("negative"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["shape"] = {2, 1LL << 40, 1LL << 40}; }), Catch::Contains("larger"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["layout"] = "rows"; }),
               Catch::Contains("image, row, column, channel"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["npy"]["file"] = "../v/conv.npy"; }), Catch::Contains("file name"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["npy"]["file"] = "/etc/passwd"; }), Catch::Contains("file name"));
    CHECK_THAT(with([](Json& m) { m["layers"][1]["npy"]["file"] = "dense.npy"; }), Catch::Contains("dense.npy"));
    CHECK_THAT(with([](Json& m) {
                   m["layers"][1].erase("npy");
                   m["layers"][1].erase("hex");
               }),
               Catch::Contains("neither"));
    CHECK_THAT(with([](Json& m) { m["images"] = -1; }), Catch::Contains("images"));
    CHECK_THAT(with([](Json& m) { m["labels"] = {1.5, 2}; }), Catch::Contains("labels"));
    CHECK_THAT(with([](Json& m) { m["labels"] = {1}; }), Catch::Contains("labels"));
    CHECK_THAT(with([](Json& m) { m["parameters"][0]["width"] = 65; }), Catch::Contains("parameter 1"));
}
