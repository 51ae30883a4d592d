// Which kind of file this is, by its name and its first bytes.
#include <array>

#include "bittrue/vectors/word_file.hpp"
#include "word_parts.hpp"

namespace bittrue {
namespace {

constexpr std::size_t kHead = 1 << 16;

// What the tokens of a text look like.
struct Looks {
    bool commas = false, dots = false, minus = false, braces = false, prefix = false;
    bool hex_letters = false, decimals_only = true, hex_only = true, binary_only = true, any = false;
    bool leading_zeros = false, equal_lengths = true, unknown = false;
};

Looks look_at(std::string_view text) {
    Looks looks;
    std::size_t length = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at, 2) == "//") {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && !is_space(text[at]) && text[at] != ',') ++at;
        const std::string_view token = text.substr(begin, at - begin);
        if (at < text.size()) {
            looks.commas = looks.commas || text[at] == ',';
            ++at;
        }
        if (token.empty()) continue;
        looks.equal_lengths = looks.equal_lengths && (!looks.any || token.size() == length);
        length = token.size();
        looks.any = true;
        looks.prefix = looks.prefix || token.starts_with("0x") || token.starts_with("0X");
        looks.leading_zeros =
            looks.leading_zeros || (token.size() > 1 && token[0] == '0' && digit_value(token[1]) >= 0);
        looks.braces = looks.braces || token[0] == '{';
        looks.minus = looks.minus || token[0] == '-';
        looks.dots = looks.dots || token.find('.') != std::string_view::npos;
        looks.decimals_only = looks.decimals_only && parse_decimal(token).has_value();
        for (const char c : token) {
            const int value = digit_value(c);
            const bool unknown = c == 'x' || c == 'X' || c == 'z' || c == 'Z';
            looks.hex_letters = looks.hex_letters || value > 9;
            looks.unknown = looks.unknown || unknown;
            looks.hex_only = looks.hex_only && (value >= 0 || unknown || c == '_' || c == '@');
            looks.binary_only = looks.binary_only && (c == '0' || c == '1' || c == '_');
        }
    }
    return looks;
}

bool ends_with(const std::string& name, std::string_view end) {
    return name.size() > end.size() && std::string_view(name).ends_with(end);
}

// A text whose name says nothing, or .dat and .txt which say little.
std::optional<FileKind> kind_of_text(std::string_view text, bool dat) {
    if (text.find('\0') != std::string_view::npos) return {};
    // A cut last token may look like anything.
    if (text.size() == kHead) text = text.substr(0, text.find_last_of(" \r\n\t,") + 1);
    const Looks looks = look_at(text);
    if (!looks.any) return {};
    if (looks.braces || (looks.decimals_only && (looks.dots || looks.minus || looks.commas))) return FileKind::Hls4ml;
    if (looks.prefix && !looks.commas) return FileKind::Finn;
    if (looks.hex_only && !looks.commas &&
        (looks.hex_letters || looks.leading_zeros || looks.unknown || !looks.decimals_only)) {
        return dat ? FileKind::Finn : FileKind::Hex;
    }
    if (dat && looks.decimals_only) return FileKind::Hls4ml;
    return {};
}

}  // namespace

std::optional<FileKind> detect_file_kind(const std::string& path, std::string_view bytes) {
    const std::string name = lower_case(path);
    std::string_view head = bytes.substr(0, kHead);
    if (head.starts_with("\x93NUMPY")) return FileKind::Npy;
    if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return FileKind::Npz;
    while (!head.empty() && is_space(head.front())) head.remove_prefix(1);
    if (head.starts_with("[[[runtime]]]")) return FileKind::VitisTv;
    if (head.starts_with(':') && head.size() > 10 && digit_value(head[1]) >= 0) return FileKind::IntelHex;
    for (const FileKind kind : {FileKind::VitisTv, FileKind::Finn, FileKind::RawLittle, FileKind::RawBig, FileKind::Npy,
                                FileKind::Npz, FileKind::Hex, FileKind::Mem, FileKind::MemBinary, FileKind::Coe,
                                FileKind::Mif, FileKind::IntelHex, FileKind::Csv, FileKind::CHeader}) {
        if (ends_with(name, file_kind_extension(kind))) return kind;
    }
    for (const char* extension : {".hpp", ".hh", ".c", ".cc", ".cpp", ".inc"}) {
        if (ends_with(name, extension)) return FileKind::CHeader;
    }
    const std::string begin = lower_case(head.substr(0, 4096));
    for (const char* key : {"memory_initialization_radix", "memory_initialization_vector", "coefdata"}) {
        if (begin.find(key) != std::string::npos) return FileKind::Coe;
    }
    if (begin.find("address_radix") != std::string::npos || begin.find("content begin") != std::string::npos) {
        return FileKind::Mif;
    }
    if (begin.starts_with("word,hex")) return FileKind::Csv;
    return kind_of_text(head, ends_with(name, ".dat"));
}

}  // namespace bittrue
