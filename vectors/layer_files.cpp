#include "layer_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <system_error>

#include <fmt/core.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/model/npz.hpp"
#include "bittrue/vectors/memory_file.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "manifest.hpp"
#include "memory_header.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

std::string extension_of(const std::string& path) {
    std::string extension = fs::path(path).extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return extension;
}

std::string print_index(std::int64_t flat, const Dims& dims) {
    std::string text;
    for (std::size_t axis = dims.size(); axis-- > 0;) {
        const std::string one = std::to_string(flat % dims[axis]);
        text = text.empty() ? one : one + ", " + text;
        flat /= dims[axis];
    }
    return "[" + text + "]";
}

Format container_of(NpyType type) {
    switch (type) {
        case NpyType::Bool: return {.width = 1, .integer = 1, .is_signed = false};
        case NpyType::Int8: return {.width = 8, .integer = 8, .is_signed = true};
        case NpyType::Int16: return {.width = 16, .integer = 16, .is_signed = true};
        case NpyType::Int32: return {.width = 32, .integer = 32, .is_signed = true};
        case NpyType::UInt8: return {.width = 8, .integer = 8, .is_signed = false};
        case NpyType::UInt16: return {.width = 16, .integer = 16, .is_signed = false};
        case NpyType::UInt32: return {.width = 32, .integer = 32, .is_signed = false};
        case NpyType::UInt64: return {.width = 64, .integer = 64, .is_signed = false};
        case NpyType::Int64:
        case NpyType::Float16:
        case NpyType::Float32:
        case NpyType::Float64: break;
    }
    return {.width = 64, .integer = 64, .is_signed = true};
}

VectorSet read_loose_directory(const std::string& directory) {
    VectorSet set;
    std::error_code error;
    std::vector<fs::path> paths;
    for (auto entry = fs::directory_iterator(directory, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        const std::string path = entry->path().string();
        if (is_npy_path(path) || is_memory_path(path)) paths.push_back(entry->path());
    }
    if (error) throw InputError(directory, "cannot list the directory: " + error.message());
    if (paths.empty()) {
        throw InputError(directory, "has neither a manifest.json nor any .npy, .hex or .mem file named as a layer");
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
        const std::string name = path.stem().string();
        if (set.find(name) != nullptr) {
            throw InputError(directory, "has two files for layer '" + name + "'; keep one of .npy, .hex and .mem");
        }
        set.layers.push_back(read_layer_file(path.string(), name, set.notes));
    }
    set.notes.push_back(directory + " has no manifest.json: its " + std::to_string(paths.size()) +
                        " files are taken as the layers of their names");
    return set;
}

// What the comments of a file that bittrue wrote say about its words. Words that do not fit stay as they were read.
void apply_header(VectorLayer& layer, const std::string& text, const std::string& path,
                  std::vector<std::string>& notes) {
    const std::optional<MemoryHeader> header = read_memory_header(text);
    if (!header) return;
    const Format format = header->type.format;
    layer.type = header->type;
    std::string note = path + ": the format is that of its comments, " + print_type(header->type);
    auto rest = static_cast<std::int64_t>(layer.words.size());
    for (const std::int64_t dim : header->dims) rest = dim > 0 && rest % dim == 0 ? rest / dim : 0;
    const bool all_fit = std::all_of(layer.words.begin(), layer.words.end(), [format](std::int64_t word) {
        return static_cast<std::uint64_t>(word) == pattern_from_word(word, format);
    });
    if (rest == 1 && all_fit) {
        for (std::int64_t& word : layer.words) word = word_from_pattern(static_cast<std::uint64_t>(word), format);
        layer.patterns = false;
        layer.stored = format;
        layer.dims = header->dims;
        layer.layout = header->layout;
        note += ", and so is the shape, " + print_dims(layer.dims);
    }
    notes.push_back(note);
}

VectorSet read_npz_set(const std::string& path) {
    VectorSet set;
    for (NamedArray& entry : read_npz(path)) {
        set.layers.push_back(
            layer_from_array(entry.name, std::move(entry.array), path + ", array '" + entry.name + "'", set.notes));
    }
    if (set.layers.empty()) throw InputError(path, "holds no array");
    return set;
}

}  // namespace

bool is_npy_path(const std::string& path) {
    return extension_of(path) == ".npy";
}
bool is_memory_path(const std::string& path) {
    const std::string extension = extension_of(path);
    return extension == ".hex" || extension == ".mem";
}

VectorLayer layer_from_array(const std::string& name, NpyArray array, const std::string& where,
                             std::vector<std::string>& notes) {
    VectorLayer layer;
    layer.name = name;
    layer.dims = array.dims.empty() ? Dims{1} : array.dims;
    layer.stored = container_of(array.type);
    if (!array.is_real()) {
        layer.words = std::move(array.integers);
        return layer;
    }
    layer.words.reserve(array.reals.size());
    for (std::size_t i = 0; i < array.reals.size(); ++i) {
        const double real = array.reals[i];
        if (!(std::fabs(real) < 0x1p63) || std::trunc(real) != real) {
            throw InputError(where, "element " + print_index(static_cast<std::int64_t>(i), layer.dims) + " is " +
                                        fmt::format("{}", real) +
                                        ", which is no 64-bit integer: a vector holds raw words, value * 2^frac");
        }
        layer.words.push_back(static_cast<std::int64_t>(real));
    }
    notes.push_back(where + ": " + print_npy_type(array.type) + " numbers, all integers, are taken as raw words");
    return layer;
}

VectorLayer layer_from_memory(const std::string& name, const std::string& text, const std::string& where) {
    const MemoryWords memory = parse_memory(text, where);
    if (memory.patterns.empty()) throw InputError(where, "holds no words");
    VectorLayer layer;
    layer.name = name;
    layer.dims = {static_cast<std::int64_t>(memory.patterns.size())};
    layer.words.assign(memory.patterns.begin(), memory.patterns.end());
    layer.stored = {.width = 4 * memory.digits, .integer = 4 * memory.digits, .is_signed = false};
    layer.patterns = true;
    return layer;
}

VectorLayer read_layer_file(const std::string& path, const std::string& name, std::vector<std::string>& notes) {
    if (is_npy_path(path)) return layer_from_array(name, read_npy(path), path, notes);
    const std::string text = read_file(path);
    VectorLayer layer = layer_from_memory(name, text, path);
    apply_header(layer, text, path, notes);
    return layer;
}

VectorSet read_vector_set(const std::string& path, const VectorReadOptions& options) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) throw InputError(path, "does not exist or cannot be read");
    VectorSet set;
    if (fs::is_directory(status)) {
        set = fs::exists(fs::path(path) / kManifestName, error) ? read_manifest_directory(path, options.allow_edited)
                                                                : read_loose_directory(path);
    } else if (extension_of(path) == ".npz") {
        set = read_npz_set(path);
    } else if (is_npy_path(path) || is_memory_path(path)) {
        set.layers.push_back(read_layer_file(path, fs::path(path).stem().string(), set.notes));
    } else {
        throw InputError(path,
                         "is no vector set: expected a vector directory, or a file ending in .npz, .npy, .hex or .mem");
    }
    set.source = path;
    return set;
}

}  // namespace bittrue
