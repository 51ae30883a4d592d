// Vector sets on disk; docs/vector_format.md is the contract of the files.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

struct VectorFormats {
    bool npy = true;
    bool hex = true;  // $readmemh
};
// "npy", "hex" or "npy,hex"; InputError otherwise.
[[nodiscard]] VectorFormats parse_vector_formats(const std::string& text);

// Writes DIR/manifest.json, the layers as DIR/<name>.npy and .hex and the parameters under DIR/parameters/. The
// directory appears whole or not at all. An existing vector set is replaced in one step; an empty directory too.
// InputError when DIR holds anything that is not part of a vector set, its parent is absent or not writable, a layer
// has no type, names are doubled or no UTF-8. When *cancel becomes true before the directory appears, Interrupted is
// thrown soon (between two files). Neither leaves anything behind; a set that was there stays.
void write_vector_set(const std::string& directory, const VectorSet& set, const VectorFormats& formats = {},
                      const std::atomic<bool>* cancel = nullptr);

// Whether write_vector_set could write to DIR, before a long run: the same InputError where DIR cannot be used. Leaves
// nothing behind.
void check_vector_directory(const std::string& directory);

struct VectorReadOptions {
    // A directory with a manifest: accept files that were changed or removed after bittrue wrote them, as a simulation
    // does that puts its dump in the place of the golden words. Each is named in VectorSet::notes; a removed layer is
    // absent. Where only one of a layer's .npy and .hex was changed, that one is read.
    bool allow_edited = false;
};

// Reads what `path` is: a vector directory; a directory without a manifest that holds .npy, .hex or .mem files named as
// layers; an .npz of integer arrays named as layers; one .npy; one $readmemh file (.hex, .mem). Outside a manifest a
// .hex that bittrue wrote has the format, shape and layout of its comments, with a note. Floating-point arrays of
// integers are taken with a note. InputError names the file and what is wrong: absent, damaged, an element that is no
// integer (with its index), a checksum that is not the manifest's, x or z (with its line).
[[nodiscard]] VectorSet read_vector_set(const std::string& path, const VectorReadOptions& options = {});

// The file name (without extension) of each layer: letters, digits, '.', '_' and '-' are kept, all else becomes '_';
// unique even where case is ignored. manifest.json maps it back to the name.
[[nodiscard]] std::vector<std::string> file_stems(const std::vector<std::string>& names);

}  // namespace bittrue
