// The kinds of files of HLS tools, tables and programs: the bytes that are written, exactly, and what else is accepted.
#include <cstdlib>
#include <fstream>

#include <catch2/catch.hpp>

#include "bittrue/model/npy.hpp"
#include "bittrue/vectors/word_file.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

using Ints = std::vector<std::int64_t>;
using Limbs = std::vector<std::uint64_t>;

// Two images of three words of 6 bits, 4 of them fraction.
WordFileContext context(const std::string& packing = "") {
    return {
        .name = "conv",
        .shape = {.format = {.width = 6, .integer = 2, .is_signed = true}, .dims = {2, 3}, .layout = Layout::Vector},
        .packing = parse_packing(packing)};
}
const Ints kWords{0, 1, -1, 31, -32, 5};

// One image or parameter array of words without a layout.
WordFileContext array_of(const std::string& name, Format format, std::int64_t count, const std::string& packing = "") {
    WordFileContext context;
    context.name = name;
    context.shape.format = format;
    context.shape.dims = {1, count};
    context.packing = parse_packing(packing);
    return context;
}

std::string written(FileKind kind, const std::string& packing = "") {
    return encode_words(kind, kWords, context(packing));
}
FileWords read(FileKind kind, const std::string& text, std::optional<int> word_bits = {}) {
    return decode_words(kind, text, "f", word_bits);
}
Limbs limbs(FileKind kind, const std::string& text, std::optional<int> word_bits = {}) {
    const FileWords words = read(kind, text, word_bits);
    REQUIRE(words.packed.has_value());
    return words.packed->limbs;
}
std::string refusal(FileKind kind, const std::string& text, std::optional<int> word_bits = {}) {
    return error_of([&] { (void)read(kind, text, word_bits); });
}
std::vector<std::string> decimals(FileKind kind, const std::string& text) {
    std::vector<std::string> values;
    for (const Decimal& value : read(kind, text).decimals) values.push_back(print_decimal(value));
    return values;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Raw binary: whole bytes, low byte first or high byte first") {
    CHECK(written(FileKind::RawLittle, "lanes=2,word_bits=12") == std::string("\x40\x00\x3f\x00\x1f\x08\x05\x00", 8));
    CHECK(written(FileKind::RawBig, "lanes=2,word_bits=12") == std::string("\x00\x40\x00\x3f\x08\x1f\x00\x05", 8));
    CHECK(limbs(FileKind::RawLittle, std::string("\x01\x02\x03\x04", 4), 16) == Limbs{0x0201, 0x0403});
    CHECK(limbs(FileKind::RawBig, std::string("\x01\x02\x03\x04", 4), 16) == Limbs{0x0102, 0x0304});
    CHECK(limbs(FileKind::RawBig, std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9), 72) ==
          Limbs{0x0203040506070809, 1});
    CHECK_THAT(refusal(FileKind::RawLittle, "abc", 16), Catch::Contains("3 bytes"));
    CHECK_THAT(refusal(FileKind::RawLittle, "abc"), Catch::Contains("how wide"));
}

TEST_CASE("CSV: a row per word with its hexadecimal digits and its lanes") {
    CHECK(written(FileKind::Csv) == "word,hex,raw\n0,0x00,0\n1,0x01,1\n2,0x3f,-1\n3,0x1f,31\n4,0x20,-32\n5,0x05,5\n");
    CHECK(written(FileKind::Csv, "lanes=2") ==
          "word,hex,raw0,raw1\n0,0x040,0,1\n1,0x03f,-1,\n2,0x81f,31,-32\n3,0x005,5,\n");
    const FileWords words = read(FileKind::Csv, written(FileKind::Csv, "lanes=2"));
    CHECK(words.packed->limbs == Limbs{0x040, 0x03f, 0x81f, 0x005});
    CHECK(words.lane_values == kWords);
}

TEST_CASE("CSV: tables of others, with and without a header, with any separator, decimals and DORY's commas") {
    CHECK(read(FileKind::Csv, "1,2\r\n-3,4\r\n").integers == Ints{1, 2, -3, 4});
    CHECK(read(FileKind::Csv, "1,2\n-3,4\n").dims == Dims{2, 2});
    CHECK(read(FileKind::Csv, "# input (shape [1, 2])\n12,\n-7,\n").integers == Ints{12, -7});
    CHECK(read(FileKind::Csv, "1,2,3,").integers == Ints{1, 2, 3});
    CHECK(read(FileKind::Csv, "index;value\n0;5\n1;6\n").integers == Ints{5, 6});
    CHECK(decimals(FileKind::Csv, "a\tb\n0.5\t1\n-2e-3\t4\n") == Texts{"0.5", "1", "-0.002", "4"});
    CHECK(limbs(FileKind::Csv, "0xff,0x1\n0xA,0x0\n") == Limbs{255, 1, 10, 0});
    CHECK(limbs(FileKind::Csv, "hex\n0xFF\n1_0\n") == Limbs{255, 16});
    CHECK(read(FileKind::Csv, "hex\nx0\n").undefined_bits == Texts{"0bxxxx0000"});
    const FileWords large = read(FileKind::Csv, "18446744073709551615\n1");
    CHECK((large.integers == Ints{-1, 1} && !large.container.is_signed));
    CHECK_THAT(refusal(FileKind::Csv, "1\n2\nthree\n"), Catch::StartsWith("f:3: 'three'"));
    CHECK_THAT(refusal(FileKind::Csv, "word,hex,raw\n0,0x1\n"),
               Catch::StartsWith("f:2: ") && Catch::Contains("2 cells"));
    CHECK_THAT(refusal(FileKind::Csv, "-1\n18446744073709551615"), Catch::Contains("mixed"));
}

TEST_CASE("hls4ml: a sample a line, exact decimal values") {
    CHECK(written(FileKind::Hls4ml) == "0.0 0.0625 -0.0625\n1.9375 -2.0 0.3125\n");
    CHECK(read(FileKind::Hls4ml, written(FileKind::Hls4ml)).dims == Dims{2, 3});
    WordFileContext weights = array_of("w", {.width = 6, .integer = 8, .is_signed = true}, 3);
    weights.parameter = true;
    CHECK(encode_words(FileKind::Hls4ml, Ints{0, 1, -32}, weights) == "0.0, 4.0, -128.0\n");
    // 2^-60 has 42 digits, of which 18 are written.
    weights.shape.format = {.width = 4, .integer = -56, .is_signed = false};
    CHECK(encode_words(FileKind::Hls4ml, Ints{1, 2, 15}, weights) ==
          "0.000000000000000000867361737988403547, 0.00000000000000000173472347597680709, "
          "0.0000000000000000130104260698260532\n");
    weights.shape.format = {.width = 54, .integer = 54, .is_signed = false};
    CHECK_THAT(error_of([&] {
                   (void)encode_words(FileKind::Hls4ml, Ints{1, 2, 3}, weights);
               }),
               Catch::Contains("53 bits"));
    CHECK_THAT(error_of([&] { (void)written(FileKind::Hls4ml, "lanes=2"); }), Catch::Contains("without a packing"));
}

TEST_CASE("hls4ml: tb_data, weights with commas and compressed weights are read") {
    const FileWords data = read(FileKind::Hls4ml, "1.0 -0.5\r\n2 3e-2 \r\n");
    CHECK(data.dims == Dims{2, 2});
    CHECK(decimals(FileKind::Hls4ml, "1.0 -0.5\r\n2 3e-2 \r\n") == Texts{"1", "-0.5", "2", "0.03"});
    CHECK(decimals(FileKind::Hls4ml, "0.25, -1.50, 0.00") == Texts{"0.25", "-1.5", "0"});
    CHECK(read(FileKind::Hls4ml, "1 2\n3\n").dims.empty());
    const FileWords sparse = read(FileKind::Hls4ml, "{0, 1, 0.5}, {2, 0, -1.25}, {0, 0, 0}");
    CHECK(sparse.dims == Dims{3, 2});
    CHECK(decimals(FileKind::Hls4ml, "{0, 1, 0.5}, {2, 0, -1.25}, {0, 0, 0}") ==
          Texts{"0", "0.5", "0", "0", "-1.25", "0"});
    CHECK_THAT(refusal(FileKind::Hls4ml, "1.0\nabc"), Catch::StartsWith("f:2: 'abc'"));
    CHECK_THAT(refusal(FileKind::Hls4ml, "{0, 1, 0.5}, {2, 0"), Catch::Contains("{row, column, weight}"));
    CHECK_THAT(refusal(FileKind::Hls4ml, "{99999999, 99999999, 1}"), Catch::Contains("row"));
    CHECK_THAT(refusal(FileKind::Hls4ml, "nan"), Catch::Contains("'nan'"));
}

TEST_CASE("Vitis: a transaction per image") {
    CHECK(written(FileKind::VitisTv) ==
          "[[[runtime]]]\n[[transaction]] 0\n0x00\n0x01\n0x3f\n[[/transaction]]\n"
          "[[transaction]] 1\n0x1f\n0x20\n0x05\n[[/transaction]]\n[[[/runtime]]]\n");
    CHECK(written(FileKind::VitisTv, "lanes=2") ==
          "[[[runtime]]]\n[[transaction]] 0\n0x040\n0x03f\n[[/transaction]]\n"
          "[[transaction]] 1\n0x81f\n0x005\n[[/transaction]]\n[[[/runtime]]]\n");
    const std::string other =
        "[[[runtime]]]\r\n[[transaction]]           0\r\n0x0080\r\n[[/transaction]] \r\n\r\n[[transaction]] "
        "1\r\n0XFF\r\n[[/transaction]]\r\n[[[/runtime]]]";
    CHECK(limbs(FileKind::VitisTv, other) == Limbs{0x80, 0xff});
    CHECK(read(FileKind::VitisTv, other).dims == Dims{2, 1});
    CHECK(read(FileKind::VitisTv, "[[[runtime]]]\n[[transaction]] 0\n0xX1\n[[/transaction]]\n[[[/runtime]]]")
              .undefined_bits == Texts{"0bxxxx0001"});
    CHECK_THAT(refusal(FileKind::VitisTv, "[[transaction]] 0"), Catch::Contains("[[[runtime]]]"));
    CHECK_THAT(refusal(FileKind::VitisTv, "[[[runtime]]]\n[[transaction]] 0\n0x1\n"), Catch::StartsWith("f:4: "));
    CHECK_THAT(refusal(FileKind::VitisTv, "[[[runtime]]]\n[[transaction]]\n"), Catch::Contains("no number"));
    CHECK_THAT(refusal(FileKind::VitisTv, "[[[runtime]]]\n[[[/runtime]]] 5"), Catch::Contains("more"));
}

TEST_CASE("FINN: hexadecimal lines, with or without 0x, and words cut into 32 bits") {
    // Three 4-bit elements, the first most significant, as its hex strings are.
    const WordFileContext finn = array_of("w", {.width = 4, .integer = 4}, 3, "lanes=3,first=high");
    CHECK(encode_words(FileKind::Finn, Ints{1, -1, 7}, finn) == "1f7\n");
    CHECK(limbs(FileKind::Finn, "0x1f7\n2A\r\n") == Limbs{0x1f7, 0x2a});
    CHECK(limbs(FileKind::Finn, "00000001\n00000002\n", 64) == Limbs{0x200000001});
    CHECK(limbs(FileKind::Finn, "00000001\n00000002\n", 32) == Limbs{1, 2});
    CHECK(limbs(FileKind::Finn, "00000001\n00000002\n00000003\n00000000\n", 96) == Limbs{0x200000001, 3});
    CHECK_THAT(refusal(FileKind::Finn, "1\n2g\n"), Catch::StartsWith("f:2: '2g'"));
}

TEST_CASE("npy: elements as integers, packed words unsigned, beyond 64 bits as rows of bytes") {
    CHECK(parse_npy(written(FileKind::Npy), "f") == npy_from_words({2, 3}, {.width = 6, .integer = 2}, kWords));
    const NpyArray packed = parse_npy(written(FileKind::Npy, "lanes=2"), "f");
    CHECK((packed.type == NpyType::UInt16 && packed.dims == Dims{2, 2}));
    CHECK(packed.integers == Ints{0x040, 0x03f, 0x81f, 0x005});
    const NpyArray rows = parse_npy(written(FileKind::Npy, "lanes=2,word_bits=72"), "f");
    CHECK((rows.type == NpyType::UInt8 && rows.dims == Dims{2, 2, 9}));
    CHECK(Ints(rows.integers.begin() + 18, rows.integers.begin() + 27) == Ints{0x1f, 0x08, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("C header: integers that any compiler takes, packed words in hexadecimal") {
    CHECK(written(FileKind::CHeader) ==
          "// layer \"conv\"\n// 6 bits, 4 of them fraction, signed (two's complement)\n"
          "// shape 2x3 (image, channel), one word a line, the last axis fastest\n"
          "#ifndef BITTRUE_CONV_H\n#define BITTRUE_CONV_H\n\n#include <stdint.h>\n\n#define CONV_COUNT 6\n"
          "#define CONV_BITS 6\n\nstatic const int8_t conv_words[6] = {\n0,\n1,\n-1,\n31,\n-32,\n5,\n};\n\n"
          "#if defined(__cplusplus) && defined(BITTRUE_AP_TYPES) /* with ap_fixed.h included in front */\n"
          "static inline ap_fixed<6, 2> conv_value(int i) {\n    ap_fixed<6, 2> value;\n"
          "    value.range(5, 0) = conv_words[i];\n    return value;\n}\n#endif\n\n#endif\n");
    CHECK_THAT(written(FileKind::CHeader, "lanes=2"),
               Catch::Contains("static const uint16_t conv_words[4] = {\n0x040u,\n0x03fu,\n0x81fu,\n0x005u,\n};\n"));
    CHECK_THAT(
        written(FileKind::CHeader, "lanes=2,word_bits=72"),
        Catch::Contains("static const uint32_t conv_words[4][3] = {\n{0x00000040u, 0x00000000u, 0x00000000u},\n"));
}

TEST_CASE("C header: compilers take what is written without a warning") {
    if (std::system("cc --version > /dev/null 2>&1") != 0) {
        WARN("SKIPPED: no C compiler");
        return;
    }
    const Folder folder;
    std::string main = "int main(void) {\n", includes;
    int number = 0;
    for (const bool is_signed : {true, false}) {
        for (const char* packing : {"", "lanes=2", "lanes=3"}) {
            for (const int width : {1, 8, 33, 64}) {
                const std::string name = "1 a-" + std::to_string(++number);
                const Format format{.width = width, .integer = 3, .is_signed = is_signed};
                const Ints words{word_from_raw(raw_min(format)), word_from_raw(raw_max(format)), 0};
                spill(folder / (std::to_string(number) + ".h"),
                      encode_words(FileKind::CHeader, words, array_of(name, format, 3, packing)));
                includes += "#include \"" + std::to_string(number) + ".h\"\n";
                const std::string array = "n1_a_" + std::to_string(number) + "_words";
                if (*packing == '\0') {
                    const std::string least = !is_signed    ? "0"
                                              : width == 64 ? "INT64_MIN"
                                                            : "(" + std::to_string(words[0]) + ")";
                    main += "    if (" + array + "[0] != " + least + ") return " + std::to_string(number) + ";\n";
                } else {
                    main += "    (void)" + array + ";\n";
                }
            }
        }
    }
    spill(folder / "main.c", includes + main + "    return 0;\n}\n");
    spill(folder / "main.cpp", includes + main + "    return 0;\n}\n");
    CHECK(std::system(("cc -std=c99 -Wall -Wextra -Werror -o " + folder / "c" + " " + folder / "main.c").c_str()) == 0);
    CHECK(std::system(("c++ -Wall -Wextra -Werror -o " + folder / "cpp" + " " + folder / "main.cpp").c_str()) == 0);
    CHECK(std::system((folder / "c").c_str()) == 0);
    CHECK(std::system((folder / "cpp").c_str()) == 0);
}

TEST_CASE("C header: arrays of others, plain and of HLS types") {
    const FileWords plain =
        read(FileKind::CHeader, "/* t */ const unsigned char g[2][2] = {\n {1, 2u},\n {3, 255} };\n");
    CHECK((plain.integers == Ints{1, 2, 3, 255} && plain.dims == Dims{2, 2} && plain.container.width == 8));
    CHECK(read(FileKind::CHeader, "extern \"C\" {\nint8_t x[] = {-128, +127, // end\n 0,};\n}").integers ==
          Ints{-128, 127, 0});
    const FileWords words = read(FileKind::CHeader, "static uint32_t a[4] = {0x00000001, 0XFFFFFFFFu,\n0x10,7};");
    CHECK((words.packed->limbs == Limbs{1, 0xffffffff, 16, 7} && words.bits_known && words.packed->bits == 32));
    CHECK(read(FileKind::CHeader, "ap_int<5> w[2] = {-16, 15};").container ==
          Format{.width = 5, .integer = 5, .is_signed = true});
    const FileWords fixed =
        read(FileKind::CHeader, "#include \"x.h\"\n#ifndef W\nap_fixed<16, 6> w2[3] = {0.5, -1, 2e-3};\n#endif");
    REQUIRE(fixed.format.has_value());
    CHECK(*fixed.format == Format{.width = 16, .integer = 6, .is_signed = true});
    CHECK(fixed.decimals.size() == 3);
    CHECK(decimals(FileKind::CHeader, "#ifdef S\nweight2_t w2[2];\n#else\nweight2_t w2[2] = {1.5, -0.25};\n#endif") ==
          Texts{"1.5", "-0.25"});
    CHECK(decimals(FileKind::CHeader, "float f[1] = {1.5f};") == Texts{"1.5"});
    CHECK(read(FileKind::CHeader, "int64_t m[1] = {INT64_MIN};").integers == Ints{INT64_MIN});
    CHECK(
        limbs(FileKind::CHeader, "ap_uint<12> w[1][2] = {{ap_uint<12>(\"0x01f\", 16), ap_uint<12>(\"0xfff\", 16)}};") ==
        Limbs{0x1f, 0xfff});
    CHECK_THAT(refusal(FileKind::CHeader, "int8_t x[1] = {\n128};"),
               Catch::StartsWith("f:2: '128'") && Catch::Contains("int8_t"));
    CHECK_THAT(refusal(FileKind::CHeader, "uint8_t x[1] = {0x100};"), Catch::Contains("'0x100'"));
    CHECK_THAT(refusal(FileKind::CHeader, "int a[1]={1};int b[1]={2};"), Catch::Contains("'a' and 'b'"));
    CHECK_THAT(refusal(FileKind::CHeader, "int a = 5;"), Catch::Contains("no array"));
    CHECK_THAT(refusal(FileKind::CHeader, "int a[2] = {1, FOO};"), Catch::Contains("'FOO'"));
    CHECK_THAT(refusal(FileKind::CHeader, "int a[2] = {1, 2"), Catch::Contains("not ended"));
    CHECK_THAT(refusal(FileKind::CHeader, "int a[2] = {-"), Catch::Contains("without digits"));
    CHECK_THAT(refusal(FileKind::CHeader, "int a[2] = {\"\"}"), Catch::Contains("without digits"));
}

TEST_CASE("File kinds are told by name and first bytes") {
    const auto kind = [](const std::string& path, const std::string& bytes) { return detect_file_kind(path, bytes); };
    for (const FileKind one : {FileKind::Npy, FileKind::Npz, FileKind::Coe, FileKind::Mif, FileKind::IntelHex,
                               FileKind::Csv, FileKind::Hls4ml, FileKind::VitisTv}) {
        CAPTURE(file_kind_name(one));
        CHECK(kind("x", written(one)) == one);
    }
    for (const FileKind one : all_file_kinds()) {
        if (one != FileKind::Hls4ml) CHECK(kind("A/X" + file_kind_extension(one), "") == one);
    }
    CHECK(kind("firmware.hex", ":0100000005FA\n:00000001FF\n") == FileKind::IntelHex);
    CHECK(kind("autotvin.dat", "[[[runtime]]]\n") == FileKind::VitisTv);
    CHECK(kind("memblock_0.dat", "1f7\n2a0\n") == FileKind::Finn);
    CHECK(kind("tb_input.dat", "1.0 2.0\n") == FileKind::Hls4ml);
    CHECK(kind("w2.txt", "1.00, 0.00") == FileKind::Hls4ml);
    CHECK(kind("conv1.txt", "FF\r\n00\r\n") == FileKind::Hex);
    CHECK_FALSE(kind("numbers.txt", "12 13\n").has_value());
    CHECK_FALSE(kind("x.bin", std::string("\0\1", 2)).has_value());
    CHECK_FALSE(kind("README", "text of a kind").has_value());
}
