#include "bittrue/vectors/word_file.hpp"

#include <algorithm>

#include "bittrue/model/error.hpp"
#include "codecs.hpp"

namespace bittrue {

const std::vector<FileKind>& all_file_kinds() {
    static const std::vector<FileKind> kinds{FileKind::Npy,       FileKind::Npz,     FileKind::Hex, FileKind::Mem,
                                             FileKind::MemBinary, FileKind::Coe,     FileKind::Mif, FileKind::IntelHex,
                                             FileKind::RawLittle, FileKind::RawBig,  FileKind::Csv, FileKind::Hls4ml,
                                             FileKind::VitisTv,   FileKind::CHeader, FileKind::Finn};
    return kinds;
}

std::string file_kind_name(FileKind kind) {
    switch (kind) {
        case FileKind::Npy: return "npy";
        case FileKind::Npz: return "npz";
        case FileKind::Hex: return "hex";
        case FileKind::Mem: return "mem";
        case FileKind::MemBinary: return "memb";
        case FileKind::Coe: return "coe";
        case FileKind::Mif: return "mif";
        case FileKind::IntelHex: return "ihex";
        case FileKind::RawLittle: return "bin-le";
        case FileKind::RawBig: return "bin-be";
        case FileKind::Csv: return "csv";
        case FileKind::Hls4ml: return "dat";
        case FileKind::VitisTv: return "tv";
        case FileKind::CHeader: return "header";
        case FileKind::Finn: return "finn";
    }
    return {};
}

std::string file_kind_extension(FileKind kind) {
    switch (kind) {
        case FileKind::Npy: return ".npy";
        case FileKind::Npz: return ".npz";
        case FileKind::Hex: return ".hex";
        case FileKind::Mem: return ".mem";
        case FileKind::MemBinary: return ".memb";
        case FileKind::Coe: return ".coe";
        case FileKind::Mif: return ".mif";
        case FileKind::IntelHex: return ".ihex";
        case FileKind::RawLittle: return ".le.bin";
        case FileKind::RawBig: return ".be.bin";
        case FileKind::Csv: return ".csv";
        case FileKind::Hls4ml: return ".dat";
        case FileKind::VitisTv: return ".tv.dat";
        case FileKind::CHeader: return ".h";
        case FileKind::Finn: return ".finn.dat";
    }
    return {};
}

std::vector<FileKind> parse_file_kinds(const std::string& text) {
    std::string names;
    for (const FileKind kind : all_file_kinds()) names += (names.empty() ? "" : ", ") + file_kind_name(kind);
    std::vector<FileKind> kinds;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string one = text.substr(begin, end - begin);
        const auto& all = all_file_kinds();
        const auto kind = std::find_if(all.begin(), all.end(), [&](FileKind k) { return file_kind_name(k) == one; });
        if (kind == all.end()) {
            throw InputError("'" + text + "'", "the file formats of vectors are " + names + ", separated by commas");
        }
        if (std::find(kinds.begin(), kinds.end(), *kind) != kinds.end()) {
            throw InputError("'" + text + "'", "the file format " + one + " is given twice");
        }
        kinds.push_back(*kind);
        begin = end + 1;
    }
    return kinds;
}

void check_encodable(FileKind kind, const WordFileContext& context, const std::string& where) {
    const PackingPlan plan = plan_packing(context.packing, context.shape, where);
    std::string reason;
    switch (kind) {
        case FileKind::Hls4ml: reason = hls4ml_reason(context, plan); break;
        case FileKind::IntelHex: reason = intel_hex_reason(context, plan); break;
        case FileKind::CHeader: reason = c_header_reason(context, plan); break;
        case FileKind::Npy:
        case FileKind::Npz:
        case FileKind::Hex:
        case FileKind::Mem:
        case FileKind::MemBinary:
        case FileKind::Coe:
        case FileKind::Mif:
        case FileKind::RawLittle:
        case FileKind::RawBig:
        case FileKind::Csv:
        case FileKind::VitisTv:
        case FileKind::Finn: break;
    }
    if (!reason.empty()) throw InputError(where, reason);
}

void encode_to(FileKind kind, const WordSource& source, const ByteSink& sink) {
    check_encodable(kind, source.context(), source.context().name);
    TextOut out(sink);
    switch (kind) {
        case FileKind::Npy: encode_npy(source, sink); break;
        case FileKind::Npz: encode_npz(source, sink); break;
        case FileKind::Hex:
        case FileKind::Mem: encode_readmem(source, 16, out); break;
        case FileKind::MemBinary: encode_readmem(source, 2, out); break;
        case FileKind::Coe: encode_coe(source, out); break;
        case FileKind::Mif: encode_mif(source, out); break;
        case FileKind::IntelHex: encode_intel_hex(source, out); break;
        case FileKind::RawLittle: encode_raw(source, false, out); break;
        case FileKind::RawBig: encode_raw(source, true, out); break;
        case FileKind::Csv: encode_csv(source, out); break;
        case FileKind::Hls4ml: encode_hls4ml(source, out); break;
        case FileKind::VitisTv: encode_vitis_tv(source, out); break;
        case FileKind::CHeader: encode_c_header(source, out); break;
        case FileKind::Finn: encode_finn(source, out); break;
    }
    out.flush();
}

std::string encode_words(FileKind kind, std::span<const std::int64_t> words, const WordFileContext& context) {
    std::string bytes;
    encode_to(kind, WordSource(words, context), [&bytes](std::string_view part) { bytes += part; });
    return bytes;
}

FileWords decode_words(FileKind kind, std::string_view bytes, const std::string& where, std::optional<int> word_bits) {
    if (word_bits && (*word_bits < 1 || *word_bits > kMaxPackedBits)) {
        throw InputError(where, "words of " + std::to_string(*word_bits) + " bits are not from 1 to " +
                                    std::to_string(kMaxPackedBits));
    }
    switch (kind) {
        case FileKind::Npy: return decode_npy(bytes, where);
        case FileKind::Npz: return decode_npz(bytes, where);
        case FileKind::Hex:
        case FileKind::Mem: return decode_readmem(bytes, where, 16);
        case FileKind::MemBinary: return decode_readmem(bytes, where, 2);
        case FileKind::Coe: return decode_coe(bytes, where);
        case FileKind::Mif: return decode_mif(bytes, where);
        case FileKind::IntelHex: return decode_intel_hex(bytes, where, word_bits);
        case FileKind::RawLittle: return decode_raw(bytes, where, false, word_bits);
        case FileKind::RawBig: return decode_raw(bytes, where, true, word_bits);
        case FileKind::Csv: return decode_csv(bytes, where);
        case FileKind::Hls4ml: return decode_hls4ml(bytes, where);
        case FileKind::VitisTv: return decode_vitis_tv(bytes, where);
        case FileKind::CHeader: return decode_c_header(bytes, where);
        case FileKind::Finn: return decode_finn(bytes, where, word_bits);
    }
    return {};
}

}  // namespace bittrue
