// One array file as a layer: what .npy, .npz and $readmemh readers have in common.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/npy.hpp"
#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

// Integers as they are; floating-point integers with a note; InputError with the index for anything else.
[[nodiscard]] VectorLayer layer_from_array(const std::string& name, NpyArray array, const std::string& where,
                                           std::vector<std::string>& notes);

// The words as patterns of unknown width in one axis. InputError for a file without words.
[[nodiscard]] VectorLayer layer_from_memory(const std::string& name, const std::string& text, const std::string& where);

// By the extension of `path`. A memory file that bittrue wrote takes format, shape and layout from its comments, with a
// note.
[[nodiscard]] VectorLayer read_layer_file(const std::string& path, const std::string& name,
                                          std::vector<std::string>& notes);
[[nodiscard]] bool is_npy_path(const std::string& path);
[[nodiscard]] bool is_memory_path(const std::string& path);

// A directory with a manifest.
[[nodiscard]] VectorSet read_manifest_directory(const std::string& directory, bool allow_edited);

}  // namespace bittrue
