#include "dump/kinds.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "dump/digits.hpp"
#include "dump/names.hpp"
#include "dump/text_files.hpp"

namespace bittrue {
namespace dump {
namespace {

constexpr std::size_t kHead = 1 << 16;

constexpr std::array<std::pair<std::string_view, DumpKind>, 7> kNames{{{"vcd", DumpKind::Vcd},
                                                                       {"ila", DumpKind::IlaCsv},
                                                                       {"hls4ml-log", DumpKind::Hls4mlLog},
                                                                       {"decimals", DumpKind::Decimals},
                                                                       {"integers", DumpKind::Integers},
                                                                       {"hexwords", DumpKind::HexWords},
                                                                       {"text", DumpKind::PatternText}}};

std::string head_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string head(kHead, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    return head;
}

bool begins_as_vcd(std::string_view head) {
    head = trimmed(head);
    for (const std::string_view keyword :
         {"$date", "$version", "$timescale", "$scope", "$comment", "$var", "$attrbegin"}) {
        if (head.starts_with(keyword)) return true;
    }
    return false;
}

bool begins_as_ila(std::string_view head) {
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    head = trimmed(head);
    if (head.starts_with('"')) head.remove_prefix(1);
    return lower(head.substr(0, 16)) == "sample in buffer";
}

// The last number may be cut off.
std::string_view whole_lines(std::string_view head) {
    if (head.size() < kHead) return head;
    const std::size_t stop = head.find_last_of(" \t\r\n,");
    return stop == std::string_view::npos ? head : head.substr(0, stop);
}

void refuse(const std::string& path, std::string_view head) {
    const std::string name = lower(path);
    if (head.starts_with("\x1f\x8b") || name.ends_with(".gz")) {
        throw InputError(path, "is compressed; unpack it first (gunzip)");
    }
    if (name.ends_with(".fst")) throw InputError(path, "is an FST; convert it to a VCD first (fst2vcd)");
    if (head.starts_with("GHDLwave")) {
        throw InputError(path, "is a GHW; let GHDL write a VCD instead (--vcd=FILE in place of --wave)");
    }
    if (name.ends_with(".wlf") || name.ends_with(".wdb") || name.ends_with(".fsdb") || name.ends_with(".shm")) {
        throw InputError(path, "is the database of one simulator; let it write a VCD ($dumpfile, $dumpvars)");
    }
}

}  // namespace

KindOfDump parse_kind(const std::string& name, const std::string& where) {
    for (const auto& [known, kind] : kNames) {
        if (name == known) return {.kind = kind, .file = {}};
    }
    for (const FileKind kind : all_file_kinds()) {
        if (name == file_kind_name(kind)) return {.kind = DumpKind::Words, .file = kind};
    }
    throw InputError(
        where, fmt::format("'{}' is no kind of dump; the kinds are {}", name, fmt::join(dump_kind_names(), ", ")));
}

KindOfDump detect_kind(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return {};
    if (!std::filesystem::exists(path, error)) throw InputError(path, "does not exist; check the path");
    const std::string head = head_of(path);
    refuse(path, head);
    const std::string name = lower(std::filesystem::path(path).filename().string());
    if (begins_as_vcd(head) || name.ends_with(".vcd")) return {.kind = DumpKind::Vcd, .file = {}};
    if (begins_as_ila(head)) return {.kind = DumpKind::IlaCsv, .file = {}};
    const NumberLook look = look_of_numbers(whole_lines(head));
    const bool decimal = look == NumberLook::Integers || look == NumberLook::Values;
    if (name.ends_with(".log") && decimal) return {.kind = DumpKind::Hls4mlLog, .file = {}};
    const bool plain = name.ends_with(".txt") || name.ends_with(".out") || name.ends_with(".log") ||
                       name.find('.') == std::string::npos;
    if (!plain || look == NumberLook::None) {
        if (const std::optional<FileKind> file = detect_file_kind(path, head)) {
            return {.kind = DumpKind::Words, .file = file};
        }
    }
    switch (look) {
        case NumberLook::Hex: return {.kind = DumpKind::HexWords, .file = {}};
        case NumberLook::Integers: return {.kind = DumpKind::Integers, .file = {}};
        case NumberLook::Values: return {.kind = DumpKind::Decimals, .file = {}};
        case NumberLook::None: break;
    }
    throw InputError(path, fmt::format("neither its name nor its first bytes tell what kind of dump it is; say it with "
                                       "--as ({}), or describe its lines with a pattern",
                                       fmt::join(dump_kind_names(), ", ")));
}

}  // namespace dump

std::vector<std::string> dump_kind_names() {
    std::vector<std::string> names;
    for (const auto& [name, kind] : dump::kNames) names.emplace_back(name);
    for (const FileKind kind : all_file_kinds()) names.push_back(file_kind_name(kind));
    return names;
}

}  // namespace bittrue
