// A file's format by its first bytes; names and extensions do not matter.
#pragma once

#include <cstdint>
#include <string>

namespace bittrue::detail {

enum class FileKind : std::uint8_t { Hdf5, Npz, Npy, Idx, Unknown };

// InputError when the file cannot be read. gzipped files count as Idx.
[[nodiscard]] FileKind kind_of(const std::string& path);

// At most `bytes` first bytes of the file.
[[nodiscard]] std::string read_head(const std::string& path, std::size_t bytes);

}  // namespace bittrue::detail
