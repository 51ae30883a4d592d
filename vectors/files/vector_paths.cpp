#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/npz.hpp"
#include "layer_files.hpp"
#include "manifest.hpp"
#include "word_parts.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

// By its extension a file of words that a directory without a manifest may hold. C headers and .npz lie about for
// other reasons.
std::optional<FileKind> loose_kind(const std::string& path) {
    const std::string name = lower_case(path);
    for (const FileKind kind : {FileKind::VitisTv, FileKind::Finn, FileKind::RawLittle, FileKind::RawBig, FileKind::Npy,
                                FileKind::Hex, FileKind::Mem, FileKind::MemBinary, FileKind::Coe, FileKind::Mif,
                                FileKind::IntelHex, FileKind::Csv, FileKind::Hls4ml}) {
        if (name.ends_with(file_kind_extension(kind))) return kind;
    }
    return {};
}

VectorSet read_loose_directory(const std::string& directory, const VectorReadOptions& options) {
    VectorSet set;
    std::error_code error;
    std::vector<fs::path> paths;
    for (auto entry = fs::directory_iterator(directory, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        const auto kind = loose_kind(entry->path().string());
        if (kind && (!options.as || kind == options.as)) paths.push_back(entry->path());
    }
    if (error) throw InputError(directory, "cannot list the directory: " + error.message());
    if (paths.empty()) {
        throw InputError(
            directory,
            "has neither a manifest.json nor any file of words (.npy, .hex, .mem, .coe, .csv, ...) named as a layer");
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
        const std::string name = layer_name_of(path.string(), loose_kind(path.string()));
        if (set.find(name) != nullptr) {
            throw InputError(directory, "has two files for layer '" + name + "'; keep one of them");
        }
        set.layers.push_back(layer_from_bytes(read_file(path.string()), path.string(), name, options, set.notes));
    }
    set.notes.push_back(directory + " has no manifest.json: its " + std::to_string(paths.size()) +
                        " files are taken as the layers of their names");
    return set;
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

VectorSet read_vector_set(const std::string& path, const VectorReadOptions& options) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) throw InputError(path, "does not exist or cannot be read");
    VectorSet set;
    if (fs::is_directory(status)) {
        set = fs::exists(fs::path(path) / kManifestName, error) ? read_manifest_directory(path, options)
                                                                : read_loose_directory(path, options);
    } else if (options.as ? options.as == FileKind::Npz : lower_case(path).ends_with(".npz")) {
        set = read_npz_set(path);
    } else {
        const std::string bytes = read_file(path);
        const auto kind = options.as ? options.as : detect_file_kind(path, bytes);
        if (kind == FileKind::Npz && !options.as) {
            set = read_npz_set(path);
        } else {
            set.layers.push_back(layer_from_bytes(bytes, path, layer_name_of(path, kind), options, set.notes));
        }
    }
    set.source = path;
    return set;
}

}  // namespace bittrue
