// The kinds of files that hold words, as bytes: encoded from packed words, decoded into what the file alone can say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/vectors/decimal.hpp"
#include "bittrue/vectors/packing.hpp"

namespace bittrue {

// docs/vector_format.md has a section for each.
enum class FileKind : std::uint8_t {
    Npy,        // "npy"    integers, unpacked (packed: unsigned words of up to 64 bits, wider ones as rows of bytes)
    Npz,        // "npz"    one file for the whole set, the arrays as npy
    Hex,        // "hex"    $readmemh, extension .hex
    Mem,        // "mem"    $readmemh, extension .mem
    MemBinary,  // "memb"   $readmemb, .memb
    Coe,        // "coe"    Xilinx
    Mif,        // "mif"    Intel
    IntelHex,   // "ihex"   .ihex
    RawLittle,  // "bin-le" .le.bin, each packed word in whole bytes, least significant byte first
    RawBig,     // "bin-be" .be.bin
    Csv,        // "csv"    one row per packed word with a header row, the word and a column per lane
    Hls4ml,     // "dat"    tb_data text: one sample a line, decimal values, unpacked
    VitisTv,    // "tv"     .tv.dat, [[[runtime]]]
    CHeader,    // "header" .h, ap_int / ap_fixed / plain integers
    Finn,       // "finn"   .finn.dat, hex lines as its memories and simulations read them
};
[[nodiscard]] const std::vector<FileKind>& all_file_kinds();
[[nodiscard]] std::string file_kind_name(FileKind kind);       // as in --format
[[nodiscard]] std::string file_kind_extension(FileKind kind);  // ".tv.dat"
// "mem,coe"; InputError lists the kinds. Never empty, no kind twice.
[[nodiscard]] std::vector<FileKind> parse_file_kinds(const std::string& text);

// Everything a writer may say about the words beside the words.
struct WordFileContext {
    std::string name{};     // of the array: becomes the identifier of a C header, the array of an .npz
    std::string title{};    // first comment: 'layer "conv2d"'; empty: made from `name`
    std::string meaning{};  // second comment; empty: made from the format
    std::string axes{};     // of the third comment; empty: those of the layout, if it is known
    PackedShape shape{};
    Packing packing{};
    bool parameter = false;  // the 1 in front of shape.dims is no image axis: it is left out where a file states dims
};

// The bytes of the file. `words` are those of context.shape, unpacked, C order. InputError where the kind cannot hold
// them, with the reason (a word that does not fit its memory is never cut).
[[nodiscard]] std::string encode_words(FileKind kind, std::span<const std::int64_t> words,
                                       const WordFileContext& context);

// What a file says by itself. One of `packed`, `integers`, `decimals` is filled, and the other two are empty.
struct FileWords {
    std::optional<PackedWords> packed{};   // bit patterns
    bool bits_known = false;               // packed->bits is stated by the file, not just the width of its digits
    std::vector<std::int64_t> integers{};  // npy, csv, C arrays, coe in decimal
    Format container{.width = 64, .integer = 64, .is_signed = true};  // what `integers` are stored as
    std::vector<Decimal> decimals{};                                  // values, as hls4ml prints them
    std::vector<std::uint64_t> undefined{};     // ascending indices of words with x or z bits, which are 0 in `packed`
    std::vector<std::string> undefined_bits{};  // of each, most significant first: "0b10xx01zz"
    std::vector<std::uint64_t> undefined_lines{};
    Dims dims{};  // where the file has a shape: npy, one row per sample, transactions, comments of ours
    std::optional<Format> format{};   // of an element, where the file states it (a header's ap_fixed, comments of ours)
    std::optional<FixedType> type{};  // the same with its modes, where it states them, too
    std::optional<Layout> layout{};
    std::optional<Packing> packing{};  // by the comments of ours; then dims and format are there, too
    bool parameter = false;            // by the comments of ours: dims has no image axis
    // Of a csv with a column per lane: those integers, row by row, without the empty cells.
    std::vector<std::int64_t> lane_values{};
    std::vector<std::string> notes{};

    // Words as the file counts them.
    [[nodiscard]] std::size_t size() const {
        return packed ? packed->size() : integers.empty() ? decimals.size() : integers.size();
    }
};

// Guesses the kind from the file's name and its first bytes; empty when neither tells.
[[nodiscard]] std::optional<FileKind> detect_file_kind(const std::string& path, std::string_view bytes);

// Accepts what the vendors' tools accept. InputError with line or offset for everything else. `word_bits` is the width
// of a packed word, where the caller knows it (needed by bin-le, bin-be).
[[nodiscard]] FileWords decode_words(FileKind kind, std::string_view bytes, const std::string& where,
                                     std::optional<int> word_bits = std::nullopt);

}  // namespace bittrue
