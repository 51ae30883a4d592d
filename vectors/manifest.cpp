#include "manifest.hpp"

#include <algorithm>
#include <array>

#include "bittrue/model/error.hpp"

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
    if (!manifest.contains("format_version") || manifest["format_version"] != kManifestVersion) {
        throw InputError(where, "\"format_version\" is not " + std::to_string(kManifestVersion) +
                                    ", the one this program reads; use the bittrue that wrote it");
    }
    return manifest;
}

std::set<std::string> manifest_files(const Json& manifest) {
    std::set<std::string> files{kManifestName};
    for (const char* list : {"layers", "parameters"}) {
        if (!manifest.contains(list) || !manifest[list].is_array()) continue;
        for (const Json& entry : manifest[list]) {
            for (const char* kind : {"npy", "hex"}) {
                if (!entry.is_object() || !entry.contains(kind) || !entry[kind].is_object()) continue;
                const Json& file = entry[kind];
                if (!file.contains("file") || !file["file"].is_string()) continue;
                const std::string path = file["file"];
                if (is_plain_path(path)) files.insert(path);
            }
        }
    }
    return files;
}

bool is_plain_path(const std::string& path) {
    const std::string folder = std::string(kParametersFolder) + "/";
    return is_plain_name(path.rfind(folder, 0) == 0 ? path.substr(folder.size()) : path);
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
