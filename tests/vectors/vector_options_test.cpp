// Sets of several kinds of files, packings per layer, further files, and manifests of version 1.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/model/checksum.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr VectorReadOptions kEdited{.allow_edited = true};

std::string refusal(const VectorOptions& options) {
    const Folder folder;
    const std::string message = error_of([&] { write_vector_set(folder / "v", small_set(), options); });
    CHECK(folder.entries() == 0);
    return message;
}

VectorOptions with_packing(const std::string& name, const std::string& packing,
                           std::vector<FileKind> kinds = {FileKind::Mem}) {
    VectorOptions options;
    options.kinds = std::move(kinds);
    if (name.empty()) {
        options.packing = parse_packing(packing);
    } else {
        options.packings[name] = parse_packing(packing);
    }
    return options;
}

void replace_in(const std::string& path, const std::string& from, const std::string& to) {
    std::string text = slurp(path);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    spill(path, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("Vector sets: the manifest describes each file with packing, word bits and number of words") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(),
                     with_packing("conv", "lanes=4,first=high", {FileKind::Mem, FileKind::Npy}));
    const Json manifest = Json::parse(slurp(folder / "v/manifest.json"));
    const Json& conv = manifest["layers"][1]["mem"];
    CHECK(conv["file"] == "conv.mem");
    CHECK(conv["sha256"] == sha256_hex(slurp(folder / "v/conv.mem")));
    CHECK(conv["packing"] == "lanes=4,first=high");
    CHECK(conv["word_bits"] == 32);
    CHECK(conv["packed_words"] == 12);
    const Json& npy = manifest["layers"][1]["npy"];
    CHECK(npy["packing"] == "");
    CHECK(npy["word_bits"] == 8);
    CHECK(npy["packed_words"] == 48);
    CHECK(manifest["layers"][2]["mem"]["packing"] == "");
    CHECK(manifest["extra"] == Json::array());
}

TEST_CASE("Vector sets: one packing for all layers keeps the order of parameters, one of a layer replaces it") {
    const Folder folder;
    VectorOptions options = with_packing("", "lanes=3,order=chw", {FileKind::Coe});
    options.packings["dense.weights"] = parse_packing("pe=5,simd=4");
    options.packings["dense"] = parse_packing("axis");
    write_vector_set(folder / "v", small_set(), options);
    const Json manifest = Json::parse(slurp(folder / "v/manifest.json"));
    CHECK(manifest["layers"][1]["coe"]["packing"] == "lanes=3,order=chw");
    CHECK(manifest["layers"][4]["coe"]["packing"] == "axis");
    CHECK(manifest["parameters"][0]["coe"]["packing"] == "pe=5,simd=4");
    options.packings.erase("dense.weights");
    write_vector_set(folder / "v", small_set(), options);
    CHECK(Json::parse(slurp(folder / "v/manifest.json"))["parameters"][0]["coe"]["packing"] == "lanes=3");
    CHECK(read_vector_set(folder / "v").parameters[0].tensor.words == small_set().parameters[0].tensor.words);
}

TEST_CASE("Vector sets: packings and kinds that cannot be written are refused before anything is") {
    CHECK_THAT(refusal(with_packing("", "lane_bits=7")),
               Catch::Contains("layer 'input' as mem") && Catch::Contains("lane_bits=8"));
    CHECK_THAT(refusal(with_packing("", "pe=2,simd=2")), Catch::Contains("LAYER.weights"));
    CHECK_THAT(refusal(with_packing("dense.weights", "pe=3,simd=2")),
               Catch::Contains("weights of layer 'dense'") && Catch::Contains("pe=3"));
    CHECK_THAT(refusal(with_packing("cnov", "lanes=2")),
               Catch::Contains("'cnov'") && Catch::Contains("'conv'") && Catch::Contains("'dense.weights'"));
    CHECK_THAT(refusal(with_packing("dense", "lanes=200", {FileKind::Npy, FileKind::IntelHex})),
               Catch::Contains("layer 'dense' as ihex") && Catch::Contains("255 bytes"));
    CHECK_THAT(refusal({.kinds = {FileKind::Mem, FileKind::Mem}}), Catch::Contains("mem is given twice"));
    VectorOptions extra;
    for (const char* path : {"", "/etc/passwd", "../x", "a/../b", "a//b", ".", "a/."}) {
        extra.extra = {{.path = path}};
        CHECK_THAT(refusal(extra), Catch::Contains("inside the directory"));
    }
    for (const char* path : {"manifest.json", "CONV.npy", "parameters", "conv.npy/x"}) {
        extra.extra = {{.path = path}};
        CHECK_THAT(refusal(extra), Catch::Contains("two files"));
    }
    VectorSet wide;
    wide.layers.push_back(make_layer("acc", type_of_bits(54, 54), Layout::Vector, {1, 3}, {}, 1));
    const Folder folder;
    CHECK_THAT(error_of([&] {
                   write_vector_set(folder / "v", wide, {.kinds = {FileKind::Npy, FileKind::Hls4ml}});
               }),
               Catch::Contains("layer 'acc' as dat") && Catch::Contains("53 bits"));
    CHECK(folder.entries() == 0);
}

TEST_CASE("Vector sets: further files are listed, may be run, and go when the set is replaced") {
    const Folder folder;
    VectorOptions options;
    options.extra = {{.path = "tb/conv_tb.sv", .bytes = "module tb;"},
                     {.path = "tb/deep/run.sh", .bytes = "#!/bin/sh\n", .executable = true}};
    write_vector_set(folder / "v", small_set(), options);
    CHECK(slurp(folder / "v/tb/conv_tb.sv") == "module tb;");
    CHECK((fs::status(folder / "v/tb/deep/run.sh").permissions() & fs::perms::owner_exec) != fs::perms::none);
    CHECK((fs::status(folder / "v/tb/conv_tb.sv").permissions() & fs::perms::owner_exec) == fs::perms::none);
    const Json manifest = Json::parse(slurp(folder / "v/manifest.json"));
    CHECK(manifest["extra"][0]["file"] == "tb/conv_tb.sv");
    CHECK(manifest["extra"][0]["sha256"] == sha256_hex("module tb;"));
    CHECK(read_vector_set(folder / "v").notes.empty());
    spill(folder / "v/tb/wave.vcd", "mine");
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", small_set()); }), Catch::Contains("tb/wave.vcd"));
    fs::remove(folder / "v/tb/wave.vcd");
    write_vector_set(folder / "v", small_set());
    CHECK_FALSE(fs::exists(folder / "v/tb"));
}

TEST_CASE("Vector sets: of several kinds the changed file is read, in whatever kind and packing it is") {
    const Folder folder;
    VectorSet changed = small_set();
    layer_of(changed, "conv").words[7] ^= 1;
    for (const FileKind kind : all_file_kinds()) {
        if (kind == FileKind::Npz) continue;
        CAPTURE(file_kind_name(kind));
        const VectorOptions options = with_packing("conv", "lanes=3,first=high", all_file_kinds());
        write_vector_set(folder / "w", changed, options);
        write_vector_set(folder / "v", small_set(), options);
        const std::string file = "conv" + file_kind_extension(kind);
        fs::copy_file(folder / ("w/" + file), folder / ("v/" + file), fs::copy_options::overwrite_existing);
        CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "v"); }),
                   Catch::Contains(file) && Catch::Contains("SHA-256"));
        const VectorSet back = read_vector_set(folder / "v", kEdited);
        CHECK(back.find("conv")->words == layer_of(changed, "conv").words);
        CHECK(back.find("side")->words == small_set().find("side")->words);
        REQUIRE(back.notes.size() == 1);
        CHECK_THAT(back.notes[0], Catch::Contains(file) && Catch::Contains("changed"));
    }
}

TEST_CASE("Vector sets: an .npz that is changed is said once and read for every layer") {
    const Folder folder;
    VectorSet changed = small_set();
    layer_of(changed, "conv").words[7] ^= 1;
    write_vector_set(folder / "w", changed, {.kinds = {FileKind::Npz}});
    write_vector_set(folder / "v", small_set(), {.kinds = {FileKind::Npz, FileKind::Mem}});
    CHECK(fs::exists(folder / "v/layers.npz"));
    CHECK(fs::exists(folder / "v/parameters/dense_weights.mem"));
    CHECK(fs::exists(folder / "v/parameters.npz"));
    fs::copy_file(folder / "w/layers.npz", folder / "v/layers.npz", fs::copy_options::overwrite_existing);
    const VectorSet back = read_vector_set(folder / "v", kEdited);
    CHECK(back.find("conv")->words == layer_of(changed, "conv").words);
    CHECK(back.notes.size() == 1);
}

TEST_CASE("Vector sets: a packed file with more or fewer words than the manifest's is kept as lanes in their order") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(), with_packing("conv", "lanes=4"));
    const std::string text = slurp(folder / "v/conv.mem");
    spill(folder / "v/conv.mem", text.substr(0, text.size() - 9));
    VectorSet set = read_vector_set(folder / "v", kEdited);
    CHECK(set.find("conv")->dims == Dims{44});
    CHECK(set.find("conv")->lanes == 4);
    std::vector<std::int64_t> first = small_set().layers[1].words;
    first.resize(44);
    CHECK(set.find("conv")->words == first);
    CHECK_THAT(set.notes.at(1), Catch::Contains("11 words instead of 12"));
    spill(folder / "v/conv.mem", text + "1ffffffff\n");
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "v", kEdited); }), Catch::Contains("conv.mem"));
}

TEST_CASE("Vector sets: words with x or z are refused with their line, or said where they are wanted") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(), with_packing("conv", "lanes=2"));
    std::string text = slurp(folder / "v/conv.mem");
    const std::size_t at = text.find("an image, one a line\n") + 21;
    text.replace(at + 5, 2, "xZ");  // the high lane of word 1
    spill(folder / "v/conv.mem", text);
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "v", kEdited); }),
               Catch::Contains("conv.mem:5") && Catch::Contains("unknown bits"));
    const VectorSet set = read_vector_set(folder / "v", {.allow_edited = true, .allow_undefined = true});
    CHECK(set.find("conv")->undefined == std::vector<std::int64_t>{3});
    CHECK(set.find("conv")->undefined_bits == std::vector<std::string>{"0bxxxxzzzz"});
    CHECK(set.find("conv")->words[3] == 0);
    const VectorSet bare = read_vector_set(folder / "v/conv.mem", {.allow_undefined = true});
    CHECK(bare.layers[0].undefined == std::vector<std::int64_t>{3});
}

TEST_CASE("Vector sets: a csv whose columns contradict its words is refused") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(), with_packing("conv", "lanes=2", {FileKind::Csv}));
    VectorSet changed = small_set();
    const std::string word = std::to_string(changed.layers[1].words[0]);
    replace_in(folder / "v/conv.csv", "," + word + ",", "," + std::to_string(changed.layers[1].words[0] ^ 1) + ",");
    const VectorReadOptions bare{.packing = parse_packing("lanes=2"), .schema = &changed};
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "v/conv.csv", bare); }),
               Catch::Contains("lane 0 of word 0"));
}

TEST_CASE("Vector sets: a manifest of version 1 is read and replaced") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    Json manifest = Json::parse(slurp(folder / "v/manifest.json"));
    manifest["format_version"] = 1;
    manifest.erase("extra");
    for (const char* list : {"layers", "parameters"}) {
        for (Json& entry : manifest[list]) {
            for (const char* kind : {"npy", "hex"}) {
                for (const char* key : {"packing", "word_bits", "packed_words"}) entry[kind].erase(key);
            }
        }
    }
    spill(folder / "v/manifest.json", manifest.dump());
    const VectorSet back = read_vector_set(folder / "v");
    CHECK(back.notes.empty());
    for (std::size_t i = 0; i < back.layers.size(); ++i) CHECK(back.layers[i].words == small_set().layers[i].words);
    write_vector_set(folder / "v", small_set(), {.kinds = {FileKind::VitisTv}});
    CHECK_FALSE(fs::exists(folder / "v/conv.hex"));
}

TEST_CASE("Vector sets: a manifest whose packing contradicts itself is refused at its place") {
    const Folder folder;
    write_vector_set(folder / "v", small_set(), with_packing("conv", "lanes=4"));
    const Json good = Json::parse(slurp(folder / "v/manifest.json"));
    const auto with = [&](auto&& change) {
        Json manifest = good;
        change(manifest["layers"][1]["mem"]);
        spill(folder / "v/manifest.json", manifest.dump());
        return error_of([&] { (void)read_vector_set(folder / "v"); });
    };
    CHECK(with([](Json&) {}).empty());
    CHECK_THAT(with([](Json& f) { f["packing"] = "lanes=0"; }),
               Catch::Contains("layer 2, \"mem\"") && Catch::Contains("lanes"));
    CHECK_THAT(with([](Json& f) { f["packing"] = "lanes=2"; }), Catch::Contains("word_bits"));
    CHECK_THAT(with([](Json& f) { f["packing"] = "pe=2,simd=2"; }), Catch::Contains("layer 2"));
    CHECK_THAT(with([](Json& f) { f["packing"] = 5; }), Catch::Contains("text"));
    CHECK_THAT(with([](Json& f) { f["word_bits"] = 33; }), Catch::Contains("not 32"));
    CHECK_THAT(with([](Json& f) { f["packed_words"] = 11; }), Catch::Contains("not 12"));
    CHECK_THAT(with([](Json& f) { f.erase("packing"); }), Catch::Contains("\"packing\" is missing"));
}

TEST_CASE("Vector sets: a folder of loose files takes any kind by its extension, and one kind where told") {
    const Folder folder;
    fs::create_directory(folder / "loose");
    spill(folder / "loose/a.coe", "radix=16;coefdata=1,2;");
    spill(folder / "loose/b.tv.dat", "[[[runtime]]]\n[[transaction]] 0\n0x7\n[[/transaction]]\n[[[/runtime]]]\n");
    spill(folder / "loose/c.h", "int a;");
    const VectorSet set = read_vector_set(folder / "loose");
    REQUIRE(set.layers.size() == 2);
    CHECK(set.layers[0].words == std::vector<std::int64_t>{1, 2});
    CHECK(set.layers[1].name == "b");
    spill(folder / "loose/a.mem", "5");
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "loose"); }), Catch::Contains("two files for layer 'a'"));
    CHECK(read_vector_set(folder / "loose", {.as = FileKind::Mem}).layers.at(0).words == std::vector<std::int64_t>{5});
}

TEST_CASE("Vector sets: stems and extensions that would meet in one file name are told apart") {
    const Folder folder;
    VectorSet set;
    for (const char* name : {"a", "a.tv", "layers", "A.TV"}) {
        set.layers.push_back(make_layer(name, type_of_bits(6, 3), Layout::Vector, {1, 4}, {}, set.layers.size()));
    }
    write_vector_set(folder / "v", set, {.kinds = {FileKind::Hls4ml, FileKind::VitisTv, FileKind::Npz}});
    const VectorSet back = read_vector_set(folder / "v");
    for (std::size_t i = 0; i < set.layers.size(); ++i) CHECK(back.layers[i].words == set.layers[i].words);
}
