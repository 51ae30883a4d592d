// Each kind of file: the bytes that are written, exactly, and what else the vendors' tools accept.
#include <catch2/catch.hpp>

#include "bittrue/vectors/word_file.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

using Ints = std::vector<std::int64_t>;
using Limbs = std::vector<std::uint64_t>;

// Two images of three words of 6 bits.
WordFileContext context(const std::string& packing = "") {
    return {
        .name = "conv",
        .meaning = "ap_fixed<6,2>: 6 bits, 4 of them fraction, signed (two's complement)",
        .shape = {.format = {.width = 6, .integer = 2, .is_signed = true}, .dims = {2, 3}, .layout = Layout::Vector},
        .packing = parse_packing(packing)};
}
const Ints kWords{0, 1, -1, 31, -32, 5};

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

const std::string kPlain = R"(layer "conv"
ap_fixed<6,2>: 6 bits, 4 of them fraction, signed (two's complement)
shape 2x3 (image, channel), one word a line, the last axis fastest
)";
const std::string kPacked = R"(layer "conv"
ap_fixed<6,2>: 6 bits, 4 of them fraction, signed (two's complement)
shape 2x3 (image, channel), packed lanes=2: 2 words of 12 bits an image, one a line
)";

std::string commented(const std::string& lines, const std::string& prefix) {
    std::string text;
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find('\n', at) + 1;
        text += prefix + lines.substr(at, end - at);
        at = end;
    }
    return text;
}

}  // namespace

TEST_CASE("readmemh: written with three comments, words in ceil(bits/4) digits") {
    for (const FileKind kind : {FileKind::Hex, FileKind::Mem}) {
        CHECK(written(kind) == commented(kPlain, "// ") + "00\n01\n3f\n1f\n20\n05\n");
        CHECK(written(kind, "lanes=2") == commented(kPacked, "// ") + "040\n03f\n81f\n005\n");
    }
    CHECK(written(FileKind::MemBinary) ==
          commented(kPlain, "// ") + "000000\n000001\n111111\n011111\n100000\n000101\n");
}

TEST_CASE("readmemh: comments, addresses, underscores, x and z and words of any width are read") {
    CHECK(limbs(FileKind::Mem, "@2 3 4 // five\r\n@0\n1_0 /* @9 */ 2") == Limbs{16, 2, 3, 4});
    CHECK(limbs(FileKind::MemBinary, "1010 11_11\n// @f\n@2 1") == Limbs{10, 15, 1});
    CHECK(limbs(FileKind::MemBinary, "@a 1 @0 0 0 0 0 0 0 0 0 0 0").size() == 11);
    CHECK(limbs(FileKind::Mem, "1\n123456789abcdef0123456789") ==
          Limbs{1, 0, 0xbcdef0123456789 | 0x0U << 4 | 0xaULL << 60, 0x123456789});
    const FileWords file = read(FileKind::Mem, "@1 0f\n@0 xZ");
    CHECK(file.packed->limbs == Limbs{0, 15});
    CHECK(file.undefined == std::vector<std::uint64_t>{0});
    CHECK(file.undefined_bits == std::vector<std::string>{"0bxxxxzzzz"});
    CHECK(file.undefined_lines == std::vector<std::uint64_t>{2});
    CHECK_THAT(refusal(FileKind::MemBinary, "1\n12"), Catch::StartsWith("f:2: '12'") && Catch::Contains("binary"));
    CHECK_THAT(refusal(FileKind::Mem, "@1 0"), Catch::Contains("not given"));
}

TEST_CASE("coe: written with radix 16 and comments behind semicolons") {
    CHECK(written(FileKind::Coe) == commented(kPlain, "; ") +
                                        "memory_initialization_radix=16;\nmemory_initialization_vector=\n"
                                        "00,\n01,\n3f,\n1f,\n20,\n05;\n");
    CHECK(written(FileKind::Coe, "lanes=2") == commented(kPacked, "; ") +
                                                   "memory_initialization_radix=16;\nmemory_initialization_vector=\n"
                                                   "040,\n03f,\n81f,\n005;\n");
}

TEST_CASE("coe: radices, separators, comments and filter keywords as Xilinx reads them") {
    CHECK(limbs(FileKind::Coe,
                "Memory_Initialization_Radix = 2 ;\r\nMEMORY_INITIALIZATION_VECTOR=\r\n1111, 0000 1010\r\n0101;") ==
          Limbs{15, 0, 10, 5});
    CHECK(limbs(FileKind::Coe,
                "; head\nmemory_initialization_radix=16; the radix\nmemory_initialization_vector=fF,\n0,1,;") ==
          Limbs{255, 0, 1});
    CHECK(read(FileKind::Coe, "radix=10;\ncoefdata=-255,\n200 -180, 80;").integers == Ints{-255, 200, -180, 80});
    CHECK(limbs(FileKind::Coe, "radix=16; coefdata=a, b;") == Limbs{10, 11});
    const FileWords fir = read(FileKind::Coe, "radix=10;\ncoefficient_width=8;\ncoefdata=1,2;");
    CHECK(fir.integers == Ints{1, 2});
    REQUIRE(fir.notes.size() == 1);
    CHECK_THAT(fir.notes[0], Catch::Contains("coefficient_width"));
    CHECK(limbs(FileKind::Coe, "radix=10;coefdata=18446744073709551616, 1;") == Limbs{0, 1, 1, 0});
}

TEST_CASE("coe: what Xilinx refuses is refused with its line") {
    CHECK_THAT(refusal(FileKind::Coe, "memory_initialization_radix=8;\n"),
               Catch::StartsWith("f:1: ") && Catch::Contains("2, 10 or 16"));
    CHECK_THAT(refusal(FileKind::Coe, "radix=2;\ncoefdata=1,\n2;"), Catch::StartsWith("f:3: '2'"));
    CHECK_THAT(refusal(FileKind::Coe, "radix=16;\ncoefdata=-1;"), Catch::Contains("'-1'"));
    CHECK_THAT(refusal(FileKind::Coe, "radix=16;\ncoefdata=1,2"), Catch::Contains("not ended by ;"));
    CHECK_THAT(refusal(FileKind::Coe, "coefdata=1,2;"), Catch::Contains("in front"));
    CHECK_THAT(refusal(FileKind::Coe, "radix=16;coefdata=1;\nradix=2;"),
               Catch::StartsWith("f:2: ") && Catch::Contains("last"));
    CHECK_THAT(refusal(FileKind::Coe, "radix=16;\n"), Catch::Contains("no memory_initialization_vector"));
    CHECK_THAT(refusal(FileKind::Coe, "radix 16;"), Catch::Contains("no ="));
    CHECK_THAT(refusal(FileKind::Coe, "radix=10;coefdata=1.5;"), Catch::Contains("'1.5'"));
    CHECK_THAT(refusal(FileKind::Coe, "radix=10;coefdata=-1,18446744073709551616;"), Catch::Contains("sign"));
}

TEST_CASE("mif: written for Intel with hexadecimal addresses and words") {
    CHECK(written(FileKind::Mif) ==
          commented(kPlain, "-- ") +
              "DEPTH = 6;\nWIDTH = 6;\nADDRESS_RADIX = HEX;\nDATA_RADIX = HEX;\nCONTENT BEGIN\n"
              "0 : 00;\n1 : 01;\n2 : 3f;\n3 : 1f;\n4 : 20;\n5 : 05;\nEND;\n");
}

TEST_CASE("mif: radices, ranges, lists and comments as Quartus reads them") {
    const std::string head =
        "-- a memory\nDEPTH = 8; % eight\nwords %\nWIDTH=8;\nADDRESS_RADIX=HEX;\nDATA_RADIX=HEX;\n";
    CHECK(limbs(FileKind::Mif, head + "CONTENT\nBEGIN\n0 : 1 2 3;\n[3..6] : aA Bb; -- twice\r\n7:FF;\nEND;") ==
          Limbs{1, 2, 3, 0xaa, 0xbb, 0xaa, 0xbb, 0xff});
    const auto of = [](const std::string& radix, const std::string& values) {
        return "WIDTH=8; DEPTH=3; ADDRESS_RADIX=UNS; DATA_RADIX=" + radix + "; CONTENT BEGIN 0 : " + values + "; END;";
    };
    CHECK(limbs(FileKind::Mif, of("DEC", "-1 127 -128")) == Limbs{255, 127, 128});
    CHECK(limbs(FileKind::Mif, of("UNS", "255 0 7")) == Limbs{255, 0, 7});
    CHECK(limbs(FileKind::Mif, of("BIN", "11111111 00000001 1")) == Limbs{255, 1, 1});
    CHECK(limbs(FileKind::Mif, of("oct", "377 10 7")) == Limbs{255, 8, 7});
    const FileWords holes = read(FileKind::Mif, "WIDTH=8;DEPTH=4;CONTENT BEGIN 1 : 5; END;");
    CHECK(holes.packed->limbs == Limbs{0, 5, 0, 0});
    CHECK((holes.bits_known && holes.packed->bits == 8));
    CHECK_THAT(holes.notes.at(0), Catch::Contains("3 of 4 addresses"));
    CHECK(limbs(FileKind::Mif, "WIDTH=72;DEPTH=1;DATA_RADIX=DEC;CONTENT BEGIN 0 : -2; END;") ==
          Limbs{~std::uint64_t{1}, 255});
    // Xilinx calls a file of plain binary lines by the same name.
    CHECK(limbs(FileKind::Mif, "0101\r\n1111\r\n") == Limbs{5, 15});
    CHECK(read(FileKind::Mif, "0101\n1111\n").bits_known);
    CHECK_FALSE(read(FileKind::Mif, "0101\n11111\n").bits_known);
}

TEST_CASE("mif: words and addresses that do not fit are refused with their line") {
    const std::string head = "WIDTH=8;\nDEPTH=4;\nDATA_RADIX=DEC;\nCONTENT BEGIN\n";
    CHECK_THAT(refusal(FileKind::Mif, head + "0 : 1;\n1 : 256;\nEND;"),
               Catch::StartsWith("f:6: '256'") && Catch::Contains("WIDTH, 8"));
    CHECK_THAT(refusal(FileKind::Mif, head + "0 : -129;\nEND;"), Catch::Contains("'-129'"));
    CHECK_THAT(refusal(FileKind::Mif, head + "4 : 1;\nEND;"), Catch::Contains("DEPTH, 4"));
    CHECK_THAT(refusal(FileKind::Mif, head + "3 : 1 2;\nEND;"), Catch::Contains("beyond DEPTH"));
    CHECK_THAT(refusal(FileKind::Mif, head + "0 : 1;\n0 : 2;\nEND;"), Catch::Contains("twice"));
    CHECK_THAT(refusal(FileKind::Mif, head + "0 : 1;\n"), Catch::Contains("f:6"));
    CHECK_THAT(refusal(FileKind::Mif, head + "0 : x;\nEND;"), Catch::Contains("'x'"));
    CHECK_THAT(refusal(FileKind::Mif, "DEPTH=4;CONTENT BEGIN END;"), Catch::Contains("WIDTH"));
    CHECK_THAT(refusal(FileKind::Mif, "DEPTH=99999999999;WIDTH=8;CONTENT BEGIN END;"), Catch::Contains("DEPTH"));
    CHECK_THAT(refusal(FileKind::Mif, "% open"), Catch::Contains("never closed"));
    CHECK_THAT(refusal(FileKind::Mif, head + "END;\n1"), Catch::Contains("behind END"));
}

TEST_CASE("Intel HEX: bytes are rows of 16, wider words have a record and an address each, high byte first") {
    CHECK(written(FileKind::IntelHex) ==
          ":060000000001"
          "3F1F200576\n:00000001FF\n");
    CHECK(written(FileKind::IntelHex, "lanes=2") ==
          ":020000000040BE\n:02000100003FBE\n:02000200081FD5\n:020003000005F6\n:00000001FF\n");
    // From word 65536 on the upper half of the address stands in front.
    WordFileContext big{.name = "big",
                        .shape = {.format = {.width = 8, .integer = 8}, .dims = {1, 65538}, .layout = {}}};
    const std::string text = encode_words(FileKind::IntelHex, Ints(65538, -1), big);
    CHECK(text.substr(text.size() - 55) == "FFFFFFFF11\n:020000040001F9\n:02000000FFFF00\n:00000001FF\n");
    CHECK(limbs(FileKind::IntelHex, text, 8) == Limbs(65538, 255));
    big.shape.format = {.width = 12, .integer = 12};
    CHECK(limbs(FileKind::IntelHex, encode_words(FileKind::IntelHex, Ints(65538, -1), big), 12) == Limbs(65538, 0xfff));
}

TEST_CASE("Intel HEX: byte and word addresses, segments, start records, any order and case") {
    // Bytes 0..7 with byte addresses: words of 16 bits have their low byte first.
    const std::string bytes = ":0400000000010203f6\r\n:0400040004050607E2\r\n:00000001ff\r\n";
    CHECK(limbs(FileKind::IntelHex, bytes) == Limbs{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(limbs(FileKind::IntelHex, bytes, 16) == Limbs{0x0100, 0x0302, 0x0504, 0x0706});
    // The same rows with word addresses, as Quartus counts: the high byte first.
    const std::string words = ":0400000000010203F6\n:0400020004050607E4\n:00000001FF\n";
    CHECK(limbs(FileKind::IntelHex, words, 16) == Limbs{0x0001, 0x0203, 0x0405, 0x0607});
    CHECK(limbs(FileKind::IntelHex, words) == Limbs{0x0001, 0x0203, 0x0405, 0x0607});
    CHECK(limbs(FileKind::IntelHex,
                ":020000021000EC\n:0100000005FA\n:0400000300003800C1\n:04000005000000CD2A\n:00000001FF",
                8) == Limbs{5});
    CHECK(limbs(FileKind::IntelHex, ":0100010007F7\n:0100000005FA\n:00000001FF", 8) == Limbs{5, 7});
}

TEST_CASE("Intel HEX: damage is named with its line") {
    const std::string end = "\n:00000001FF\n";
    CHECK_THAT(refusal(FileKind::IntelHex, ":0100000005FB" + end),
               Catch::StartsWith("f:1: ") && Catch::Contains("checksum") && Catch::Contains("fa"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":0100000005FA\n"), Catch::Contains("end record"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":0200000005FA" + end), Catch::Contains("f:1"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":0100000005FA00" + end), Catch::Contains("longer"));
    CHECK_THAT(refusal(FileKind::IntelHex, "0100000005FA" + end), Catch::Contains("':'"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":0100000605F4" + end), Catch::Contains("type 6"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":0100000005FA\n:0100020007F6" + end, 8),
               Catch::StartsWith("f:2: ") && Catch::Contains("missing or given twice"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":0100000005FA" + end + "\n:0100000005FA"),
               Catch::Contains("behind the end"));
    CHECK_THAT(refusal(FileKind::IntelHex, ":03000000010203F7" + end, 16), Catch::Contains("3 bytes"));
}
