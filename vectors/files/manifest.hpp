// The names of a vector set's manifest, shared by writer and reader.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/tensor.hpp"

namespace bittrue {

using Json = nlohmann::ordered_json;

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kParametersFolder = "parameters";
inline constexpr const char* kManifestFormat = "bittrue vector set";
inline constexpr int kManifestVersion = 2;  // 1 had npy and hex alone, without packing, and is still read

// InputError unless it is the manifest of a vector set of a version this program knows.
[[nodiscard]] Json parse_manifest(const std::string& text, const std::string& where);

// Indented, with every list of numbers or texts on one line, so that the file stays readable; ends with '\n'.
[[nodiscard]] std::string manifest_text(const Json& manifest);

// Paths of all files that the manifest names, relative to the directory, without those that lead out of it.
[[nodiscard]] std::set<std::string> manifest_files(const Json& manifest);

// A path in a manifest: NAME or parameters/NAME, so that a manifest never reaches outside its directory.
[[nodiscard]] bool is_plain_path(const std::string& path);
// Of a further file: names between slashes, without "." and "..".
[[nodiscard]] bool is_inner_path(const std::string& path);

// "image, row, column, channel"; "unknown" without a layout.
[[nodiscard]] std::string layout_text(const std::optional<Layout>& layout);
// InputError for a text that layout_text does not write.
[[nodiscard]] std::optional<Layout> parse_layout_text(const std::string& text, const std::string& where);

}  // namespace bittrue
