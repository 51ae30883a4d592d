// decode_words: the first byte picks the kind of file, the second how wide its words are. What is read is written in
// the same kind and read back alike.
#include "bittrue/vectors/word_file.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

namespace {

constexpr int kWidths[] = {0, 1, 8, 12, 16, 32, 64, 72, 128};

char letter(FileKind kind) {
    return static_cast<char>('A' + static_cast<int>(kind));
}

// One block of elements. `packing` may gather them.
WordFileContext context_of(Format format, std::size_t count, Packing packing = {}) {
    WordFileContext context;
    context.name = "x";
    context.shape.format = format;
    context.shape.dims = {1, static_cast<std::int64_t>(count)};
    context.packing = packing;
    return context;
}

void check(const FileWords& file) {
    require((file.packed ? 1 : 0) + (file.integers.empty() ? 0 : 1) + (file.decimals.empty() ? 0 : 1) <= 1,
            "a file gives one kind of words");
    if (file.packed) {
        const PackedWords& packed = *file.packed;
        require(packed.bits >= 1 && packed.bits <= kMaxPackedBits, "packed words have 1 to 65536 bits");
        require(packed.limbs.size() == packed.size() * packed.limbs_per_word(), "limbs are whole words");
        for (std::size_t i = 0; i < packed.size() && packed.bits % 64 != 0; ++i) {
            require(packed.word(i).back() >> (packed.bits % 64) == 0, "there is nothing above the bits of a word");
        }
    }
    for (std::size_t i = 0; i < file.undefined.size(); ++i) {
        require(file.undefined[i] < file.size(), "an undefined word is one of the words");
        require(i == 0 || file.undefined[i - 1] < file.undefined[i], "undefined words ascend");
        require(file.undefined_bits[i].find_first_of("xz") != std::string::npos, "an undefined word has x or z");
    }
    if (file.packing) {
        PackedShape shape{.format = *file.format, .dims = file.dims, .layout = file.layout};
        if (file.parameter) shape.dims.insert(shape.dims.begin(), 1);
        must_take("a packing that a file states is that of its words", [&] {
            check_packing(*file.packing, shape, "x");
            if (file.packed) (void)unpack(*file.packed, *file.packing, shape, "x");
        });
    }
    for (const std::int64_t word : file.integers) {
        require(word == word_from_pattern(pattern_from_word(word, file.container), file.container),
                "an integer fits its container");
    }
}

// Packed words as elements: whole words up to 64 bits, otherwise single bits in as many lanes.
void check_packed(FileKind kind, const PackedWords& packed) {
    const bool wide = packed.bits > 64;
    if (packed.size() == 0 || (wide && packed.size() * static_cast<std::size_t>(packed.bits) > 1 << 16)) return;
    std::vector<std::int64_t> words;
    Packing packing;
    Format format{.width = packed.bits, .integer = packed.bits, .is_signed = false};
    if (wide) {
        packing.lanes = packed.bits;
        format = {.width = 1, .integer = 1, .is_signed = false};
        for (std::size_t i = 0; i < packed.size(); ++i) {
            for (int bit = 0; bit < packed.bits; ++bit) {
                const auto at = static_cast<std::size_t>(bit);
                words.push_back(static_cast<std::int64_t>(packed.word(i)[at / 64] >> (at % 64) & 1U));
            }
        }
    } else {
        words.assign(packed.limbs.begin(), packed.limbs.end());
    }
    std::string bytes;
    if (!takes([&] { bytes = encode_words(kind, words, context_of(format, words.size(), packing)); })) return;
    must_take("what was written is read", [&] {
        const FileWords again = decode_words(kind, bytes, "again", packed.bits);
        if (again.packed) {
            require(again.packed->size() == packed.size(), "as many words are read as were written");
            for (std::size_t i = 0; i < packed.size(); ++i) {
                for (std::size_t limb = 0; limb < again.packed->limbs_per_word(); ++limb) {
                    require(again.packed->word(i)[limb] == (limb < packed.limbs_per_word() ? packed.word(i)[limb] : 0),
                            "words are read as they were written");
                }
            }
        } else {
            require(again.integers == words, "integers are read as they were written");
        }
    });
}

void check_integers(FileKind kind, const FileWords& file) {
    std::string bytes;
    if (!takes([&] { bytes = encode_words(kind, file.integers, context_of(file.container, file.integers.size())); })) {
        return;
    }
    must_take("written integers are read", [&] {
        const FileWords again = decode_words(kind, bytes, "again", file.container.width);
        if (again.packed) {
            require(again.size() == file.size(), "as many integers are read as were written");
            for (std::size_t i = 0; i < file.size(); ++i) {
                require(again.packed->word(i)[0] == pattern_from_word(file.integers[i], file.container),
                        "an integer's pattern is read as it was written");
            }
        } else {
            require(again.integers == file.integers, "integers are read as they were written");
        }
    });
}

// Values that are words of 32 bits keep their digits.
void check_decimals(const std::vector<Decimal>& decimals) {
    const Format format{.width = 32, .integer = 16, .is_signed = true};
    std::vector<std::int64_t> words;
    std::vector<Decimal> exact;
    for (const Decimal& value : decimals) {
        const RawRange raws = raws_printed_as(value, 18, format);
        if (!raws.exact()) continue;
        words.push_back(word_from_raw(raws.low));
        exact.push_back(value);
    }
    if (words.empty()) return;
    must_take("values are written and read", [&] {
        const std::string text = encode_words(FileKind::Hls4ml, words, context_of(format, words.size()));
        const FileWords again = decode_words(FileKind::Hls4ml, text, "again");
        require(again.decimals.size() == exact.size(), "as many values are read as were written");
        for (std::size_t i = 0; i < exact.size(); ++i) {
            const RawRange raws = raws_printed_as(again.decimals[i], 18, format);
            require(raws.exact() && word_from_raw(raws.low) == words[i], "a value is read as it was written");
        }
    });
}

}  // namespace

std::vector<std::string> seeds() {
    std::vector<std::string> all;
    const auto add = [&all](FileKind kind, char width, const std::string& text) {
        all.push_back(std::string(1, letter(kind)) + width + text);
    };
    std::vector<std::int64_t> words{0, 1, -1, 31, -32, 5};
    for (const FileKind kind : all_file_kinds()) {
        WordFileContext context = context_of({.width = 6, .integer = 2, .is_signed = true}, 6);
        add(kind, '2', encode_words(kind, words, context));
        if (kind == FileKind::Hls4ml || kind == FileKind::Npz) continue;
        context.packing = parse_packing("lanes=4,word_bits=72,first=high");
        add(kind, '7', encode_words(kind, words, context));
    }
    add(FileKind::Mem, '0', "@2 ff x0 // c\n@0 1_0 /* d */ zZ\r\n");
    add(FileKind::Coe, '0', "; c\nmemory_initialization_radix = 10 ; r\nmemory_initialization_vector = 1, -2 3;");
    add(FileKind::Coe, '0', "radix=2; coefdata=1010 0101;");
    add(FileKind::Mif, '0',
        "DEPTH=8; WIDTH=8; ADDRESS_RADIX=UNS; DATA_RADIX=DEC; % c % CONTENT BEGIN [0..6] : -1 2; 7 : 3; END;");
    add(FileKind::Mif, '0', "0101\n1100\n");
    add(FileKind::IntelHex, '4', ":020000021000EC\n:0400000000010203F6\n:0400040004050607E2\n:00000001FF\n");
    add(FileKind::Csv, '0', "# dory\n12,\n-7,\n");
    add(FileKind::Csv, '0', "a;b\n0.5;1\n-2e-3;4\n");
    add(FileKind::Hls4ml, '0', "1.0 -0.5\n2 3e-2 \n");
    add(FileKind::Hls4ml, '0', "{0, 1, 0.5}, {2, 0, -1.25}");
    add(FileKind::VitisTv, '0',
        "[[[runtime]]]\r\n[[transaction]]    0\r\n0x0080\r\n[[/transaction]] \r\n[[[/runtime]]]\r\n");
    add(FileKind::CHeader, '0',
        "#include <x>\nextern \"C\" {\nconst uint32_t g[2][2] = {{0x00000001, 2u}, {0xFF, 7}};\n}");
    add(FileKind::CHeader, '0', "/* w */ ap_fixed<16, 6> w2[3] = {0.5, -1, 2e-3};");
    add(FileKind::CHeader, '0', "ap_uint<12> w[1] = {ap_uint<12>(\"0x01f\", 16)};");
    add(FileKind::Finn, '6', "00000001\n0000000A\n");
    return all;
}

std::vector<std::string> dictionary() {
    return {"memory_initialization_radix=",
            "memory_initialization_vector=",
            "coefdata=",
            "DEPTH = ",
            "WIDTH = ",
            "ADDRESS_RADIX",
            "DATA_RADIX",
            "HEX;",
            "BIN;",
            "OCT;",
            "UNS;",
            "DEC;",
            "CONTENT BEGIN",
            "END;",
            "[0..7] : ",
            "--",
            "%",
            "@0 ",
            "//",
            "/*",
            "*/",
            "_",
            "x",
            "Z",
            "0x",
            ":00000001FF",
            ":02000004",
            "word,hex,raw0,raw1",
            "hex",
            ",",
            ";",
            "\t",
            "[[[runtime]]]",
            "[[transaction]] 0",
            "[[/transaction]]",
            "[[[/runtime]]]",
            "{",
            "}",
            "= {",
            "int8_t x[",
            "uint64_t",
            "ap_fixed<8,3>",
            "ap_int<",
            "INT64_MIN",
            "1e-400",
            "18446744073709551615",
            "-9223372036854775808",
            "// shape 1x6, packed lanes=4",
            "lanes=4",
            "4294967296",
            "\r\n",
            "'<f8'",
            "'|u1'"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    if (size < 2) return 0;
    const FileKind kind = all_file_kinds()[static_cast<std::size_t>(data[0] - 'A') % all_file_kinds().size()];
    const int width = kWidths[static_cast<std::uint8_t>(data[1] - '0') % std::size(kWidths)];
    const std::string text = text_of(data + 2, size - 2);
    FileWords file;
    if (!takes([&] { file = decode_words(kind, text, "input", width == 0 ? std::nullopt : std::optional(width)); })) {
        (void)detect_file_kind("input.dat", text);
        return 0;
    }
    check(file);
    if (file.packed && file.undefined.empty()) check_packed(kind, *file.packed);
    if (!file.integers.empty() && file.size() < 1 << 16) check_integers(kind, file);
    if (!file.decimals.empty()) check_decimals(file.decimals);
    (void)detect_file_kind("input.txt", text);
    return 0;
}
