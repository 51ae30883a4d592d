#include "manifest.hpp"

#include <algorithm>
#include <array>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/word_file.hpp"

namespace bittrue {
namespace {

bool is_plain_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char c) { return c != '/' && c != '\\' && c != '\0'; });
}

void append(std::string& text, const Json& json, const std::string& indent) {
    const bool flat =
        json.is_array() && std::none_of(json.begin(), json.end(), [](const Json& one) { return one.is_structured(); });
    if (!json.is_structured() || json.empty()) {
        text += json.dump();
        return;
    }
    if (flat) {
        text += '[';
        for (std::size_t i = 0; i < json.size(); ++i) text += (i == 0 ? "" : ", ") + json[i].dump();
        text += ']';
        return;
    }
    const std::string inner = indent + "  ";
    text += json.is_object() ? "{" : "[";
    bool first = true;
    for (const auto& [key, value] : json.items()) {
        text += first ? "\n" : ",\n";
        first = false;
        text += inner;
        if (json.is_object()) text += Json(key).dump() + ": ";
        append(text, value, inner);
    }
    text += "\n" + indent + (json.is_object() ? "}" : "]");
}

}  // namespace

std::string manifest_text(const Json& manifest) {
    std::string text;
    append(text, manifest, "");
    return text + "\n";
}

Json parse_manifest(const std::string& text, const std::string& where) {
    Json manifest = Json::parse(text, nullptr, false);
    if (manifest.is_discarded()) throw InputError(where, "is not complete JSON; write the vectors again");
    if (!manifest.is_object() || !manifest.contains("format") || manifest["format"] != kManifestFormat) {
        throw InputError(
            where, std::string("is not the manifest of a vector set: \"format\" is not \"") + kManifestFormat + "\"");
    }
    const bool known = manifest.contains("format_version") &&
                       (manifest["format_version"] == 1 || manifest["format_version"] == kManifestVersion);
    if (!known) {
        throw InputError(where, "\"format_version\" is not 1 or " + std::to_string(kManifestVersion) +
                                    ", which this program reads; use the bittrue that wrote it");
    }
    return manifest;
}

std::set<std::string> manifest_files(const Json& manifest) {
    std::set<std::string> files{kManifestName};
    const auto add = [&files](const Json& file) {
        if (!file.is_object() || !file.contains("file") || !file["file"].is_string()) return;
        const std::string path = file["file"];
        if (is_inner_path(path)) files.insert(path);
    };
    const auto each = [&manifest](const char* list, const auto& visit) {
        if (!manifest.contains(list) || !manifest[list].is_array()) return;
        for (const Json& entry : manifest[list]) visit(entry);
    };
    for (const char* list : {"layers", "parameters"}) {
        each(list, [&](const Json& entry) {
            for (const FileKind kind : all_file_kinds()) {
                const std::string name = file_kind_name(kind);
                if (entry.is_object() && entry.contains(name)) add(entry[name]);
            }
        });
    }
    each("extra", add);
    return files;
}

bool is_plain_path(const std::string& path) {
    const std::string folder = std::string(kParametersFolder) + "/";
    return is_plain_name(path.rfind(folder, 0) == 0 ? path.substr(folder.size()) : path);
}

bool is_inner_path(const std::string& path) {
    for (std::size_t begin = 0;;) {
        const std::size_t slash = path.find('/', begin);
        if (!is_plain_name(path.substr(begin, slash == std::string::npos ? slash : slash - begin))) return false;
        if (slash == std::string::npos) return true;
        begin = slash + 1;
    }
}

std::string layout_text(const std::optional<Layout>& layout) {
    if (!layout) return "unknown";
    switch (*layout) {
        case Layout::Vector: return "image, channel";
        case Layout::Hwc: return "image, row, column, channel";
        case Layout::Chw: return "image, channel, row, column";
    }
    return {};
}

std::optional<Layout> parse_layout_text(const std::string& text, const std::string& where) {
    if (text == layout_text({})) return {};
    for (const Layout layout : std::array{Layout::Vector, Layout::Hwc, Layout::Chw}) {
        if (text == layout_text(layout)) return layout;
    }
    throw InputError(where, "\"layout\" is '" + text + "'; known are '" + layout_text(Layout::Vector) + "', '" +
                                layout_text(Layout::Hwc) + "' and '" + layout_text(Layout::Chw) + "'");
}

}  // namespace bittrue
