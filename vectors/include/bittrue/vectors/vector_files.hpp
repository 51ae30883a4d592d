// Vector sets on disk; docs/vector_format.md is the contract of the files.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/packing.hpp"
#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/vectors/word_file.hpp"

namespace bittrue {

// A text file beside the words.
struct SetFile {
    std::string path{};  // "tb/conv2d_tb.sv"
    std::string bytes{};
    bool executable = false;
};

// How a set is written: which kinds of files, and how words are packed in them. A kind that holds values or integers
// one by one (npy, npz, dat) ignores the packing.
struct VectorOptions {
    std::vector<FileKind> kinds{FileKind::Npy, FileKind::Hex};
    // Of every layer and parameter, without pe and simd. Its order is that of feature maps: parameters keep the order
    // in which they are stored.
    Packing packing{};
    std::map<std::string, Packing> packings{};  // by layer name, or "layer.role" for a parameter: instead of `packing`
    bool parameters = true;
    // More files of the set, relative to its directory: testbenches. Listed in the manifest, so that the set can be
    // replaced as a whole.
    std::vector<SetFile> extra{};
};

// Writes DIR/manifest.json, the layers as DIR/<name>.<extension of the kind> and the parameters under DIR/parameters/;
// npz puts all layers into layers.npz and all parameters into parameters.npz. The directory appears whole or not at
// all. An existing vector set is replaced in one step; an empty directory too. InputError, before anything is written,
// when DIR holds anything that is not part of a vector set, its parent is absent or not writable, a layer has no type,
// names are doubled or no UTF-8, a packing does not fit a layer or names none, a kind cannot hold the words. When
// *cancel becomes true before the directory appears, Interrupted is thrown soon. Neither leaves anything behind; a set
// that was there stays.
void write_vector_set(const std::string& directory, const VectorSet& set, const VectorOptions& options = {},
                      const std::atomic<bool>* cancel = nullptr);

// Whether write_vector_set could write to DIR, before a long run: the same InputError where DIR cannot be used. Leaves
// nothing behind.
void check_vector_directory(const std::string& directory);

struct VectorReadOptions {
    // A directory with a manifest: accept files that were changed or removed after bittrue wrote them, as a simulation
    // does that puts its dump in the place of the golden words. Each is named in VectorSet::notes; a removed layer is
    // absent. Where some of a layer's files were changed, those are read; they must agree.
    bool allow_edited = false;
    // Words with x or z bits are taken as VectorLayer::undefined; otherwise they are refused.
    bool allow_undefined = false;
    // Of a bare file: its kind (empty: detected) and how its words are packed.
    std::optional<FileKind> as{};
    Packing packing{};
    // Formats and shapes of layers by name, for files that state neither (the expected side of a comparison). A file of
    // wider words than its layer's is read as lanes, element 0 in the low bits, if the number of words fits: a note.
    const VectorSet* schema = nullptr;
};

// Reads what `path` is: a vector directory; a directory without a manifest whose files are named as layers; an .npz of
// integer arrays named as layers; one file of any kind of words. Outside a manifest a text that bittrue wrote has the
// format, shape, layout and packing of its comments, with a note. Floating-point arrays of integers are taken with a
// note. InputError names the file and what is wrong: absent, damaged, an element that is no integer (with its index), a
// checksum that is not the manifest's, x or z (with its line).
[[nodiscard]] VectorSet read_vector_set(const std::string& path, const VectorReadOptions& options = {});

// The file name (without extension) of each layer: letters, digits, '.', '_' and '-' are kept, all else becomes '_';
// unique even where case is ignored. manifest.json maps it back to the name.
[[nodiscard]] std::vector<std::string> file_stems(const std::vector<std::string>& names);

}  // namespace bittrue
