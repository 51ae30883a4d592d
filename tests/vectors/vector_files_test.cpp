// Writing vector sets and reading them back.
#include "bittrue/vectors/vector_files.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/npz.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;
namespace fs = std::filesystem;

namespace {

void check_equal(const VectorSet& a, const VectorSet& b) {
    CHECK(a.network == b.network);
    CHECK(a.network_sha256 == b.network_sha256);
    CHECK(a.network_file == b.network_file);
    CHECK(a.input == b.input);
    CHECK(a.labels == b.labels);
    REQUIRE(a.layers.size() == b.layers.size());
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        CAPTURE(a.layers[i].name);
        CHECK(a.layers[i].name == b.layers[i].name);
        CHECK(a.layers[i].inputs == b.layers[i].inputs);
        CHECK(a.layers[i].type == b.layers[i].type);
        CHECK(a.layers[i].layout == b.layers[i].layout);
        CHECK(a.layers[i].dims == b.layers[i].dims);
        CHECK(a.layers[i].words == b.layers[i].words);
        CHECK(a.layers[i].stored == b.layers[i].stored);
        CHECK(a.layers[i].patterns == b.layers[i].patterns);
    }
    REQUIRE(a.parameters.size() == b.parameters.size());
    for (std::size_t i = 0; i < a.parameters.size(); ++i) {
        CHECK(a.parameters[i].layer == b.parameters[i].layer);
        CHECK(a.parameters[i].role == b.parameters[i].role);
        CHECK(a.parameters[i].tensor.dims == b.parameters[i].tensor.dims);
        CHECK(a.parameters[i].tensor.format == b.parameters[i].tensor.format);
        CHECK(a.parameters[i].tensor.words == b.parameters[i].tensor.words);
    }
}

VectorSet one_layer(const std::string& name, const FixedType& type, std::vector<std::int64_t> words) {
    VectorSet set;
    set.layers.push_back(make_layer(name, type, Layout::Vector, {1, static_cast<std::int64_t>(words.size())}, {}, 1));
    set.layers[0].words = std::move(words);
    return set;
}

}  // namespace

TEST_CASE("Vector sets: what is written comes back, in npy, in hex and in both") {
    const Folder folder;
    const VectorSet set = small_set();
    using Kinds = std::vector<FileKind>;
    for (const Kinds& kinds : {Kinds{FileKind::Npy}, Kinds{FileKind::Hex}, Kinds{FileKind::Npy, FileKind::Hex}}) {
        write_vector_set(folder / "v", set, {.kinds = kinds});
        const VectorSet back = read_vector_set(folder / "v");
        check_equal(set, back);
        CHECK(back.notes.empty());
        const auto has = [&](FileKind kind) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
        CHECK(fs::exists(folder / "v/conv.npy") == has(FileKind::Npy));
        CHECK(fs::exists(folder / "v/conv.hex") == has(FileKind::Hex));
        CHECK(folder.entries() == 1);
    }
}

TEST_CASE("F3, F4: words of every width 1 to 64, signed and unsigned, survive npy and hex files") {
    const Folder folder;
    Words random(5);
    for (const bool npy : {true, false}) {
        VectorSet set;
        for (int width = 1; width <= 64; ++width) {
            for (const bool is_signed : {true, false}) {
                const FixedType type = type_of_bits(width, 3 - width, is_signed);
                VectorLayer layer = make_layer((is_signed ? "signed" : "unsigned") + std::to_string(width), type,
                                               Layout::Vector, {2, 9}, {}, random.next());
                layer.words[0] = word_from_raw(raw_min(type.format));
                layer.words[1] = word_from_raw(raw_max(type.format));
                set.layers.push_back(layer);
            }
        }
        write_vector_set(folder / "v", set, {.kinds = {npy ? FileKind::Npy : FileKind::Hex}});
        check_equal(set, read_vector_set(folder / "v"));
    }
}

TEST_CASE("Vector sets: all modes of a type and all layouts survive") {
    const Folder folder;
    VectorSet set = small_set();
    layer_of(set, "conv").type = FixedType{.format = {.width = 8, .integer = 3, .is_signed = true},
                                           .rounding = Rounding::RndConv,
                                           .overflow = Overflow::WrapSm,
                                           .saturated_bits = 2,
                                           .dialect = Dialect::Sc};
    layer_of(set, "side").layout = Layout::Chw;
    layer_of(set, "dense").layout.reset();
    set.labels.clear();
    set.network_sha256.clear();
    set.network_file.clear();
    write_vector_set(folder / "v", set);
    check_equal(set, read_vector_set(folder / "v"));
}

TEST_CASE("Vector sets: the manifest says what a testbench needs, the hex files say it again") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    const auto manifest = nlohmann::json::parse(slurp(folder / "v/manifest.json"));
    CHECK(manifest["format"] == "bittrue vector set");
    CHECK(manifest["format_version"] == 2);
    CHECK(manifest["images"] == 2);
    CHECK(manifest["labels"] == nlohmann::json::parse("[3, 7]"));
    CHECK(manifest["network"]["sha256"] == std::string(64, 'a'));
    CHECK_THAT(manifest["tool"].get<std::string>(), Catch::StartsWith("bittrue "));
    CHECK_THAT(manifest["bit_order"].get<std::string>(), Catch::Contains("bit 0 is the least significant bit"));
    const auto conv = manifest["layers"][1];
    CHECK(conv["name"] == "conv");
    CHECK(conv["type"] == "ap_fixed<8,3>");
    CHECK(conv["width"] == 8);
    CHECK(conv["integer"] == 3);
    CHECK(conv["frac"] == 5);
    CHECK(conv["signed"] == true);
    CHECK(conv["shape"] == nlohmann::json::parse("[2, 3, 4, 2]"));
    CHECK(conv["layout"] == "image, row, column, channel");
    CHECK(conv["words"] == 48);
    CHECK(conv["inputs"] == nlohmann::json::parse("[\"input\"]"));
    CHECK(conv["hex"]["sha256"] == sha256_hex(slurp(folder / "v/conv.hex")));
    CHECK(conv["npy"]["sha256"] == sha256_hex(slurp(folder / "v/conv.npy")));
    CHECK(manifest["parameters"][0]["npy"]["file"] == "parameters/dense_weights.npy");
    const std::string hex = slurp(folder / "v/conv.hex");
    CHECK_THAT(hex, Catch::StartsWith("// layer \"conv\"\n// ap_fixed<8,3>: 8 bits, 5 of them fraction, signed"));
    CHECK_THAT(hex, Catch::Contains("// shape 2x3x4x2 (image, row, column, channel)"));
}

TEST_CASE("Vector sets: layer names are free text, file names are safe and the manifest maps them") {
    const Folder folder;
    const std::vector<std::string> names{"block/conv 1",
                                         "block_conv_1",
                                         "BLOCK_CONV_1",
                                         "../../etc/passwd",
                                         ".hidden",
                                         "-rf",
                                         "",
                                         "parameters",
                                         "manifest",
                                         "a\nb",
                                         "\"quoted\" // */",
                                         "größe",
                                         std::string(300, 'n'),
                                         "con:",
                                         "nul\0l",
                                         "layer;rm",
                                         "$(x)",
                                         "\x1b[31mred"};
    VectorSet set;
    for (const std::string& name : names) {
        set.layers.push_back(make_layer(name, type_of_bits(7, 2), Layout::Vector, {1, 4}, {}, set.layers.size()));
    }
    write_vector_set(folder / "v", set);
    check_equal(set, read_vector_set(folder / "v"));
    CHECK(folder.entries() == 1);
    for (const auto& entry : fs::recursive_directory_iterator(folder / "v")) {
        const std::string file = entry.path().filename().string();
        CAPTURE(file);
        CHECK(file.size() <= 110);
        CHECK(file.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
              std::string::npos);
        CHECK(file[0] != '-');
        CHECK(file[0] != '.');
    }
    CHECK(file_stems({"a/b", "a b", "A_B", "a_b_2"}) == std::vector<std::string>{"a_b", "a_b_2", "A_B_3", "a_b_2_2"});
}

TEST_CASE("Vector sets: names that no manifest can hold, doubled names and missing formats are refused") {
    const Folder folder;
    VectorSet set = one_layer("bad\xff", type_of_bits(8, 8), {1});
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", set); }), Catch::Contains("UTF-8"));
    set = small_set();
    set.layers[2].name = "conv";
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", set); }), Catch::Contains("two layers are called 'conv'"));
    set = small_set();
    set.layers[2].type.reset();
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", set); }), Catch::Contains("'side' is not known"));
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", {}); }), Catch::Contains("no layer"));
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", small_set(), {.kinds = {}}); }), Catch::Contains("npy"));
    // A word outside its format is a bug of ours, not of the user's.
    set = one_layer("x", type_of_bits(8, 8), {128});
    CHECK_THROWS_AS(write_vector_set(folder / "v", set), std::logic_error);
    CHECK(folder.entries() == 0);
}

TEST_CASE("Vector sets: a vector set or an empty folder is replaced, anything else is kept and refused") {
    const Folder folder;
    fs::create_directory(folder / "v");
    write_vector_set(folder / "v", small_set());
    VectorSet other = one_layer("only", type_of_bits(4, 4), {1, 2, 3});
    write_vector_set(folder / "v/", other);
    check_equal(other, read_vector_set(folder / "v"));
    CHECK_FALSE(fs::exists(folder / "v/conv.npy"));
    CHECK(folder.entries() == 1);

    spill(folder / "v/notes.txt", "mine");
    CHECK_THAT(error_of([&] { write_vector_set(folder / "v", small_set()); }), Catch::Contains("notes.txt"));
    check_equal(other, read_vector_set(folder / "v"));
    CHECK(slurp(folder / "v/notes.txt") == "mine");

    fs::create_directory(folder / "home");
    spill(folder / "home/thesis.tex", "mine");
    CHECK_THAT(error_of([&] { write_vector_set(folder / "home", small_set()); }), Catch::Contains("not a vector set"));
    spill(folder / "home/manifest.json", "{\"format\": \"something else\"}");
    CHECK_THAT(error_of([&] { write_vector_set(folder / "home", small_set()); }), Catch::Contains("not a vector set"));
    CHECK(slurp(folder / "home/thesis.tex") == "mine");

    spill(folder / "file", "mine");
    CHECK_THAT(error_of([&] { write_vector_set(folder / "file", small_set()); }), Catch::Contains("not a directory"));
    CHECK_THAT(error_of([&] { write_vector_set(folder / "no/where", small_set()); }),
               Catch::Contains("does not exist"));
    CHECK_FALSE(error_of([&] { write_vector_set("", small_set()); }).empty());
    CHECK_FALSE(error_of([&] { write_vector_set("/", small_set()); }).empty());
    CHECK(slurp(folder / "file") == "mine");
    CHECK(folder.entries() == 3);
}

TEST_CASE("Vector sets: a folder that cannot be written is said and left as it is") {
    if (::geteuid() == 0) {
        // Root may write anywhere but where there is no file system to write to.
        CHECK_THAT(error_of([&] { write_vector_set("/proc/v", small_set()); }), Catch::Contains("/proc/v"));
        return;
    }
    const Folder folder;
    fs::create_directory(folder / "locked");
    fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    CHECK_THAT(error_of([&] { write_vector_set(folder / "locked/v", small_set()); }), Catch::Contains("locked/v"));
    fs::permissions(folder / "locked", fs::perms::owner_all);
    CHECK(fs::is_empty(folder / "locked"));
}

TEST_CASE("Vector sets: equal sets give equal bytes") {
    const Folder folder;
    write_vector_set(folder / "a", small_set());
    write_vector_set(folder / "b", small_set());
    for (const auto& entry : fs::recursive_directory_iterator(folder / "a")) {
        if (!entry.is_regular_file()) continue;
        const std::string name = fs::relative(entry.path(), folder / "a").string();
        CHECK(slurp((fs::path(folder / "b") / name).string()) == slurp(entry.path().string()));
    }
}

TEST_CASE("Vector sets: npz, npy, hex and a folder of loose files are read for what they are") {
    const Folder folder;
    NpyArray bytes{.dims = {2, 3}, .type = NpyType::Int8, .integers = {-1, 2, 3, 4, 5, 6}, .reals = {}};
    NpyArray floats{.dims = {2, 2}, .type = NpyType::Float32, .integers = {}, .reals = {1, -2, 0, 4}};
    write_npz(folder / "t.npz", {{"b/conv", bytes}, {"dense", floats}});
    VectorSet set = read_vector_set(folder / "t.npz");
    REQUIRE(set.layers.size() == 2);
    CHECK(set.layers[0].name == "b/conv");
    CHECK(set.layers[0].words == bytes.integers);
    CHECK(set.layers[0].stored.width == 8);
    CHECK_FALSE(set.layers[0].type.has_value());
    CHECK(set.layers[1].words == std::vector<std::int64_t>{1, -2, 0, 4});
    REQUIRE(set.notes.size() == 1);
    CHECK_THAT(set.notes[0], Catch::Contains("dense") && Catch::Contains("float32"));

    fs::create_directory(folder / "loose");
    write_npy(folder / "loose/conv.npy", bytes);
    spill(folder / "loose/dense.mem", "ff\n0a\n");
    spill(folder / "loose/README", "text");
    set = read_vector_set(folder / "loose");
    REQUIRE(set.layers.size() == 2);
    CHECK(set.layers[0].name == "conv");
    CHECK(set.layers[1].name == "dense");
    CHECK(set.layers[1].patterns);
    CHECK(set.layers[1].stored == Format{.width = 8, .integer = 8, .is_signed = false});
    CHECK(read_vector_set(folder / "loose/conv.npy").layers[0].name == "conv");
    CHECK(read_vector_set(folder / "loose/dense.mem").layers[0].words == std::vector<std::int64_t>{255, 10});

    spill(folder / "loose/conv.hex", "1");
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "loose"); }),
               Catch::Contains("two files for layer 'conv'"));
}

TEST_CASE("Vector sets: floats that are no integers are refused with their index") {
    const Folder folder;
    const auto refusal = [&](double bad) {
        write_npy(folder / "f.npy",
                  {.dims = {2, 3}, .type = NpyType::Float64, .integers = {}, .reals = {1, 2, 3, 4, bad, 6}});
        return error_of([&] { (void)read_vector_set(folder / "f.npy"); });
    };
    CHECK_THAT(refusal(0.5), Catch::Contains("[1, 1]") && Catch::Contains("0.5"));
    CHECK_THAT(refusal(0x1p63), Catch::Contains("[1, 1]"));
    CHECK_THAT(refusal(std::numeric_limits<double>::quiet_NaN()), Catch::Contains("nan"));
    CHECK_THAT(refusal(std::numeric_limits<double>::infinity()), Catch::Contains("inf"));
    CHECK(refusal(-0x1p62).empty());
    CHECK_THAT(refusal(1e-10), Catch::Contains("is 1e-10, which"));
    CHECK_THAT(refusal(1e300), Catch::Contains("is 1e+300, which"));
    CHECK_THAT(refusal(1.0000000001), Catch::Contains("is 1.0000000001, which"));
}

TEST_CASE("Vector sets: paths that hold no vectors are refused in words") {
    const Folder folder;
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "absent"); }), Catch::Contains("does not exist"));
    CHECK_THAT(error_of([&] { (void)read_vector_set(""); }), Catch::Contains("does not exist"));
    fs::create_directory(folder / "empty");
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "empty"); }), Catch::Contains("manifest.json"));
    spill(folder / "x.tex", "thesis");
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "x.tex"); }), Catch::Contains(".npz"));
    spill(folder / "x.hex", "// nothing\n");
    CHECK_THAT(error_of([&] { (void)read_vector_set(folder / "x.hex"); }), Catch::Contains("no words"));
    write_npz(folder / "none.npz", {});
    CHECK_FALSE(error_of([&] { (void)read_vector_set(folder / "none.npz"); }).empty());
}

TEST_CASE("Vector formats: every kind by its name, alone or in a list") {
    CHECK(parse_file_kinds("npy") == std::vector{FileKind::Npy});
    CHECK(parse_file_kinds("hex,npy") == std::vector{FileKind::Hex, FileKind::Npy});
    for (const FileKind kind : all_file_kinds()) CHECK(parse_file_kinds(file_kind_name(kind)) == std::vector{kind});
    for (const char* text : {"", "npy,", ",", "cow", "npy hex", "mem,npy,mem"})
        CHECK_THROWS_AS(parse_file_kinds(text), InputError);
    CHECK_THAT(error_of([] { (void)parse_file_kinds("vhdl"); }), Catch::Contains("bin-le") && Catch::Contains("tv"));
}

TEST_CASE("Vector sets: a run becomes the layers it kept, with the graph's wiring") {
    Graph graph;
    graph.name = "net";
    graph.input = {.name = "in", .shape = make_map(Layout::Chw, 2, 1, 1), .type = type_of_bits(4, 4)};
    graph.nodes.push_back({.name = "relu",
                           .inputs = {"in"},
                           .op = Relu{},
                           .result = type_of_bits(3, 3),
                           .shape = make_map(Layout::Chw, 2, 1, 1)});
    graph.nodes.push_back({.name = "sum",
                           .inputs = {"in", "relu"},
                           .op = Add{},
                           .result = type_of_bits(5, 5),
                           .shape = make_map(Layout::Chw, 2, 1, 1)});
    RunResult run{.images = 2, .layers = {}};
    run.layers.push_back({.name = "in", .type = graph.input.type, .shape = graph.input.shape, .words = {1, 2, 3, -4}});
    run.layers.push_back({.name = "relu", .type = graph.nodes[0].result, .shape = graph.nodes[0].shape});
    run.layers.push_back(
        {.name = "sum", .type = graph.nodes[1].result, .shape = graph.nodes[1].shape, .words = {2, 4, 6, -4}});
    const VectorSet set = from_run(graph, run);
    REQUIRE(set.layers.size() == 2);
    CHECK(set.network == "net");
    CHECK(set.images() == 2);
    CHECK(set.layers[0].dims == Dims{2, 2, 1, 1});
    CHECK(set.layers[0].inputs.empty());
    CHECK(set.layers[1].name == "sum");
    CHECK(set.layers[1].inputs == std::vector<std::string>{"in", "relu"});
    CHECK(set.layers[1].words == run.layers[2].words);
    CHECK(set.layers[1].layout == Layout::Chw);
    run.layers.pop_back();
    CHECK_THROWS_AS(from_run(graph, run), std::logic_error);
}
