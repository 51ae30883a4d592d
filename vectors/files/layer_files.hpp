// One file of words as a layer, outside a manifest.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/npy.hpp"
#include "bittrue/vectors/vector_files.hpp"

namespace bittrue {

// Integers as they are; floating-point integers with a note; InputError with the index for anything else.
[[nodiscard]] VectorLayer layer_from_array(const std::string& name, NpyArray array, const std::string& where,
                                           std::vector<std::string>& notes);

// The file's kind is options.as or detected; InputError where neither says it. Format, shape and packing are those of
// the file's comments (with a note), of options.packing with the layer of this name in options.schema, or unknown.
[[nodiscard]] VectorLayer layer_from_bytes(const std::string& bytes, const std::string& path, const std::string& name,
                                           const VectorReadOptions& options, std::vector<std::string>& notes);

// InputError at the first word with x or z.
void refuse_undefined(const FileWords& file, const std::string& where);

// The file's name without folder and without the extension of its kind.
[[nodiscard]] std::string layer_name_of(const std::string& path, std::optional<FileKind> kind);

// The layer of this name, or whose file would have this name; nullptr without.
[[nodiscard]] const VectorLayer* schema_layer(const VectorSet* schema, const std::string& name);

// A directory with a manifest.
[[nodiscard]] VectorSet read_manifest_directory(const std::string& directory, const VectorReadOptions& options);

}  // namespace bittrue
