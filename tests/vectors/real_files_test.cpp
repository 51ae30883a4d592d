// Files that others' tools and designs left behind.
#include <filesystem>

#include <catch2/catch.hpp>

#include "bittrue/vectors/vector_files.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

const std::string kDumps = BITTRUE_SOURCE_DIR "/../shared/hwdumps/";

bool absent() {
    if (std::filesystem::exists(kDumps)) return false;
    WARN("SKIPPED: " << kDumps << " absent");
    return true;
}

VectorLayer read(const std::string& name, const VectorReadOptions& options = {}) {
    VectorSet set = read_vector_set(kDumps + name, options);
    REQUIRE(set.layers.size() == 1);
    return set.layers[0];
}

VectorSet schema(const std::string& name, Format format, Dims dims) {
    VectorSet set;
    set.layers.push_back({.name = name, .type = FixedType{.format = format}, .dims = std::move(dims)});
    return set;
}

using Ints = std::vector<std::int64_t>;
Ints first(const Ints& words, std::size_t count) {
    return {words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

TEST_CASE("Real files: Vivado HLS co-simulation vectors, words of 20 digits' bits for a type of 16") {
    if (absent()) return;
    const std::string folder = "vivado_hls_cosim_format/";
    for (const char* side : {"c", "rtl"}) {
        const VectorLayer out = read(folder + side + ".myproject.autotvout_layer2_out_V_V.dat");
        REQUIRE(out.words.size() == 72);
        CHECK(out.dims == Dims{1, 72});
        for (std::size_t i = 0; i < 72; ++i) {
            // 32 in the corners, 48 at the edges, 72 in the middle, times 4.
            const std::int64_t place = static_cast<std::int64_t>(i) / 8;
            CHECK(out.words[i] == (place == 4 ? 288 : place % 2 == 0 ? 128 : 192));
        }
    }
    const VectorLayer in = read(folder + "c.myproject.autotvin_input_1_V_V.dat");
    CHECK(in.words == Ints(72, 4));
}

TEST_CASE("Real files: hls4ml's decimal values become raws with the format of the other side") {
    if (absent()) return;
    const std::string folder = "vivado_hls_cosim_format/";
    const Format format{.width = 16, .integer = 14, .is_signed = true};
    VectorLayer layer = read(folder + "tb_output_predictions.dat");
    CHECK(layer.words.empty());
    CHECK(layer.decimals.size() == 72);
    VectorSet known = schema("tb_output_predictions", format, {1, 3, 3, 8});
    layer = read(folder + "tb_output_predictions.dat", {.schema = &known});
    CHECK(layer.decimals.empty());
    CHECK(first(layer.words, 9) == Ints{128, 128, 128, 128, 128, 128, 128, 128, 192});
    CHECK(layer.dims == Dims{1, 3, 3, 8});
    known = schema("w2", format, {1, 576});
    CHECK(read(folder + "w2.txt", {.schema = &known}).words == Ints(576, 4));
    CHECK(read(folder + "b2.txt").decimals == std::vector<Decimal>(8));
    known = schema("tb_input_features", format, {1, 72});
    CHECK(read(folder + "tb_input_features.dat", {.schema = &known}).words == Ints(72, 4));
}

TEST_CASE("Real files: $readmemh memories of an MLP, two's complement in 8 and 32 bits") {
    if (absent()) return;
    const std::string folder = "int8_requant_mlp/";
    VectorLayer layer = read(folder + "weights/fc1_weight.mem");
    CHECK((layer.words.size() == 32 * 784 && layer.patterns && layer.stored.width == 8));
    CHECK(first(layer.words, 8) == Ints{4, 4, 255, 5, 255, 1, 253, 3});
    layer = read(folder + "author_reference/mlp_reference_logits.mem");
    CHECK(layer.stored.width == 32);
    CHECK(word_from_pattern(static_cast<std::uint64_t>(layer.words[0]), {.width = 32, .integer = 32}) == -4153);
    CHECK(layer.words[3] == 0x70);
    // Four bytes of a 32-bit word are lanes where the other side has bytes.
    const VectorSet bytes = schema("fc1_bias", {.width = 8, .integer = 8, .is_signed = false}, {1, 128});
    const VectorSet set = read_vector_set(kDumps + folder + "weights/fc1_bias.mem", {.schema = &bytes});
    CHECK(first(set.layers[0].words, 8) == Ints{0xfa, 0xfc, 0xff, 0xff, 0x05, 0xca, 0xff, 0xff});
    REQUIRE(set.notes.size() == 1);
    CHECK_THAT(set.notes[0], Catch::Contains("4 lanes of 8 bits") && Catch::Contains("lanes=4"));
}

TEST_CASE("Real files: hexadecimal lines with CR LF in a .txt") {
    if (absent()) return;
    const std::string folder = "shiftonly_int8_cnn/";
    VectorLayer layer = read(folder + "author_golden_t10k0/fc_out.txt");
    CHECK(layer.words.size() == 10);
    CHECK(layer.stored.width == 32);
    CHECK(word_from_pattern(static_cast<std::uint64_t>(layer.words[0]), {.width = 32, .integer = 32}) == -61715);
    CHECK(layer.words[7] == 0x37f8b);
    layer = read(folder + "weights/Wd.txt");
    CHECK(first(layer.words, 4) == Ints{0xd2, 0x86, 0x40, 0x79});
    CHECK(layer.words.size() == 480);
    CHECK(read(folder + "author_golden_t10k0/pool2_out.txt").words.size() == 48);
    CHECK_THAT(error_of([&] { (void)read(folder + "author_golden_t10k0/final_pred.txt"); }),
               Catch::Contains("name the kind"));
    CHECK(read(folder + "author_golden_t10k0/final_pred.txt", {.as = FileKind::Hex}).words == Ints{7});
}
