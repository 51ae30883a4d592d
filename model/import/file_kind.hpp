// A file's format by its first bytes; names and extensions do not matter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bittrue::detail {

// A KerasArchive is a zip archive like an Npz, and is known by what it holds; so is Onnx, which has no first bytes of
// its own.
enum class FileKind : std::uint8_t { Hdf5, KerasArchive, Onnx, Npz, Npy, Idx, Unknown };

// gzipped bytes count as Idx, every zip archive as Npz.
[[nodiscard]] FileKind kind_of(std::string_view bytes);

inline constexpr const char* kNoWeightsFile = "is not a weights file; .keras, .h5, .onnx, .npz and .npy are read";

struct FileContent {
    FileKind kind = FileKind::Unknown;
    std::string bytes{};  // empty for Hdf5, whose library opens the file by its path
};

// Reads the file once, so that a pipe will do. InputError when it cannot be read, or is HDF5 but no regular file.
[[nodiscard]] FileContent read_content(const std::string& path);

// At most `bytes` first bytes of a regular file; empty for a pipe or a device, from which nothing is taken.
[[nodiscard]] std::string read_head(const std::string& path, std::size_t bytes);

}  // namespace bittrue::detail
